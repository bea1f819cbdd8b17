import { method } from '../runtime/args.ts';
import { IndexError, raise, typeError, valueError } from '../runtime/exceptions.ts';
import { formatValue } from '../runtime/format.ts';
import { Builtin } from '../runtime/function.ts';
import { machine } from '../runtime/machine.ts';
import { keyError, PyDict } from '../runtime/mappings.ts';
import { type Keywords, nameOfType, type Py, PyObject, strType } from '../runtime/object.ts';
import { getAttribute, getItem, itemsOf, repr, str, truth } from '../runtime/operations.ts';
import { PyScalar, plain } from '../runtime/scalar.ts';
import { asIndex, clamp, intArgument, PyList, PySlice, PyTuple, reserve } from '../runtime/sequences.ts';
import { asciiOnly, codePoints, hasSurrogates } from '../runtime/text.ts';

/** A new text; its bytes are taken before it is made where it may be long. */
function made(text: string): string {
  machine.allocate(2 * text.length);
  return text;
}

const SPACE = '\\s\\x1c-\\x1f\\x85';
const leading = new RegExp(`^[${SPACE}]+`);
const word = new RegExp(`[^${SPACE}]+`, 'g');
const trailing = new RegExp(`[${SPACE}]+$`);

function wanted(value: Py, what: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`${what}${nameOfType(value)}`);
}

const define = (signature: string, run: (self: string, ...given: Py[]) => Py): void => {
  const builtin = method<string>(`str.${signature}`, (self, ...given) => {
    for (let i = 0; i < given.length; i++)
      if (given[i] instanceof PyScalar) given[i] = (given[i] as PyScalar).value;
    return run(self, ...given);
  });
  strType.define(builtin.name, builtin);
};

function strip(text: string, chars: Py, left: boolean, right: boolean): string {
  if (chars === null) {
    const rest = left ? text.replace(leading, '') : text;
    if (!right) return rest;
    let end = rest.length;
    while (end > 0 && trailing.test(rest[end - 1] as string)) end--;
    return rest.slice(0, end);
  }
  const set = new Set(codePoints(wanted(chars, 'strip arg must be None or str, not ')));
  const points = codePoints(text);
  let start = 0;
  let end = points.length;
  if (left) while (start < end && set.has(points[start] as string)) start++;
  if (right) while (end > start && set.has(points[end - 1] as string)) end--;
  return points.slice(start, end).join('');
}

/** The part of a text between two bounds, and where it begins. */
function part(text: string, start: Py, stop: Py): { text: string; from: number } | null {
  if (start === null && stop === null) return { text, from: 0 };
  if (hasSurrogates(text)) {
    const points = codePoints(text);
    const bounds = new PySlice(start, stop, null).indices(points.length);
    return { text: points.slice(bounds.start, bounds.stop).join(''), from: bounds.start };
  }
  const bounds = new PySlice(start, stop, null).indices(text.length);
  if (start !== null && clamp(asIndex(start) ?? 0n) > text.length) return null;
  return { text: text.slice(bounds.start, Math.max(bounds.start, bounds.stop)), from: bounds.start };
}

function find(self: string, sub: Py, start: Py, stop: Py, last: boolean): number {
  const needle = wanted(sub, 'must be str, not ');
  const within = part(self, start, stop);
  if (within === null) return -1;
  machine.spend(self.length >> 6);
  const at = last ? within.text.lastIndexOf(needle) : within.text.indexOf(needle);
  if (at < 0) return -1;
  return within.from + (hasSurrogates(within.text) ? codePoints(within.text.slice(0, at)).length : at);
}

function affix(self: string, wantedPart: Py, start: Py, stop: Py, name: 'startswith' | 'endswith'): boolean {
  const within = part(self, start, stop);
  const list = wantedPart instanceof PyTuple ? wantedPart.items : [wantedPart];
  return list.some((item) => {
    const text = wanted(item, `${name} first arg must be str or a tuple of str, not `);
    if (within === null) return false;
    return name === 'startswith' ? within.text.startsWith(text) : within.text.endsWith(text);
  });
}

function split(self: string, sep: Py, most: Py, right: boolean): Py {
  const limit = clamp(intArgument(most));
  machine.spend(self.length >> 3);
  let parts: string[];
  if (sep === null) parts = splitSpace(self, limit, right);
  else {
    const by = wanted(sep, 'must be str or None, not ');
    if (by === '') throw valueError('empty separator');
    parts = self.split(by);
    if (limit >= 0 && parts.length > limit + 1) {
      parts = right
        ? [parts.slice(0, parts.length - limit).join(by), ...parts.slice(parts.length - limit)]
        : [...parts.slice(0, limit), parts.slice(limit).join(by)];
    }
  }
  reserve(parts.length);
  made(self);
  return new PyList(parts);
}

