import {
  type Arg,
  bind,
  type Eager,
  Ellipsis,
  findIn,
  GraddError,
  joinErrors,
  type Op,
  opNames,
  type PlacedArg,
  type Scalar,
  Slice,
  suggestion,
  type Tensor,
  Value,
} from '../engine/index.ts';
import type { Ast, Step } from './ast.ts';
import { errorAt, located } from './errors.ts';
import { Builtin, globalName, Module, moduleAttribute, OpFunction, type Thing } from './names.ts';
import { arithmetic, callMath, compare, isNumber, type PyNumber, signed, toFloat } from './numbers.ts';
import { binaryNames, comparisonNames, mirrored } from './operations.ts';
import type { Parsed } from './parse.ts';

/** The names of the results of an operation with several, and tuples among the arrays. */
const fieldsOf = new WeakMap<object, readonly string[]>();
const tuples = new WeakSet<object>();

const tupleOf = <T>(items: T[]): T[] => {
  tuples.add(items);
  return items;
};

/** Python's name of a type. */
export function typeOf(value: Thing): string {
  if (value === null) return 'NoneType';
  if (value instanceof Value) return 'Tensor';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (Array.isArray(value)) return tuples.has(value) ? 'tuple' : 'list';
  if (value instanceof Module) return 'module';
  if (value instanceof Slice) return 'slice';
  if (value instanceof Ellipsis) return 'ellipsis';
  return value instanceof OpFunction || value instanceof Builtin
    ? 'builtin_function_or_method'
    : 'torch.dtype';
}

const binaryOps: Readonly<Record<string, string>> = binaryNames;
const comparisons: Readonly<Record<string, string>> = comparisonNames;
const mirroredOps: Readonly<Record<string, string>> = mirrored;
const commutative = new Set(['+', '*', '&', '|', '^']);

/** Methods that a service of new tensors cannot have, and why. */
const refusedMethods = new Map([
  ['item', 'The value of a tensor leaves the graph only in the answer.'],
  ['numpy', 'There is no NumPy here; tensors come back in the answer.'],
  ['tolist', 'Tensors come back in the answer.'],
  ['data', 'Use detach() for the same values outside the graph.'],
  ['grad', 'Gradients come back in the answer; within the expression use torch.autograd.grad.'],
  ['backward', 'The backward pass runs after the expression; within it use torch.autograd.grad.'],
]);

/** What the catalogue has as operations and PyTorch as attributes. */
const properties = new Set(['T', 'mT', 'H', 'mH', 'real']);

/** Evaluates one parsed expression on leaves. */
export class Evaluation {
  private readonly text: string;
  private readonly root: Ast;
  private readonly names: ReadonlyMap<string, number>;
  private readonly eager: Eager;
  private readonly leaves: ReadonlyMap<string, Tensor>;

  constructor({ text, root, names }: Parsed, eager: Eager, leaves: ReadonlyMap<string, Tensor>) {
    this.text = text;
    this.root = root;
    this.names = names;
    this.eager = eager;
    this.leaves = leaves;
  }

  /** The tensor that the expression gives. */
  run(): Tensor {
    this.checkNames();
    const value = this.evaluate(this.root);
    if (value instanceof Value) return value as Tensor;
    if (isNumber(value)) return this.fromNumber(value);
    const what = typeOf(value);
    throw this.error('invalid-request', `an expression must give one tensor, got ${what}`, this.root.at);
  }

  private error(code: GraddError['code'], message: string, at: number, hint?: string): GraddError {
    return errorAt(code, message, this.text, at, hint);
  }

  /** All unknown names at once, before anything is computed. */
  private checkNames(): void {
    const errors: GraddError[] = [];
    for (const [name, at] of this.names) {
      if (this.leaves.has(name) || globalName(name) !== undefined) continue;
      errors.push(this.unknownName(name, at));
    }
    if (errors.length > 0) throw joinErrors(errors);
  }

  private unknownName(name: string, at: number): GraddError {
    const called = this.isCalled(name, at);
    const known = called ? opNames() : this.leaves.keys();
    const hint = suggestion(name, known) ?? (called ? undefined : 'Give it a value in "leaves".');
    return called
      ? this.error('unknown-op', `There is no function "${name}"`, at, hint)
      : this.error('unknown-name', `name '${name}' is not defined`, at, hint);
  }

  private isCalled(name: string, at: number): boolean {
    return this.text
      .slice(at + name.length)
      .trimStart()
      .startsWith('(');
  }

