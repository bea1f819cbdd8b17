/** Writes the generated files: openapi.yaml, docs/configuration.md. With `--check` says which are stale instead. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configSchema } from '../dist/config.js';
import { openapiYaml } from '../dist/routes/docs.js';
import { version } from '../dist/version.js';

function configuration() {
  const rows = Object.entries(configSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined).data;
    return `| \`${name}\` | \`${fallback}\` | ${schema.description} |`;
  });
  return `# Configuration

Every setting is an environment variable. It is read once, at the start; a value that cannot be used stops the start with a message that names each such variable. This table is generated from the schema in \`src/config.ts\`.

| variable | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

const files = { 'openapi.yaml': openapiYaml(version), 'docs/configuration.md': configuration() };
const root = new URL('../', import.meta.url);
const stale = Object.entries(files).filter(([name, text]) => {
  try {
    return readFileSync(new URL(name, root), 'utf8') !== text;
  } catch {
    return true;
  }
});
if (!process.argv.includes('--check')) {
  for (const [name, text] of stale) writeFileSync(new URL(name, root), text);
} else if (stale.length > 0) {
  console.error(`Stale: ${stale.map(([name]) => name).join(', ')}. Run: npm run generate`);
  process.exit(1);
}