/** Words between blanks; beyond the limit, what is left stays as it is. */
function splitSpace(text: string, limit: number, right: boolean): string[] {
  const words = [...text.matchAll(word)].map(({ 0: found, index }) => ({ found, index }));
  if (limit < 0 || words.length <= limit) return words.map(({ found }) => found);
  if (right) {
    const kept = words.slice(words.length - limit);
    const before = words[words.length - limit - 1] as (typeof words)[0];
    return [text.slice(0, before.index + before.found.length), ...kept.map(({ found }) => found)];
  }
  const next = words[limit] as (typeof words)[0];
  return [...words.slice(0, limit).map(({ found }) => found), text.slice(next.index)];
}

function justified(self: string, width: Py, fill: Py, align: '<' | '>' | '^'): string {
  const wide = clamp(intArgument(width));
  const c = wanted(fill, 'The fill character must be a unicode character, not ');
  if (codePoints(c).length !== 1) throw typeError('The fill character must be exactly one character long');
  const length = codePoints(self).length;
  const missing = wide - length;
  if (missing <= 0) return self;
  machine.allocate(2 * wide * c.length);
  if (align === '<') return self + c.repeat(missing);
  if (align === '>') return c.repeat(missing) + self;
  // CPython's way with an odd rest.
  const left = Math.floor(missing / 2) + (missing & wide & 1);
  return c.repeat(left) + self + c.repeat(missing - left);
}

const every = (self: string, pattern: RegExp): boolean => self !== '' && pattern.test(self);

define('upper()', (self) => made(self.toUpperCase()));
define('lower()', (self) => made(self.toLowerCase()));
define('casefold()', (self) => made(self.toLowerCase().replaceAll('ß', 'ss')));
define('capitalize()', (self) => {
  const [first = '', ...rest] = codePoints(self);
  return made(first.toUpperCase() + rest.join('').toLowerCase());
});
define('title()', (self) =>
  made(self.replace(/\p{L}+/gu, (word) => (word[0] as string).toUpperCase() + word.slice(1).toLowerCase())),
);
define('swapcase()', (self) =>
  made(
    codePoints(self)
      .map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()))
      .join(''),
  ),
);
define('strip(chars=None, /)', (self, chars) => strip(self, chars as Py, true, true));
define('lstrip(chars=None, /)', (self, chars) => strip(self, chars as Py, true, false));
define('rstrip(chars=None, /)', (self, chars) => strip(self, chars as Py, false, true));
define('split(sep=None, maxsplit=-1)', (self, sep, most) => split(self, sep as Py, most as Py, false));
define('rsplit(sep=None, maxsplit=-1)', (self, sep, most) => split(self, sep as Py, most as Py, true));
/** Ends of lines, as Python's texts have them. */
const LINE_END = '\\r\\n|[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]';
const lineEnd = new RegExp(LINE_END, 'g');

