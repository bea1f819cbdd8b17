/** Writes the generated files: openapi.yaml, docs/configuration.md, docs/ops.md. With `--check` says which are stale instead. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configSchema } from '../dist/config.js';
import { publicOps, signature } from '../dist/engine/index.js';
import { openapiYaml } from '../dist/routes/docs.js';
import { version } from '../dist/version.js';

function configuration() {
  const rows = Object.entries(configSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined).data;
    const shown = fallback === undefined ? 'not set' : `\`${fallback}\``;
    return `| \`${name}\` | ${shown} | ${schema.description} |`;
  });
  return `# Configuration

Every setting is an environment variable. It is read once, at the start; a value that cannot be used stops the start with a message that names each such variable. This table is generated from the schema in \`src/config.ts\`.

| variable | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** The name of the node where it is always the same. */
function gradFn(op) {
  if (op.composite) return 'made of other operations';
  if (!op.differentiable) return 'not differentiable';
  try {
    return `\`${op.gradFnName({ ...op.blank })}\``;
  } catch {
    return 'depends on the arguments';
  }
}

/** The gradient rules as they stand in the table. */
const formulas = (op) =>
  op.edges.map(({ name, rule }) => {
    const text = rule
      .toString()
      .replace(/\s+/g, ' ')
      .replace(/^\w+\(/, '(');
    return `  - d \`${name}\`: \`${text.length > 300 ? `${text.slice(0, 300)}…` : text.replaceAll('`', "'")}\``;
  });

function operations() {
  const entries = publicOps()
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((op) =>
      [
        `- \`${signature(op)}\`: ${op.doc}${op.aliases.length > 0 ? ` Also \`${op.aliases.join('`, `')}\`.` : ''} ${gradFn(op)}.`,
        ...formulas(op),
      ].join('\n'),
    );
  return `# Operations

Every operation of the catalogue: signature, what it does, the node of the trace, and the rule of each gradient as it stands in the table (\`g\` is the gradient of the result, \`out\` the result). Rules are made of differentiable operations, so there are derivatives of any order. This page is generated; \`GET /v1/ops\` has the same as data.

${entries.join('\n')}
`;
}

const files = {
  'openapi.yaml': openapiYaml(version),
  'docs/configuration.md': configuration(),
  'docs/ops.md': operations(),
};
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
