/** Encodings that have other names (RFC 9110, 8.4.1). */
const aliases: Record<string, string> = { 'x-gzip': 'gzip' };

/** The weight of each encoding in an `Accept-Encoding` header; what is malformed counts as not there. */
function weights(header: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim());
    if (name === '') continue;
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
    if (/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q)) found.set(aliases[name] ?? name, Number(q));
  }
  return found;
}

/**
 * The encoding of `offered` that an `Accept-Encoding` header likes best (RFC 9110, 12.5.3); of those that it likes
 * equally, the first. null where the answer had better be sent as it is.
 */
export function negotiate<Name extends string>(
  header: string | undefined,
  offered: readonly Name[],
): Name | null {
  if (header === undefined) return null;
  const given = weights(header);
  const others = given.get('*') ?? 0;
  let best: Name | null = null;
  // Who names identity says how much it is wanted; else anything acceptable is better.
  let weight = given.get('identity') ?? 0;
  for (const name of offered) {
    const q = given.get(name) ?? others;
    if (q > weight || (best === null && q > 0 && q === weight)) {
      best = name;
      weight = q;
    }
  }
  return best;
}