define('splitlines(keepends=False)', (self, keep) => {
  const lines: string[] = [];
  let from = 0;
  for (const { 0: end, index } of self.matchAll(lineEnd)) {
    lines.push(self.slice(from, truth(keep as Py) ? index + end.length : index));
    from = index + end.length;
  }
  if (from < self.length) lines.push(self.slice(from));
  reserve(lines.length);
  made(self);
  return new PyList(lines);
});
define('join(iterable, /)', (self, iterable) => {
  if (typeof iterable !== 'string' && !(iterable instanceof PyObject && iterable.iterate() !== undefined)) {
    throw typeError('can only join an iterable');
  }
  const items = itemsOf(iterable).map(plain);
  let length = self.length * items.length;
  items.forEach((item, i) => {
    if (typeof item !== 'string') {
      throw typeError(`sequence item ${i}: expected str instance, ${nameOfType(item)} found`);
    }
    length += item.length;
  });
  machine.allocate(2 * length);
  return (items as string[]).join(self);
});
define('replace(old, new, count=-1, /)', (self, old, by, count) => {
  const [from, to] = [
    wanted(old as Py, 'replace() argument 1 must be str, not '),
    wanted(by as Py, 'replace() argument 2 must be str, not '),
  ];
  const limit = clamp(intArgument(count as Py));
  const parts = from === '' ? ['', ...codePoints(self), ''] : self.split(from);
  const times = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  machine.spend(parts.length);
  machine.allocate(2 * (self.length + times * to.length));
  return (
    parts.slice(0, times + 1).join(to) +
    parts
      .slice(times + 1)
      .map((rest) => from + rest)
      .join('')
  );
});
define('startswith(prefix, start=None, end=None, /)', (self, prefix, start, stop) =>
  affix(self, prefix as Py, start as Py, stop as Py, 'startswith'),
);
define('endswith(suffix, start=None, end=None, /)', (self, suffix, start, stop) =>
  affix(self, suffix as Py, start as Py, stop as Py, 'endswith'),
);
define('find(sub, start=None, end=None, /)', (self, sub, start, stop) =>
  BigInt(find(self, sub as Py, start as Py, stop as Py, false)),
);
define('rfind(sub, start=None, end=None, /)', (self, sub, start, stop) =>
  BigInt(find(self, sub as Py, start as Py, stop as Py, true)),
);
for (const [name, last] of [
  ['index', false],
  ['rindex', true],
] as const) {
  define(`${name}(sub, start=None, end=None, /)`, (self, sub, start, stop) => {
    const at = find(self, sub as Py, start as Py, stop as Py, last);
    if (at < 0) throw valueError('substring not found');
    return BigInt(at);
  });
}
define('count(sub, start=None, end=None, /)', (self, sub, start, stop) => {
  const needle = wanted(sub as Py, 'must be str, not ');
  const within = part(self, start as Py, stop as Py);
  if (within === null) return 0n;
  machine.spend(self.length >> 4);
  if (needle === '') return BigInt(codePoints(within.text).length + 1);
  return BigInt(within.text.split(needle).length - 1);
});
define('center(width, fillchar=" ", /)', (self, width, fill) =>
  justified(self, width as Py, fill as Py, '^'),
);
define('ljust(width, fillchar=" ", /)', (self, width, fill) => justified(self, width as Py, fill as Py, '<'));
define('rjust(width, fillchar=" ", /)', (self, width, fill) => justified(self, width as Py, fill as Py, '>'));
define('zfill(width, /)', (self, width) => {
  const missing = clamp(intArgument(width as Py)) - codePoints(self).length;
  if (missing <= 0) return self;
  machine.allocate(2 * missing);
  const sign = /^[-+]/.exec(self)?.[0] ?? '';
  return sign + '0'.repeat(missing) + self.slice(sign.length);
});
define('expandtabs(tabsize=8)', (self, size) => {
  const wide = clamp(intArgument(size as Py));
  let column = 0;
  let out = '';
  for (const c of codePoints(self)) {
    if (c === '\t') {
      const count = wide > 0 ? wide - (column % wide) : 0;
      machine.allocate(2 * count);
      out += ' '.repeat(count);
      column += count;
    } else {
      out += c;
      column = c === '\n' || c === '\r' ? 0 : column + 1;
    }
  }
  return out;
});
for (const [name, last] of [
  ['partition', false],
  ['rpartition', true],
] as const) {
  define(`${name}(sep, /)`, (self, sep) => {
    const by = wanted(sep as Py, 'must be str, not ');
    if (by === '') throw valueError('empty separator');
    made(self);
    const at = last ? self.lastIndexOf(by) : self.indexOf(by);
    if (at < 0) return new PyTuple(last ? ['', '', self] : [self, '', '']);
    return new PyTuple([self.slice(0, at), by, self.slice(at + by.length)]);
  });
}
define('removeprefix(prefix, /)', (self, prefix) => {
  const text = wanted(prefix as Py, 'removeprefix() argument must be str, not ');
  return self.startsWith(text) ? self.slice(text.length) : self;
});
define('removesuffix(suffix, /)', (self, suffix) => {
  const text = wanted(suffix as Py, 'removesuffix() argument must be str, not ');
  return text !== '' && self.endsWith(text) ? self.slice(0, -text.length) : self;
});
define('isdigit()', (self) => every(self, /^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u));
define('isdecimal()', (self) => every(self, /^\p{Nd}+$/u));
define('isnumeric()', (self) => every(self, /^\p{N}+$/u));
define('isalpha()', (self) => every(self, /^\p{L}+$/u));
define('isalnum()', (self) => every(self, /^[\p{L}\p{N}]+$/u));
define('isspace()', (self) => every(self, new RegExp(`^[${SPACE}]+$`)));
define('isupper()', (self) => /\p{Lu}/u.test(self) && !/\p{Ll}/u.test(self));
define('islower()', (self) => /\p{Ll}/u.test(self) && !/\p{Lu}/u.test(self));
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
define('isascii()', (self) => /^[\x00-\x7f]*$/.test(self));
define('istitle()', (self) => /\p{L}/u.test(self) && !/\p{L}\p{Lu}|(?<!\p{L})\p{Ll}/u.test(self));
define('isidentifier()', (self) => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(self));
define('isprintable()', (self) => !/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(self));

