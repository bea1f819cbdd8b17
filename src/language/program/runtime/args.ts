import { typeError } from './exceptions.ts';
import { Builtin } from './function.ts';
import type { Keywords, Py } from './object.ts';

interface Parameter {
  readonly name: string;
  readonly kind: 'only' | 'any' | 'keyword' | 'star';
  /** Undefined for one that must be given; null-like defaults are Python values. */
  readonly optional: boolean;
  readonly default: Py | undefined;
}

/**
 * Reads a signature such as `round(number, ndigits=None)`, `sorted(iterable, /, *, key=None, reverse=False)` or
 * `max(*values, key=None)`. `name=?` is optional and undefined where it is not given.
 */
function parse(signature: string): { name: string; parameters: Parameter[] } {
  const [, name, list] = /^([\w.]+)\((.*)\)$/.exec(signature) as unknown as [string, string, string];
  const parameters: Parameter[] = [];
  let kind: Parameter['kind'] = 'any';
  for (const part of list.split(',').map((text) => text.trim())) {
    if (part === '') continue;
    if (part === '/') {
      parameters.forEach((parameter, i) => {
        parameters[i] = { ...parameter, kind: 'only' };
      });
    } else if (part === '*') kind = 'keyword';
    else if (part.startsWith('*')) {
      parameters.push({ name: part.slice(1), kind: 'star', optional: true, default: undefined });
      kind = 'keyword';
    } else {
      const [own, value] = part.split('=') as [string, string | undefined];
      parameters.push({ name: own, kind, optional: value !== undefined, default: literal(value) });
    }
  }
  return { name, parameters };
}

function literal(text: string | undefined): Py | undefined {
  if (text === undefined || text === '?') return undefined;
  if (text === 'None') return null;
  if (text === 'True' || text === 'False') return text === 'True';
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?\d*\.?\d+(?:e-?\d+)?$/.test(text)) return Number(text);
  return text.slice(1, -1);
}

const plural = (count: number): string => `${count} argument${count === 1 ? '' : 's'}`;

/** CPython's complaint about the number of arguments of a function of C. */
function wrongCount(label: string, parameters: readonly Parameter[], given: number): unknown {
  const most = parameters.length;
  const least = parameters.filter(({ optional }) => !optional).length;
  const name = label.split('.').at(-1) as string;
  if (most === 0) return typeError(`${label}() takes no arguments (${given} given)`);
  if (most === least && most === 1)
    return typeError(`${label}() takes exactly one argument (${given} given)`);
  if (most === least) return typeError(`${name} expected ${plural(most)}, got ${given}`);
  if (given < least) return typeError(`${name} expected at least ${plural(least)}, got ${given}`);
  return typeError(`${name} expected at most ${plural(most)}, got ${given}`);
}

/** What a function of the host gets: its arguments in the order of the signature; those of `*values` as an array. */
export type Given = (Py | undefined)[];

/** Brings arguments into the order of a signature, with CPython's complaints. */
export function binder(signature: string): (args: readonly Py[], keywords: Keywords | null) => Given {
  const { name: label, parameters } = parse(signature);
  const name = label.split('.').at(-1) as string;
  const positional = parameters.filter(({ kind }) => kind === 'only' || kind === 'any');
  const star = parameters.findIndex(({ kind }) => kind === 'star');
  const onlyPositions = parameters.every(({ kind }) => kind === 'only');
  return (args, keywords) => {
    if (keywords !== null && keywords.size > 0 && onlyPositions)
      throw typeError(`${label}() takes no keyword arguments`);
    const given: Given = parameters.map(({ default: value }) => value);
    const most = positional.length;
    if (args.length > most && star < 0) {
      if (onlyPositions) throw wrongCount(label, parameters, args.length);
      if (most === 0) throw typeError(`${name}() takes no positional arguments`);
      const least = positional.filter(({ optional }) => !optional).length;
      if (positional.every(({ kind }) => kind === 'only') && least === most) {
        throw typeError(`${name} expected ${plural(most)}, got ${args.length}`);
      }
      const word = least === most ? 'exactly' : 'at most';
      throw typeError(`${name}() takes ${word} ${plural(most)} (${args.length} given)`);
    }
    for (let i = 0; i < Math.min(args.length, most); i++) given[i] = args[i];
    for (const [key, value] of keywords ?? []) {
      const i = parameters.findIndex((parameter) => parameter.name === key);
      const parameter = parameters[i];
      if (parameter === undefined || parameter.kind === 'only' || parameter.kind === 'star') {
        throw typeError(`'${key}' is an invalid keyword argument for ${name}()`);
      }
      if (i < args.length && parameter.kind === 'any') {
        throw typeError(`argument for ${name}() given by name ('${key}') and position (${i + 1})`);
      }
      given[i] = value;
    }
    for (let i = 0; i < parameters.length; i++) {
      const { kind, optional, name: missing } = parameters[i] as Parameter;
      if (kind === 'star' || optional || given[i] !== undefined) continue;
      if (kind === 'only') throw wrongCount(label, positional, args.length);
      throw typeError(`${name}() missing required argument '${missing}' (pos ${i + 1})`);
    }
    if (star >= 0) given[star] = args.slice(most) as unknown as Py;
    return given;
  };
}

/** How many arguments need no binding; -1 where they always do. */
const complete = (signature: string): number => {
  const { parameters } = parse(signature);
  const plain = parameters.every(({ kind }) => kind === 'only' || kind === 'any');
  return plain ? parameters.length : -1;
};

/** A function of the host with a signature; as an attribute of a class it is a method unless `free`. */
export function native(signature: string, run: (...given: Py[]) => Py, free = false): Builtin {
  const { name } = parse(signature);
  const bind = binder(signature);
  const count = complete(signature);
  return new Builtin(
    name.split('.').at(-1) as string,
    (args, keywords) =>
      keywords === null && args.length === count ? run(...args) : run(...(bind(args, keywords) as Py[])),
    free,
  );
}

/** A method: its first argument is the object. The signature leaves that out. */
export function method<T extends Py>(signature: string, run: (self: T, ...given: Py[]) => Py): Builtin {
  const { name } = parse(signature);
  const bind = binder(signature);
  const count = complete(signature);
  return new Builtin(name.split('.').at(-1) as string, (args, keywords) => {
    if (keywords === null && args.length === count + 1) return run(...(args as [T, ...Py[]]));
    const [self, ...rest] = args;
    if (self === undefined) throw typeError(`unbound method ${name}() needs an argument`);
    return run(self as T, ...(bind(rest, keywords) as Py[]));
  });
}
