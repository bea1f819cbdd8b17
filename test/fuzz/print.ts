import type { Finding, Report } from './fuzz.ts';

/** A body longer than this is not printed whole. */
const LONG = 4000;

function bodyText(body: Buffer): string {
  const text = body.toString('utf8');
  const printable = Buffer.from(text).equals(body);
  const shown = printable ? text : `base64 ${body.toString('base64')}`;
  return shown.length > LONG ? `${shown.slice(0, LONG)}… (${body.length} bytes)` : shown;
}

/** A finding and how to see it again. */
export function printedFinding({ rule, detail, seed, index, sent }: Finding): string {
  const { method, target, headers, body, length, kind } = sent;
  const lines = [`${rule}: ${detail.slice(0, 1000)}`];
  if (method !== '') {
    lines.push(
      `  ${method} ${target.slice(0, 400)}`,
      ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value.slice(0, 200)}`),
    );
    if (length !== undefined) lines.push(`  content-length: ${length}`);
    if (body) lines.push(`  ${bodyText(body)}`);
    lines.push(`  ${kind}; again: npm run fuzz -- --seed ${seed} --only ${index}`);
  }
  return lines.join('\n');
}

const counts = (record: Record<string, number>): string =>
  Object.entries(record)
    .map(([key, count]) => `${key} ${count}`)
    .join(', ');

/** What a run has seen. */
export function printedReport({
  sent,
  seconds,
  statuses,
  codes,
  slowestMs,
  memory,
  unsendable,
  findings,
}: Report): string {
  return [
    `${sent} requests in ${seconds.toFixed(0)} s (${unsendable} that cannot be sent)`,
    `statuses: ${counts(statuses)}`,
    `problems: ${counts(codes)}`,
    `slowest ${slowestMs.toFixed(0)} ms${memory === null ? '' : `, memory at the end ${(memory / 2 ** 20).toFixed(0)} MiB`}`,
    `findings: ${findings.length}`,
    ...findings.map(printedFinding),
  ].join('\n');
}
