import { syntaxError } from './errors.ts';

const INTEGER = /^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|[1-9](?:_?\d)*|0(?:_?0)*)$/;
const FLOAT = /^(?:\d(?:_?\d)*)?\.?(?:\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/;
/** Digits beyond which Python itself refuses to read an int. */
const MAX_DIGITS = 4300;

/** A number: `bigint` for an int, `number` for a float. */
export function parseNumber(source: string, text: string, at: number): bigint | number {
  if (INTEGER.test(source)) {
    if (source.length > MAX_DIGITS) {
      throw syntaxError(`Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`, text, at);
    }
    return BigInt(source.replaceAll('_', '').toLowerCase());
  }
  if (/^0\d/.test(source) && /^[\d_]+$/.test(source)) {
    const message =
      'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers';
    throw syntaxError(message, text, at);
  }
  if (/[jJ]$/.test(source)) throw syntaxError('complex numbers are not available', text, at);
  if (FLOAT.test(source) && /\d/.test(source)) return Number(source.replaceAll('_', ''));
  throw syntaxError('invalid decimal literal', text, at);
}

const escapes: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '0': '\0',
};

/** The characters of a string literal; bytes and formatted strings are refused. */
export function parseString(source: string, text: string, at: number): string {
  const match = /^([a-zA-Z]*)('''|"""|'|")([\s\S]*)\2$/.exec(source);
  if (match === null) throw syntaxError('unterminated string literal (detected at line 1)', text, at);
  const [, prefix, , body] = match as unknown as [string, string, string, string];
  if (/[bf]/i.test(prefix)) throw syntaxError('only plain strings are available', text, at);
  if (/r/i.test(prefix)) return body;
  return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|\n|.)/g, (whole, code: string) => {
    if (code === '\n') return '';
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return Object.hasOwn(escapes, code) ? (escapes[code] as string) : whole;
  });
}