  private fromNumber(value: PyNumber): Tensor {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw this.error('invalid-argument', 'Overflow when unpacking long long', this.root.at);
    }
    const dtype =
      typeof value === 'number' ? this.eager.defaultDType : typeof value === 'bigint' ? 'int64' : 'bool';
    return this.eager.call('full', { size: [], fill_value: value, dtype }) as Tensor;
  }

  private evaluate(ast: Ast): Thing {
    switch (ast.kind) {
      case 'constant':
        return ast.value;
      case 'name':
        return this.leaves.get(ast.name) ?? (globalName(ast.name) as Thing);
      case 'list': {
        const items = ast.items.map((item) => this.argument(item));
        return ast.tuple ? tupleOf(items) : items;
      }
      case 'slice':
        return this.slice(ast.bounds, ast.at);
      case 'attribute':
        return this.attribute(this.evaluate(ast.object), ast.name, ast.at);
      case 'call':
        return this.call(ast);
      case 'subscript':
        return this.subscript(ast);
      case 'operation':
        return this.operation(ast.steps);
    }
  }

  /** A value that can be an argument: no module and no function. */
  private argument(ast: Ast): Arg {
    const value = this.evaluate(ast);
    if (value instanceof Module || value instanceof OpFunction || value instanceof Builtin) {
      throw this.error('invalid-argument', `a ${typeOf(value)} cannot be used as a value`, ast.at);
    }
    return value;
  }

  private slice(bounds: readonly (Ast | null)[], at: number): Slice {
    const [start, stop, step] = bounds.map((bound) => {
      const value = bound === null ? null : this.argument(bound);
      if (value === null) return null;
      if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
      if (value instanceof Value && value.numel === 1 && value.dtype.startsWith('int'))
        return Number(this.eager.item(value));
      const message = 'slice indices must be integers or None or have an __index__ method';
      throw this.error('invalid-argument', message, bound?.at ?? at);
    });
    return new Slice(start ?? null, stop ?? null, step ?? null);
  }

  private operation(steps: readonly Step[]): Thing {
    const stack: Arg[] = [];
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      if (step.do === 'push') {
        // A lone operand may be anything; beside an operator it must be a value.
        stack.push(this.argument(step.operand));
      } else if (step.do === 'unary') stack.push(this.unary(step.op, stack.pop() as Arg, step.at));
      else if (step.do === 'binary') {
        const right = stack.pop() as Arg;
        stack.push(this.binary(step.op, stack.pop() as Arg, right, step.at));
      } else if (step.do === 'shortcut') {
        if (this.truth(stack.at(-1) as Arg, step.at) === (step.op === 'or')) i = step.target - 1;
        else stack.pop();
      } else {
        const right = stack.pop() as Arg;
        const result = this.binary(step.op, stack.pop() as Arg, right, step.at);
        const goesOn = this.truth(result, step.at);
        stack.push(goesOn ? right : result);
        if (!goesOn) i = step.target - 1;
      }
    }
    return stack.pop() as Arg;
  }

  /** Python's truth of a value. */
  private truth(value: Arg, at: number): boolean {
    if (value instanceof Value) return this.guarded(at, () => this.eager.truth(value));
    if (isNumber(value)) return Boolean(value);
    if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
    return value !== null;
  }

  private guarded<T>(at: number, body: () => T): T {
    return this.eager.within((error) => located(error, this.text, at), body);
  }

  private unary(op: string, x: Arg, at: number): Arg {
    if (op === 'not') return !this.truth(x, at);
    if (x instanceof Value) {
      if (op === '+') return x;
      return this.guarded(at, () => this.eager.call(op === '-' ? 'neg' : 'bitwise_not', { self: x }) as Arg);
    }
    const result = isNumber(x) ? signed(op, x) : undefined;
    if (result !== undefined) return result;
    throw this.error('invalid-argument', `bad operand type for unary ${op}: '${typeOf(x)}'`, at);
  }

  private binary(op: string, a: Arg, b: Arg, at: number): Arg {
    if (op === 'is' || op === 'is not') return this.identity(a, b, op === 'is', at);
    if (op === 'in' || op === 'not in') {
      throw this.error('syntax-error', `'${op}' is not available in expressions`, at);
    }
    const tensors = a instanceof Value || b instanceof Value;
    const fitting = (x: Arg): boolean => x instanceof Value || isNumber(x);
    if (tensors && fitting(a) && fitting(b)) return this.guarded(at, () => this.tensorOperator(op, a, b, at));
    if (op in comparisons && isNumber(a) && isNumber(b)) return compare(op, a, b);
    if ((op === '==' || op === '!=') && !tensors) return this.sameValue(a, b) === (op === '==');
    if (isNumber(a) && isNumber(b)) {
      const result = this.guarded(at, () => arithmetic(op, a, b));
      if (result !== undefined) return result;
    }
    if (op in comparisons) {
      const message = `'${op}' not supported between instances of '${typeOf(a)}' and '${typeOf(b)}'`;
      throw this.error('invalid-argument', message, at);
    }
    const message = `unsupported operand type(s) for ${op === '**' ? '** or pow()' : op}: '${typeOf(a)}' and '${typeOf(b)}'`;
    throw this.error('invalid-argument', message, at);
  }

  private sameValue(a: Arg, b: Arg): boolean {
    if (isNumber(a) && isNumber(b)) return compare('==', a, b);
    if (Array.isArray(a) && Array.isArray(b)) {
      return a.length === b.length && a.every((x, i) => this.sameValue(x, b[i] as Arg));
    }
    return a === b;
  }

  private identity(a: Arg, b: Arg, same: boolean, at: number): boolean {
    if (a !== null && b !== null) throw this.error('syntax-error', "'is' is only available with None", at);
    return (a === b) === same;
  }

  /** An operator with a tensor on one side, as the operation that PyTorch's operator calls. */
  private tensorOperator(op: string, a: Arg, b: Arg, at: number): Arg {
    const call = (name: string, ...args: Arg[]): Arg => this.invoke(this.opOf(name), args, [], at) as Arg;
    const comparison = comparisons[op];
    if (comparison !== undefined) {
      return a instanceof Value
        ? call(comparison, a, b)
        : call(comparisons[mirroredOps[op] as string] as string, b, a);
    }
    const name = binaryOps[op] as string;
    if (a instanceof Value) {
      if (op === '@' && !(b instanceof Value)) {
        throw this.error(
          'invalid-argument',
          `unsupported operand type(s) for @: 'Tensor' and '${typeOf(b)}'`,
          at,
        );
      }
      return call(name, a, b);
    }
    if (commutative.has(op)) return call(name, b, a);
    if (op === '-') return call('rsub', b, a);
    if (op === '/') return call('mul', call('reciprocal', b), a);
    if (op === '@')
      throw this.error(
        'invalid-argument',
        `unsupported operand type(s) for @: '${typeOf(a)}' and 'Tensor'`,
        at,
      );
    return call(name, a, b);
  }

  private opOf(name: string): Op {
    return (findIn('torch', name) ?? findIn('Tensor', name)) as Op;
  }

  private attribute(object: Thing, name: string, at: number): Thing {
    if (object instanceof Module) {
      const found = moduleAttribute(object, name);
      if (found !== undefined) return found;
      return this.unknownAttribute(`module '${object.path}' has no attribute '${name}'`, name, at);
    }
    if (object instanceof Value) return this.tensorAttribute(object, name, at);
    const fields = Array.isArray(object) ? fieldsOf.get(object) : undefined;
    const index = fields?.indexOf(name) ?? -1;
    if (Array.isArray(object) && index >= 0) return object[index] as Arg;
    return this.unknownAttribute(`'${typeOf(object)}' object has no attribute '${name}'`, name, at);
  }

  private unknownAttribute(message: string, name: string, at: number): never {
    const called = this.isCalled(name, at);
    throw this.error(called ? 'unknown-op' : 'unknown-name', message, at, suggestion(name, opNames()));
  }

  private tensorAttribute(self: Value, name: string, at: number): Thing {
    switch (name) {
      case 'T':
      case 'mT':
      case 'H':
      case 'mH':
      case 'real':
        return this.guarded(at, () => this.eager.call(name, { self }) as Arg);
      case 'shape':
        return tupleOf(self.shape.map(BigInt));
      case 'ndim':
        return BigInt(self.ndim);
      case 'dtype':
        return moduleAttribute(new Module('torch'), self.dtype) as Thing;
      case 'requires_grad':
        return self.requiresGrad;
      case 'is_leaf':
        return (self as Tensor).isLeaf;
      case 'size':
      case 'dim':
      case 'numel':
        return new Builtin(name, self);
      default:
        return this.method(self, name, at);
    }
  }

  private method(self: Value, name: string, at: number): OpFunction {
    const op = name.startsWith('__') ? undefined : findIn('Tensor', name);
    if (op !== undefined && !properties.has(name)) return new OpFunction(op, self);
    const why = refusedMethods.get(name);
    const inPlace = /[^_]_$/.test(name) && findIn('Tensor', name.slice(0, -1)) !== undefined;
    const hint =
      why ??
      (inPlace ? `Tensors do not change here; use ${name.slice(0, -1)}().` : suggestion(name, opNames()));
    const code = this.isCalled(name, at) || why !== undefined ? 'unknown-op' : 'unknown-name';
    throw this.error(code, `'Tensor' object has no attribute '${name}'`, at, hint);
  }

  private call({ callee, positional, keywords, at }: Extract<Ast, { kind: 'call' }>): Thing {
    const target = this.evaluate(callee);
    const args = positional.map((arg) => this.argument(arg));
    const named = keywords.map(([name, value]) => [name, this.argument(value)] as const);
    if (target instanceof OpFunction) {
      const all = target.self === undefined ? args : [target.self, ...args];
      return this.invoke(target.op, all, named, at);
    }
    if (target instanceof Builtin) return this.guarded(at, () => this.builtin(target, args, named));
    throw this.error('invalid-argument', `'${typeOf(target)}' object is not callable`, at);
  }

  private invoke(
    op: Op,
    args: readonly Arg[],
    keywords: readonly (readonly [string, Arg])[],
    at: number,
  ): Thing {
    return this.guarded(at, () => {
      const placed = (value: Arg): PlacedArg => ({ value, path: [] });
      const named = new Map(keywords.map(([name, value]) => [name, placed(value)]));
      const result = this.eager.invoke(op, bind(op, args.map(placed), named));
      if (!Array.isArray(result)) return result;
      if (op.fields !== null) fieldsOf.set(result, op.fields);
      return tupleOf(result as Arg[]);
    });
  }

  private builtin(
    { name, self }: Builtin,
    args: readonly Arg[],
    keywords: readonly (readonly [string, Arg])[],
  ): Arg {
    if (keywords.length > 0) throw new GraddError('invalid-argument', `${name}() takes no keyword arguments`);
    if (name.startsWith('math.')) return this.math(name.slice('math.'.length), args);
    if (self instanceof Value) return this.sizes(name, self, args);
    const [x] = args;
    if (args.length !== 1 || x === undefined) {
      throw new GraddError('invalid-argument', `${name}() takes exactly one argument (${args.length} given)`);
    }
    if (name === 'abs') return this.absolute(x);
    if (name === 'len') return this.length(x);
    return this.toFloat(x);
  }

  private math(name: string, args: readonly Arg[]): Arg {
    const other = args.find((arg) => !isNumber(arg));
    if (other === undefined) return callMath(name, args as PyNumber[]);
    const hint = other instanceof Value ? `Use torch.${name} for tensors.` : undefined;
    throw new GraddError(
      'invalid-argument',
      `must be real number, not ${typeOf(other)}`,
      hint ? { hint } : {},
    );
  }

  private sizes(name: string, self: Value, args: readonly Arg[]): Arg {
    if (name === 'dim') return BigInt(self.ndim);
    if (name === 'numel') return BigInt(self.numel);
    const [dim] = args;
    const shape = self.shape.map(BigInt);
    if (dim === undefined || dim === null) return tupleOf(shape);
    if (typeof dim !== 'bigint') {
      throw new GraddError('invalid-argument', `size(): argument 'dim' must be int, not ${typeOf(dim)}`);
    }
    return this.item(
      shape,
      dim,
      `Dimension out of range (expected to be in range of [${-self.ndim}, ${self.ndim - 1}], but got ${dim})`,
    );
  }

  private item<T>(list: readonly T[], index: bigint, complaint: string): T {
    const at = Number(index < 0n ? index + BigInt(list.length) : index);
    if (at < 0 || at >= list.length) throw new GraddError('invalid-argument', complaint);
    return list[at] as T;
  }

  private absolute(x: Arg): Arg {
    if (x instanceof Value) return this.eager.call('abs', { self: x }) as Arg;
    if (!isNumber(x)) throw new GraddError('invalid-argument', `bad operand type for abs(): '${typeOf(x)}'`);
    const value = signed('+', x) as bigint | number;
    return typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(value);
  }

  private length(x: Arg): Arg {
    if (x instanceof Value) {
      if (x.ndim > 0) return BigInt(x.size(0));
      throw new GraddError('invalid-argument', 'len() of a 0-d tensor');
    }
    if (typeof x === 'string' || Array.isArray(x)) return BigInt(x.length);
    throw new GraddError('invalid-argument', `object of type '${typeOf(x)}' has no len()`);
  }

  private toFloat(x: Arg): Arg {
    if (isNumber(x)) return toFloat(x);
    if (typeof x === 'string') return parseFloatText(x);
    const hint = x instanceof Value ? 'Use x.double() or x.to(torch.float64) for tensors.' : undefined;
    const message = `float() argument must be a string or a real number, not '${typeOf(x)}'`;
    throw new GraddError('invalid-argument', message, hint ? { hint } : {});
  }

  private subscript({ object, items, tuple, at }: Extract<Ast, { kind: 'subscript' }>): Thing {
    const target = this.evaluate(object);
    const values = items.map((item) => this.argument(item));
    if (target instanceof Value) return this.guarded(at, () => this.index(target, values, tuple));
    if (Array.isArray(target) && !tuple)
      return this.guarded(at, () => this.fromList(target, values[0] as Arg));
    throw this.error('invalid-argument', `'${typeOf(target)}' object is not subscriptable`, at);
  }

  private index(self: Value, values: readonly Arg[], tuple: boolean): Arg {
    const [only] = values;
    const flat = !tuple && Array.isArray(only) && tuples.has(only) ? only : values;
    const indices = flat.map((value) => (Array.isArray(value) ? this.indexTensor(value) : value));
    const args = bind(
      this.opOf('__getitem__'),
      [self, indices].map((value) => ({ value, path: [] })),
      new Map(),
    );
    return this.eager.invoke(this.opOf('__getitem__'), args) as Arg;
  }

  /** A list of ints or bools between brackets is an index tensor. */
  private indexTensor(list: readonly Arg[]): Value {
    const { flat, shape } = flatten(list);
    const bool = flat.length > 0 && flat.every((item) => typeof item === 'boolean');
    const whole = flat.every((item) => typeof item === 'bigint' || typeof item === 'boolean');
    if (!whole) {
      const message = 'tensors used as indices must be long, int, byte or bool tensors';
      throw new GraddError('invalid-argument', message);
    }
    return this.eager.tensor(flat as Scalar[], shape, bool ? 'bool' : 'int64');
  }

  private fromList(list: readonly Arg[], index: Arg): Arg {
    if (typeof index === 'bigint')
      return this.item(list, index, `${typeOf(list as Arg[])} index out of range`);
    if (!(index instanceof Slice)) {
      const message = `${typeOf(list as Arg[])} indices must be integers or slices, not ${typeOf(index)}`;
      throw new GraddError('invalid-argument', message);
    }
    return tupleOf(pythonSlice(list, index));
  }
}

