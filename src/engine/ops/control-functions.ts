import { GraddError } from '../errors.ts';
import { sameShape } from '../tensor/layout.ts';
import type { Interpreter, Value } from '../tensor/value.ts';
import type { Meta } from './define.ts';
import { type Body, metaOf, type NodeFn } from './function.ts';

const size = ({ shape }: Meta): string => `torch.Size([${shape.join(', ')}])`;

/** How two tensors differ, or null; in PyTorch's words. */
function difference(a: Meta, b: Meta): string | null {
  if (!sameShape(a.shape, b.shape)) return `shape: ${size(a)} vs ${size(b)}`;
  return a.dtype === b.dtype ? null : `dtype: torch.${a.dtype} vs torch.${b.dtype}`;
}

/** Throws where results and what they stand for later are not alike. */
function checkPairs(what: string, lhs: readonly Meta[], rhs: readonly Meta[], results: Body): void {
  lhs.forEach((each, i) => {
    const found = difference(each, rhs[i] as Meta);
    if (found === null) return;
    const code = found.startsWith('shape') ? 'shape-mismatch' : 'dtype-mismatch';
    const message = `Expected ${what} to have same metadata but found: pair[${i}] differ in '${found}'`;
    throw new GraddError(code, message, { path: results.resultPath(i) });
  });
}

/** One of two functions of the same operands. */
export class Cond implements NodeFn {
  readonly key: string;
  readonly gradFn = 'CondAutogradOpBackward';
  readonly inert = 1;
  readonly differentiates: boolean;
  private readonly yes: Body;
  private readonly no: Body;
  /** For each input of the branches, where among the operands it is. */
  private readonly slots: readonly number[];

  constructor(yes: Body, no: Body, slots: readonly number[]) {
    this.yes = yes;
    this.no = no;
    this.slots = slots;
    this.key = `cond(${yes.key},${no.key},[${slots}])`;
    this.differentiates = yes.differentiates || no.differentiates;
  }

  nodes(): number {
    return Number.POSITIVE_INFINITY;
  }

  private inputs<T>(operands: readonly T[]): T[] {
    return this.slots.map((slot) => operands[slot] as T);
  }

  apply(args: Value[], interpreter: Interpreter): Value[] {
    const branch = interpreter.truth(args[0] as Value) ? this.yes : this.no;
    return branch.apply(this.inputs(args), interpreter);
  }

  describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null {
    const inputs = this.inputs(operands);
    const yes = this.yes.describe(inputs, interpreter);
    const no = this.no.describe(inputs, interpreter);
    if (yes === null || no === null) return null;
    for (const [i, each] of yes.entries()) this.checkMerge(each, no[i] as Meta, i);
    return yes;
  }

  private checkMerge(a: Meta, b: Meta, i: number): void {
    const fail = (code: 'shape-mismatch' | 'dtype-mismatch', what: string, x: unknown, y: unknown): never => {
      const message = `When merging two branches' output in torch.cond, expected same ${what} but got ${x} and ${y}.`;
      throw new GraddError(code, message, { path: this.no.resultPath(i) });
    };
    if (a.dtype !== b.dtype) fail('dtype-mismatch', 'dtype', `torch.${a.dtype}`, `torch.${b.dtype}`);
    if (a.shape.length !== b.shape.length) fail('shape-mismatch', 'dim', a.shape.length, b.shape.length);
    if (!sameShape(a.shape, b.shape)) fail('shape-mismatch', 'size', size(a), size(b));
  }
}

/** A function of what is carried, repeated while another holds. */
export class WhileLoop implements NodeFn {
  readonly key: string;
  readonly gradFn = 'WhileLoopAutogradOpBackward';
  readonly inert = 0;
  readonly differentiates: boolean;
  private readonly condition: Body;
  private readonly body: Body;
  private readonly carried: number;
  private readonly limit: number;

  constructor(condition: Body, body: Body, carried: number, limit: number) {
    this.condition = condition;
    this.body = body;
    this.carried = carried;
    this.limit = limit;
    this.key = `while_loop(${condition.key},${body.key},${carried},${limit})`;
    this.differentiates = body.differentiates || condition.differentiates;
  }

  apply(args: Value[], interpreter: Interpreter): Value[] {
    const rest = args.slice(this.carried);
    let carried = args.slice(0, this.carried);
    for (let done = 0; this.holds([...carried, ...rest], interpreter); done++) {
      if (done === this.limit) throw this.tooLong();
      interpreter.tick();
      const next = this.body.apply([...carried, ...rest], interpreter);
      this.checkBody(next, carried);
      carried = next;
    }
    return carried;
  }

  nodes(): number {
    return Number.POSITIVE_INFINITY;
  }

  private holds(args: Value[], interpreter: Interpreter): boolean {
    const { condition } = this;
    const evaluate = (): Value => condition.apply(args, interpreter)[0] as Value;
    const found = condition.differentiates ? evaluate() : interpreter.quietly(evaluate);
    this.checkCondition(found);
    return interpreter.truth(found);
  }

  private checkCondition(found: Meta): void {
    const options = { path: this.condition.resultPath(0) };
    if (found.shape.length > 0) {
      const message = `Expected cond_fn to return a scalar tensor or a bool but got ${size(found)}.`;
      throw new GraddError('shape-mismatch', message, options);
    }
    if (found.dtype !== 'bool') {
      const message = `cond_fn must return a boolean scalar tensor or a boolean but got a scalar tensor of torch.${found.dtype}`;
      throw new GraddError('dtype-mismatch', message, options);
    }
  }

