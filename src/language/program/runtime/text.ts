import { machine } from './machine.ts';
import { hostType, type Py, PyIterator, type PyType } from './object.ts';

/** Whether a text has characters that take two places in JavaScript. */
export const hasSurrogates = (text: string): boolean => /[\ud800-\udfff]/.test(text);

/** The characters of a text, as Python counts them. */
export function codePoints(text: string): string[] {
  machine.spend(text.length >> 4);
  return Array.from(text);
}

/** `text * times`. */
export function repeatText(text: string, times: number): string {
  if (times <= 0 || text === '') return '';
  machine.allocate(2 * text.length * times);
  machine.spend((text.length * times) >> 6);
  return text.repeat(times);
}

const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** `repr` of a text. */
export function quoted(text: string): string {
  machine.allocate(2 * text.length);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const plain = /^[ !#-&(-[\]-~]*$/.test(text);
  if (plain) return `${quote}${text}${quote}`;
  let out = '';
  for (const c of text) {
    if (named[c] !== undefined) out += named[c];
    else if (c === quote) out += `\\${c}`;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(c)) out += c;
    else out += escaped(c.codePointAt(0) as number);
  }
  return `${quote}${out}${quote}`;
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** `ascii` of a text that `repr` made. */
export function asciiOnly(text: string): string {
  let out = '';
  for (const c of text) out += c < '\x80' ? c : escaped(c.codePointAt(0) as number);
  return out;
}

const stringIterator = hostType('str_ascii_iterator');

export class StringIterator extends PyIterator {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    super();
    this.text = text;
  }

  get type(): PyType {
    return stringIterator;
  }

  next(): Py | undefined {
    const code = this.text.codePointAt(this.position);
    if (code === undefined) return undefined;
    const c = String.fromCodePoint(code);
    this.position += c.length;
    return c;
  }
}