/** `list[start:stop:step]` as Python has it, negative steps too. */
function pythonSlice<T>(list: readonly T[], { start, stop, step }: Slice): T[] {
  const by = step ?? 1;
  if (by === 0) throw new GraddError('invalid-argument', 'slice step cannot be zero');
  const n = list.length;
  const [low, high] = by > 0 ? [0, n] : [-1, n - 1];
  const clamp = (x: number): number => Math.max(low, Math.min(high, x < 0 ? x + n : x));
  const from = start === null ? (by > 0 ? 0 : n - 1) : clamp(start);
  const to = stop === null ? (by > 0 ? n : -1) : clamp(stop);
  const out: T[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) out.push(list[i] as T);
  return out;
}

/** Nested lists as flat elements and a shape. Depth is bounded by the brackets of the text. */
function flatten(list: readonly Arg[]): { flat: Arg[]; shape: number[] } {
  const shape: number[] = [];
  let level: readonly Arg[] = list;
  for (;;) {
    shape.push(shape.length === 0 ? level.length : (level[0] as Arg[]).length);
    if (shape.length > 1) {
      if (level.some((item) => !Array.isArray(item) || item.length !== shape.at(-1))) {
        throw new GraddError(
          'invalid-argument',
          `expected sequence of length ${shape.at(-1)} at dim ${shape.length - 1}`,
        );
      }
      level = level.flat(1) as Arg[];
    }
    if (!Array.isArray(level[0])) return { flat: [...level], shape };
  }
}

const FLOAT_TEXT = /^[+-]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:e[+-]?\d(?:_?\d)*)?$/i;

/** `float('inf')` and the like. */
function parseFloatText(text: string): number {
  const word = text.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(word);
  if (special)
    return special[2] === 'nan'
      ? Number.NaN
      : special[1] === '-'
        ? Number.NEGATIVE_INFINITY
        : Number.POSITIVE_INFINITY;
  if (FLOAT_TEXT.test(word)) return Number(word.replaceAll('_', ''));
  throw new GraddError('invalid-argument', `could not convert string to float: '${text.slice(0, 100)}'`);
}
