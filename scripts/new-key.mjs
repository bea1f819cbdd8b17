/** Makes an API key: `npm run key -- NAME [SCOPE+SCOPE]`. The key is shown once; the service is given its hash only. */
import { createHash, randomBytes } from 'node:crypto';
import { parseKeys } from '../dist/keys.js';

const [name, scopes] = process.argv.slice(2);
const key = `gradd_${randomBytes(32).toString('base64url')}`;
const sha256 = createHash('sha256').update(key).digest('hex');
const entry = [name ?? '', sha256, ...(scopes === undefined ? [] : [scopes])].join(':');
const { entries, faults } = parseKeys(entry);
if (faults !== undefined || entries.length !== 1) {
  console.error(`Usage: npm run key -- NAME [SCOPE+SCOPE]\n${(faults ?? []).join('\n')}`);
  process.exit(1);
}
console.log(`The key, shown only now:
  ${key}

For API_KEYS:
  ${entry}

For the file API_KEYS_FILE, among "keys":
  ${JSON.stringify({ name, sha256, scopes: entries[0].scopes })}`);