strType.define(
  'format',
  new Builtin('format', (args, keywords) => {
    const [self, ...rest] = args;
    return formatTemplate(self as string, rest, keywords);
  }),
);
define('format_map(mapping, /)', (self, mapping) => {
  if (!(mapping instanceof PyDict)) throw typeError('format_map() argument must be a dict');
  const names = new Map([...mapping.entries].map(({ key, value }) => [str(key), value] as const));
  return formatTemplate(self, [], names);
});

/** `template.format(…)`. */
function formatTemplate(template: string, args: readonly Py[], keywords: Keywords | null): string {
  const state = { next: 0, manual: false };
  const text = fill(template, args, keywords, state, 2);
  machine.allocate(2 * text.length);
  return text;
}

type Numbering = { next: number; manual: boolean };

function fill(
  template: string,
  args: readonly Py[],
  keywords: Keywords | null,
  state: Numbering,
  depth: number,
): string {
  if (depth < 0) throw valueError('Max string recursion exceeded');
  let out = '';
  for (let i = 0; i < template.length; ) {
    const c = template[i] as string;
    if (c !== '{' && c !== '}') {
      const end = template.slice(i).search(/[{}]/);
      out += end < 0 ? template.slice(i) : template.slice(i, i + end);
      i = end < 0 ? template.length : i + end;
      continue;
    }
    if (template[i + 1] === c) {
      out += c;
      i += 2;
      continue;
    }
    if (c === '}') throw valueError("Single '}' encountered in format string");
    const end = closing(template, i);
    out += replaced(template.slice(i + 1, end), args, keywords, state, depth);
    i = end + 1;
  }
  return out;
}

function closing(template: string, at: number): number {
  if (at + 1 >= template.length) throw valueError("Single '{' encountered in format string");
  let depth = 0;
  for (let i = at; i < template.length; i++) {
    if (template[i] === '{') depth++;
    else if (template[i] === '}' && --depth === 0) return i;
  }
  throw valueError("expected '}' before end of string");
}

/** `path!conversion:spec`; marks within brackets belong to the path. */
function partsOf(field: string): { path: string; conversion: string | undefined; spec: string | undefined } {
  let inside = false;
  let end = 0;
  for (; end < field.length; end++) {
    const c = field[end];
    if (c === '[') inside = true;
    else if (c === ']') inside = false;
    else if (!inside && (c === '!' || c === ':')) break;
  }
  const path = field.slice(0, end);
  if (field[end] !== '!')
    return { path, conversion: undefined, spec: field[end] === ':' ? field.slice(end + 1) : undefined };
  const colon = field.indexOf(':', end);
  const conversion = field.slice(end + 1, colon < 0 ? undefined : colon);
  return { path, conversion, spec: colon < 0 ? undefined : field.slice(colon + 1) };
}

function replaced(
  field: string,
  args: readonly Py[],
  keywords: Keywords | null,
  state: Numbering,
  depth: number,
): string {
  const { path, conversion, spec } = partsOf(field);
  let value = lookup(path, args, keywords, state);
  if (conversion === 'r') value = repr(value);
  else if (conversion === 's') value = str(value);
  else if (conversion === 'a') value = asciiOnly(repr(value));
  else if (conversion !== undefined) throw valueError(`Unknown conversion specifier ${conversion}`);
  return formatValue(value, spec === undefined ? '' : fill(spec, args, keywords, state, depth - 1));
}

function lookup(path: string, args: readonly Py[], keywords: Keywords | null, state: Numbering): Py {
  const [first] = /^[^.[]*/.exec(path) as unknown as [string];
  let value: Py | undefined;
  if (first === '' || /^\d+$/.test(first)) {
    if (first === '' && state.manual)
      throw valueError('cannot switch from manual field specification to automatic field numbering');
    if (first !== '' && state.next > 0)
      throw valueError('cannot switch from automatic field numbering to manual field specification');
    if (first !== '') state.manual = true;
    const index = first === '' ? state.next++ : Number(first);
    value = args[index];
    if (value === undefined)
      throw raise(IndexError, `Replacement index ${index} out of range for positional args tuple`);
  } else {
    value = keywords?.get(first);
    if (value === undefined) throw keyError(first);
  }
  for (const [, name, index] of path.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
    if (name !== undefined) value = getAttribute(value as Py, name);
    else
      value = getItem(
        value as Py,
        /^\d+$/.test(index as string) ? BigInt(index as string) : (index as string),
      );
  }
  return value as Py;
}
