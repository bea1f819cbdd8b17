import { GraddError, joinErrors, type Path } from '../errors.ts';
import { type NamedArgs, Value } from '../tensor/value.ts';
import type { Op } from './define.ts';
import { Body } from './function.ts';
import { DTypeLiteral, Ellipsis, type Param, Slice } from './params.ts';

/** Stands for a tensor that is not computed yet: the result of a node, or one of its several results. */
export class Ref {
  readonly name: string;
  /** A result's number or field, for a node that has several. */
  readonly part: string | null;

  constructor(name: string, part: string | null) {
    this.name = name;
    this.part = part;
  }
}

/** A Python value as an argument: `bigint` is int, `number` float; arrays are lists and tuples alike. */
export type Arg =
  | Value
  | Ref
  | number
  | bigint
  | boolean
  | string
  | null
  | DTypeLiteral
  | Slice
  | Ellipsis
  | Body
  | Arg[];

/** An argument and where in the request it stands. */
export interface PlacedArg {
  readonly value: Arg;
  readonly path: Path;
  /** Where the items of a list stand that was given one by one. */
  readonly itemPaths?: readonly Path[];
}

/** Python's name of a value's type, as PyTorch's messages print it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (isTensorLike(value)) return 'Tensor';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (value instanceof DTypeLiteral) return 'torch.dtype';
  if (value instanceof Slice) return 'slice';
  if (value instanceof Ellipsis) return 'ellipsis';
  if (value instanceof Body) return 'function';
  if (Array.isArray(value)) return 'list';
  return (value as { pythonType?: string }).pythonType ?? 'object';
}

const isTensorLike = (value: unknown): value is Value | Ref => value instanceof Value || value instanceof Ref;

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';

const shortName = (op: Op): string => op.name.split('.').at(-1) as string;

/**
 * Brings the arguments of a call into a record by parameter name, checked as far as they can be before anything is
 * computed. Every fault is found; the messages are PyTorch's.
 *
 * @throws GraddError `invalid-argument`, with the path of each culprit
 */
export function bind(
  op: Op,
  positional: readonly PlacedArg[],
  keywords: ReadonlyMap<string, PlacedArg>,
  where: Path = [],
): NamedArgs {
  const errors: GraddError[] = [];
  const given = place(op, arranged(op, positional, where), keywords, where, errors);
  const args: NamedArgs = {};
  const missing: string[] = [];
  for (const name of op.order) {
    const param = op.params[name] as Param;
    const arg = given.get(name);
    if (arg === undefined) {
      if (param.required) missing.push(publicName(name));
      continue;
    }
    try {
      args[name] = convert(op, name, param, arg);
    } catch (error) {
      errors.push((error as GraddError).at(arg.path));
    }
  }
  if (missing.length > 0) errors.push(missingArguments(op, missing).at(where));
  if (errors.length > 0) throw joinErrors(errors);
  try {
    op.checkForm?.({ ...op.blank, ...args });
  } catch (error) {
    throw (error as GraddError).at(where);
  }
  return args;
}

function arranged(op: Op, positional: readonly PlacedArg[], where: Path): readonly PlacedArg[] {
  try {
    return op.arrange?.(positional) ?? positional;
  } catch (error) {
    throw (error as GraddError).at(where);
  }
}

/** torch's functions call the first tensor `input`, its methods `self`. */
const publicName = (name: string): string => (name === 'self' ? 'input' : name);

function missingArguments(op: Op, names: string[]): GraddError {
  const list = names.map((name) => `"${name}"`).join(', ');
  return new GraddError(
    'invalid-argument',
    `${shortName(op)}() missing ${names.length} required positional arguments: ${list}`,
    { hint: signature(op) },
  );
}

/** Sorts arguments by the name of their parameter. */
function place(
  op: Op,
  positional: readonly PlacedArg[],
  keywords: ReadonlyMap<string, PlacedArg>,
  where: Path,
  errors: GraddError[],
): Map<string, PlacedArg> {
  const given = new Map<string, PlacedArg>();
  const slots = op.order.filter((name) => !op.params[name]?.keywordOnly);
  let used = 0;
  for (const name of slots) {
    const arg = positional[used];
    if (arg === undefined) break;
    const rest = spreadSizes(op.params[name] as Param, positional, used, slots.length);
    given.set(name, rest ?? arg);
    used = rest === null ? used + 1 : positional.length;
  }
  if (used < positional.length) {
    const count = slots.length;
    const takes = `${count} positional argument${count === 1 ? '' : 's'}`;
    const message = `${shortName(op)}() takes ${takes} but ${positional.length} were given`;
    errors.push(
      new GraddError('invalid-argument', message, { hint: signature(op) }).at(
        positional[used]?.path ?? where,
      ),
    );
  }
  for (const [keyword, arg] of keywords) {
    const name = keyword === 'input' && op.order.includes('self') ? 'self' : keyword;
    if (!op.order.includes(name)) {
      const message = `${shortName(op)}() got an unexpected keyword argument '${keyword}'`;
      errors.push(new GraddError('invalid-argument', message, { hint: signature(op) }).at(arg.path));
    } else if (given.has(name)) {
      const message = `${shortName(op)}() got multiple values for argument '${keyword}'`;
      errors.push(new GraddError('invalid-argument', message).at(arg.path));
    } else given.set(name, arg);
  }
  return given;
}