  private checkBody(next: readonly Meta[], carried: readonly Meta[]): void {
    checkPairs('body_fn_output and carried_inputs', next, carried, this.body);
  }

  private tooLong(): GraddError {
    const message = `while_loop(): cond_fn still holds after ${this.limit} iterations, which is the limit (max_iterations)`;
    return new GraddError('limit-exceeded', message);
  }

  describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null {
    const carried = operands.slice(0, this.carried);
    const condition = this.condition.describe(operands, interpreter);
    if (condition !== null) this.checkCondition(condition[0] as Meta);
    const next = this.body.describe(operands, interpreter);
    if (next !== null) this.checkBody(next, carried);
    return condition === null || next === null ? null : carried.map(metaOf);
  }
}

/** Results that one operation may have; longer tensors are taken apart in two steps. */
const PARTS = 65536;

/** The slices along the first dimension. */
function slicesOf(x: Value): Value[] {
  const parts = (x.size(0) as number) > PARTS ? split(x) : [x];
  return parts.flatMap((part) => part.applyAll('unbind', { self: part, dim: 0 }));
}

const split = (x: Value): Value[] => x.applyAll('split', { self: x, split_size_or_sections: PARTS, dim: 0 });

const stacked = (parts: readonly Value[]): Value =>
  (parts[0] as Value).apply('stack', { tensors: parts, dim: 0 });

const sliceMeta = ({ dtype, shape }: Meta): Meta => ({ dtype, shape: shape.slice(1) });
const stackMeta = ({ dtype, shape }: Meta, length: number): Meta => ({ dtype, shape: [length, ...shape] });

/** A function of what is carried and of one slice after the other; what it gives besides is stacked. */
export class Scan implements NodeFn {
  readonly key: string;
  readonly gradFn = 'ScanAutogradOpBackward';
  readonly inert = 0;
  readonly differentiates: boolean;
  private readonly combine: Body;
  private readonly carried: number;
  private readonly sliced: number;

  constructor(combine: Body, carried: number, sliced: number) {
    this.combine = combine;
    this.carried = carried;
    this.sliced = sliced;
    this.key = `scan(${combine.key},${carried},${sliced})`;
    this.differentiates = combine.differentiates;
  }

  apply(args: Value[], interpreter: Interpreter): Value[] {
    const { carried: n, sliced } = this;
    const slices = args.slice(n, n + sliced).map(slicesOf);
    const rest = args.slice(n + sliced);
    let carried = args.slice(0, n);
    const columns: Value[][] = Array.from({ length: this.combine.results - n }, () => []);
    const length = (slices[0] as Value[]).length;
    for (let i = 0; i < length; i++) {
      interpreter.tick();
      const found = this.combine.apply(
        [...carried, ...slices.map((list) => list[i] as Value), ...rest],
        interpreter,
      );
      const next = found.slice(0, n);
      this.checkCarry(carried, next);
      carried = next;
      columns.forEach((column, j) => {
        column.push(found[n + j] as Value);
      });
    }
    return [...carried, ...columns.map(stacked)];
  }

  nodes(operands: readonly Meta[]): number {
    const [length] = (operands[this.carried] as Meta).shape as [number];
    return length * (1 + this.combine.size);
  }

  private checkCarry(before: readonly Meta[], after: readonly Meta[]): void {
    checkPairs('init and carry', before, after, this.combine);
  }

  describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null {
    const { carried: n, sliced } = this;
    const init = operands.slice(0, n);
    const xs = operands.slice(n, n + sliced);
    const inputs = [...init, ...xs.map(sliceMeta), ...operands.slice(n + sliced)];
    const found = this.combine.describe(inputs, interpreter);
    if (found === null) return null;
    this.checkCarry(init, found.slice(0, n));
    const length = (xs[0] as Meta).shape[0] as number;
    return [...init.map(metaOf), ...found.slice(n).map((each) => stackMeta(each, length))];
  }
}

/** A function of one slice after the other; its results are stacked. */
export class MapOver implements NodeFn {
  readonly key: string;
  readonly gradFn = 'MapAutogradOpBackward';
  readonly inert = 0;
  readonly differentiates: boolean;
  private readonly f: Body;
  private readonly sliced: number;

  constructor(f: Body, sliced: number) {
    this.f = f;
    this.sliced = sliced;
    this.key = `map(${f.key},${sliced})`;
    this.differentiates = f.differentiates;
  }

  apply(args: Value[], interpreter: Interpreter): Value[] {
    const slices = args.slice(0, this.sliced).map(slicesOf);
    const rest = args.slice(this.sliced);
    const columns: Value[][] = Array.from({ length: this.f.results }, () => []);
    const length = (slices[0] as Value[]).length;
    for (let i = 0; i < length; i++) {
      interpreter.tick();
      const found = this.f.apply([...slices.map((list) => list[i] as Value), ...rest], interpreter);
      columns.forEach((column, j) => {
        column.push(found[j] as Value);
      });
    }
    return columns.map(stacked);
  }

  nodes(operands: readonly Meta[]): number {
    const [length] = (operands[0] as Meta).shape as [number];
    return length * (1 + this.f.size);
  }

  describe(operands: readonly Meta[], interpreter: Interpreter): Meta[] | null {
    const xs = operands.slice(0, this.sliced);
    const found = this.f.describe([...xs.map(sliceMeta), ...operands.slice(this.sliced)], interpreter);
    const length = (xs[0] as Meta).shape[0] as number;
    return found === null ? null : found.map((each) => stackMeta(each, length));
  }
}