/** `x.view(2, 3)`: sizes given one by one count as one argument. */
function spreadSizes(
  param: Param,
  positional: readonly PlacedArg[],
  from: number,
  slots: number,
): PlacedArg | null {
  const first = positional[from] as PlacedArg;
  if (!param.variadic || Array.isArray(first.value)) return null;
  const rest = positional.slice(from);
  if (param.kind === 'attr' && rest.length === 1 && slots > 1 && !isNumber(first.value)) return null;
  return { value: rest.map((arg) => arg.value), path: first.path, itemPaths: rest.map((arg) => arg.path) };
}

function convert(op: Op, name: string, param: Param, { value, path, itemPaths }: PlacedArg): unknown {
  switch (param.kind) {
    case 'tensor':
      return isTensorLike(value) ? value : wrongType(op, name, param, value);
    case 'operand':
      return isTensorLike(value) || isNumber(value) ? value : wrongType(op, name, param, value);
    case 'number':
      if (value === null && param.default === null) return null;
      return isTensorLike(value) || isNumber(value) ? value : wrongType(op, name, param, value);
    case 'maybe':
      return value === null || isTensorLike(value) ? value : wrongType(op, name, param, value);
    case 'tensors':
      return tensors(op, name, param, value, (i) => itemPaths?.[i] ?? [...path, i]);
    case 'index':
      return (Array.isArray(value) ? value : [value]).map(indexItem);
    case 'attr':
      return attribute(op, name, param, value, path, (i) => itemPaths?.[i] ?? [...path, i]);
  }
}

/** Engine code takes the ints of an index as plain numbers. */
function indexItem(item: Arg): unknown {
  if (typeof item !== 'bigint') return item;
  if (BigInt.asIntN(54, item) === item) return Number(item);
  throw new GraddError('invalid-argument', 'Overflow when unpacking long long');
}

function tensors(op: Op, name: string, param: Param, value: Arg, pathOf: (i: number) => Path): unknown {
  if (param.lone && isTensorLike(value)) return [value];
  if (value === null && param.default === null) return null;
  if (!Array.isArray(value)) return wrongType(op, name, param, value);
  value.forEach((item, i) => {
    if (isTensorLike(item) || (param.holes && item === null)) return;
    const message = `expected Tensor as element ${i} in argument ${op.order.indexOf(name)}, but got ${typeName(item)}`;
    throw new GraddError('invalid-argument', message).at(pathOf(i));
  });
  return value;
}

function attribute(
  op: Op,
  name: string,
  param: Param,
  value: Arg,
  path: Path,
  pathOf: (i: number) => Path,
): unknown {
  const result = param.schema?.safeParse(value);
  if (result === undefined || result.success) return result?.data;
  const deep = Array.isArray(value)
    ? value.findIndex((item) => !param.schema?.safeParse([item]).success)
    : -1;
  return wrongType(op, name, param, value, deep < 0 ? path : pathOf(deep));
}

function wrongType(op: Op, name: string, param: Param, value: unknown, path?: Path): never {
  const position = param.keywordOnly ? '' : ` (position ${op.order.indexOf(name) + 1})`;
  const message = `${shortName(op)}(): argument '${publicName(name)}'${position} must be ${param.typeName}, not ${typeName(value)}`;
  throw new GraddError('invalid-argument', message, {
    hint: param.hint ?? signature(op),
    ...(path && { path }),
  });
}

/** PyTorch-like: `sum(Tensor input, tuple of ints dim = None, bool keepdim = False, *, torch.dtype dtype = None)`. */
export function signature(op: Op): string {
  let starred = false;
  const parts = op.order.flatMap((name) => {
    const param = op.params[name] as Param;
    const star = param.keywordOnly && !starred ? ['*'] : [];
    starred ||= param.keywordOnly;
    const type = param.kind === 'operand' || param.kind === 'number' ? 'Tensor or Number' : param.typeName;
    return [...star, `${type} ${publicName(name)}${param.required ? '' : ` = ${literal(param.default)}`}`];
  });
  return `${op.name}(${parts.join(', ')})`;
}

/** A default as Python writes it. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  return Array.isArray(value) ? `(${value.map(literal).join(', ')})` : String(value);
}
