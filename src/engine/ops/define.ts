import type { DType } from '../tensor/dtype.ts';
import type { Layout, Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Interpreter, NamedArgs, Value } from '../tensor/value.ts';
import type { PlacedArg } from './bind.ts';
import type { ArgsOf, Kind, Params } from './params.ts';
import type { Runtime } from './runtime.ts';

/** Where PyTorch has the operation: `torch.f`, `Tensor.f`, `torch.nn.functional.f`. */
export type Place = 'torch' | 'Tensor' | 'F';

/** Shape and dtype of a result, known before anything is computed. */
export interface Meta {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a rule has in scope: the arguments by name, the result `out` and its gradient `g`, as in derivatives.yaml. */
export type RuleScope<P extends Params, Many extends boolean> = ArgsOf<P> &
  (Many extends true ? { g: (Value | null)[]; out: Value[] } : { g: Value; out: Value });

type DifferentiableKinds = 'tensor' | 'operand' | 'number' | 'maybe' | 'tensors';

/** The parameters that may receive a gradient. */
type TensorParams<P extends Params> = {
  [N in keyof P]: P[N]['kind'] extends DifferentiableKinds ? N : never;
}[keyof P];

/** The gradient for a parameter; for a list of tensors, one for each. null: zero, or None where PyTorch has it. */
type Rule<P extends Params, N extends keyof P, Many extends boolean> = (
  scope: RuleScope<P, Many>,
) => P[N]['kind'] extends 'tensors' ? (Value | null)[] : Value | null;

/**
 * A rule for every tensor parameter: leaving one out does not compile. `null`: no gradient flows there and PyTorch's
 * `next_functions` has no entry for it (an index, a condition). `vjp: null` as a whole: the result is never
 * differentiable, as of `argmax` or `eq`.
 */
export type Rules<P extends Params, Many extends boolean = false> =
  | {
      [N in TensorParams<P>]: Rule<P, N, Many> | null;
    }
  | null;

interface Common<P extends Params> {
  /** One line of documentation. */
  doc: string;
  params: P;
  /** Further public names, with PyTorch's prefixes left out: `multiply`, `special.expit`. */
  aliases?: readonly string[];
  /** Default: `torch` and `Tensor`, or `F` where the name starts with `nn.functional.`. */
  on?: readonly Place[];
  /** Not in the catalogue: what PyTorch keeps to itself (`select_backward`). */
  internal?: boolean;
  /** Throws complaints that need no tensors: those in the arguments may still be references. */
  checkForm?(args: ArgsOf<P, unknown>): void;
  /** Brings the positional arguments of another overload into the form of `params`. */
  arrange?(positional: readonly PlacedArg[]): readonly PlacedArg[];
  /** Whether it draws random numbers with these arguments, so that each call is another one. */
  stateful?(args: ArgsOf<P, unknown>): boolean;
}

interface Differentiable<P extends Params, Many extends boolean> {
  /** Default: the name in PascalCase and `Backward0`. */
  gradFn?: string | ((args: ArgsOf<P>) => string);
  vjp: Rules<P, Many>;
}

/** An operation with one result and a kernel of its own. */
export interface OpSpec<P extends Params> extends Common<P>, Differentiable<P, false> {
  meta(args: ArgsOf<P>, defaultDType: DType): Meta;
  /** Fills `out`, which is contiguous and not cleared. */
  run(args: ArgsOf<P, Tensor>, out: Tensor, rt: Runtime): void;
}

/** An operation with several results. `fields` are PyTorch's names of them, where it has some. */
export interface ManySpec<P extends Params> extends Common<P>, Differentiable<P, true> {
  fields?: readonly string[];
  /** Numbers of results that are floats and yet constants: no gradient comes from them. */
  constants?: readonly number[];
  meta(args: ArgsOf<P>, defaultDType: DType): Meta[];
  run(args: ArgsOf<P, Tensor>, out: Tensor[], rt: Runtime): void;
}

/** An operation whose result is another view of the same bytes. `offset` is in elements, relative to the operand. */
export interface ViewSpec<P extends Params> extends Common<P>, Differentiable<P, false> {
  view(args: ArgsOf<P, Tensor>): { layout: Layout; offset: number };
  /** The shape alone, where no strides are known. */
  meta(args: ArgsOf<P>): Shape;
}

/** As ViewSpec, for `split` and the like. */
export interface ManyViewSpec<P extends Params> extends Common<P>, Differentiable<P, true> {
  views(args: ArgsOf<P, Tensor>): { layout: Layout; offset: number }[];
  meta(args: ArgsOf<P>): Shape[];
}

/** An operation that allocates its results itself, since their shape depends on values or they may alias an operand. */
export interface EagerSpec<P extends Params> extends Common<P>, Differentiable<P, false> {
  eager(args: ArgsOf<P, Tensor>, rt: Runtime): Tensor;
}

/** An operation that PyTorch records as one node and that is computed by other operations. */
export interface FusedSpec<P extends Params> extends Common<P>, Differentiable<P, false> {
  forward(args: ArgsOf<P>, context: CompositeContext): Value;
}

/** An operation that PyTorch composes of others, so that only these are in the trace. */
export interface CompositeSpec<P extends Params> extends Common<P> {
  fields?: readonly string[];
  compose(args: ArgsOf<P>, context: CompositeContext): Value | (Value | null)[];
}

/** What a composite may use besides its arguments. */
export type CompositeContext = Interpreter;

/** A gradient rule as the reverse walk calls it; the scope is the argument record of the node. */
export type AnyRule = (scope: never) => Value | null | (Value | null)[];

/** A tensor parameter that has an edge in the graph. */
export interface EdgeParam {
  readonly name: string;
  readonly kind: Kind;
  readonly rule: AnyRule;
}

/** An entry of the table, in the one form that all shared code reads. */
export interface Op {
  /** Its key in the table. */
  name: string;
  readonly doc: string;
  readonly params: Params;
  /** The names of the parameters, in order. */
  readonly order: readonly string[];
  readonly aliases: readonly string[];
  on: readonly Place[];
  readonly internal: boolean;
  readonly fields: readonly string[] | null;
  /** Numbers of results that are floats and yet constants. */
  readonly constants?: readonly number[];
  /** Composite operations leave no node of their own. */
  readonly composite: boolean;
  /** False where no result is ever differentiable. */
  readonly differentiable: boolean;
  readonly edges: readonly EdgeParam[];
  /** Default arguments beside the fields of a node of the graph: what an argument record is cloned from. */
  readonly blank: NamedArgs;
  /** The name of the node in the trace. */
  gradFnName(args: NamedArgs): string;
  /** The operands that a Python number is wrapped for. */
  readonly operands: readonly string[];
  /** Throws complaints that need no tensors: those in the arguments may still be references. */
  checkForm?(args: NamedArgs): void;
  /** Brings the positional arguments of another overload into the form of `params`. */
  arrange?(positional: readonly PlacedArg[]): readonly PlacedArg[];
  /** Whether it draws random numbers with these arguments, so that each call is another one. */
  stateful?(args: NamedArgs): boolean;
  /** Computes the results (primitive operations). */
  compute(args: NamedArgs, rt: Runtime): Tensor | Tensor[];
  /** Fills results that are there already, if `compute` is still the one that came with it. */
  readonly direct?: {
    readonly compute: Op['compute'];
    run(args: NamedArgs, outs: Tensor[], rt: Runtime): void;
  };
  /** Its results are views of `self`. */
  readonly view?: true;
  /** Computed by one kernel element by element, so that the result may take the place of an operand. */
  readonly inPlace?: true;
  /** Computed by other operations outside the graph, which a static graph has in its place. */
  readonly transparent?: boolean;
  /** Whether a static graph has the operations of such functions in its place. */
  inlined?(args: NamedArgs): boolean;
  /**
   * Shapes and dtypes of the results, for an operation that runs functions made of operations; null where they depend
   * on values.
   */
  describe?(args: NamedArgs, interpreter: Interpreter): Meta[] | null;
  /** Composes the result of other operations (composite operations). */
  compose(args: NamedArgs, context: CompositeContext): Value | (Value | null)[];
  /** Shapes and dtypes of the results, or null where they depend on values. */
  meta(args: NamedArgs, defaultDType: DType): Meta | Meta[] | null;
  /** The quick way of elementwise operations without attributes; undefined for all others. */
  readonly elementwise?: ElementwiseCompute;
}

/** Computes an elementwise operation of one or two operands. */
export type ElementwiseCompute = (rt: Runtime, a: Tensor, b: Tensor | undefined) => Tensor;

const pascal = (name: string): string =>
  (name.split('.').at(-1) as string)
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const noCompose = (): never => {
  throw new Error('not a composite');
};
const noCompute = (): never => {
  throw new Error('not a primitive');
};

/** The rules of `vjp` for the parameters that have an edge, in the order of the parameters. */
function edgesOf(params: Params, vjp: Record<string, AnyRule | null> | null): EdgeParam[] {
  if (vjp === null) return [];
  return Object.entries(params).flatMap(([name, param]) => {
    const rule = vjp[name];
    return rule ? [{ name, kind: param.kind, rule }] : [];
  });
}

function common<P extends Params>(spec: Common<P>) {
  const order = Object.keys(spec.params);
  const blank: NamedArgs = { op: null, g: null, out: null, visit: 0, count: 0 };
  for (const name of order) blank[name] = spec.params[name]?.default;
  return {
    name: '',
    doc: spec.doc,
    params: spec.params as Params,
    order,
    aliases: spec.aliases ?? [],
    on: spec.on ?? [],
    internal: spec.internal ?? false,
    fields: null,
    blank,
    operands: order.filter((name) => spec.params[name]?.kind === 'operand'),
    ...(spec.arrange && { arrange: spec.arrange }),
    ...(spec.checkForm && {
      checkForm: (args: NamedArgs) => spec.checkForm?.(args as ArgsOf<P, unknown>),
    }),
    ...(spec.stateful && {
      stateful: (args: NamedArgs) => spec.stateful?.(args as ArgsOf<P, unknown>) ?? false,
    }),
  };
}

function primitive<P extends Params, Many extends boolean>(spec: Common<P> & Differentiable<P, Many>) {
  const { gradFn, vjp } = spec;
  let label = typeof gradFn === 'string' ? gradFn : undefined;
  return {
    ...common(spec),
    composite: false,
    differentiable: vjp !== null,
    edges: edgesOf(spec.params, vjp as Record<string, AnyRule | null> | null),
    gradFnName(this: { name: string }, args: NamedArgs): string {
      if (typeof gradFn === 'function') return gradFn(args as ArgsOf<P>);
      label ??= `${pascal(this.name)}Backward0`;
      return label;
    },
    compose: noCompose,
  };
}

/** A primitive operation: shape rule, kernel, gradient rules. */
export function op<P extends Params>(spec: OpSpec<P>): Op {
  const compute = (args: NamedArgs, rt: Runtime): Tensor => {
    const { dtype, shape } = spec.meta(args as ArgsOf<P>, rt.defaultDType);
    const out = rt.empty(dtype, shape);
    spec.run(args as ArgsOf<P, Tensor>, out, rt);
    return out;
  };
  return {
    ...primitive(spec),
    meta: (args, defaultDType) => spec.meta(args as ArgsOf<P>, defaultDType),
    compute,
    direct: { compute, run: (args, [out], rt) => spec.run(args as ArgsOf<P, Tensor>, out as Tensor, rt) },
  };
}

/** A primitive operation with several results. */
export function manyOp<P extends Params>(spec: ManySpec<P>): Op {
  const compute = (args: NamedArgs, rt: Runtime): Tensor[] => {
    const out = spec
      .meta(args as ArgsOf<P>, rt.defaultDType)
      .map(({ dtype, shape }) => rt.empty(dtype, shape));
    spec.run(args as ArgsOf<P, Tensor>, out, rt);
    return out;
  };
  return {
    ...primitive(spec),
    fields: spec.fields ?? null,
    constants: spec.constants ?? [],
    meta: (args, defaultDType) => spec.meta(args as ArgsOf<P>, defaultDType),
    compute,
    direct: { compute, run: (args, outs, rt) => spec.run(args as ArgsOf<P, Tensor>, outs, rt) },
  };
}

/** A primitive operation computed in a way of its own: by several kernels. */
export const raw = (spec: Op, compute: Op['compute']): Op => ({ ...spec, compute });

const viewed = (args: NamedArgs): Tensor => args.self as Tensor;

/** A view of `self`. */
export function viewOp<P extends Params>(spec: ViewSpec<P>): Op {
  return {
    ...primitive(spec),
    view: true,
    meta: (args) => ({ dtype: viewed(args).dtype, shape: spec.meta(args as ArgsOf<P>) }),
    compute(args, rt) {
      const { layout, offset } = spec.view(args as ArgsOf<P, Tensor>);
      return rt.view(viewed(args), layout, offset);
    },
  };
}

/** Several views of `self`. */
export function manyViewOp<P extends Params>(spec: ManyViewSpec<P>): Op {
  return {
    ...primitive(spec),
    view: true,
    meta: (args) => spec.meta(args as ArgsOf<P>).map((shape) => ({ dtype: viewed(args).dtype, shape })),
    compute: (args, rt) =>
      spec
        .views(args as ArgsOf<P, Tensor>)
        .map(({ layout, offset }) => rt.view(viewed(args), layout, offset)),
  };
}

/** An operation whose result only the values know. */
export function eagerOp<P extends Params>(spec: EagerSpec<P>): Op {
  return {
    ...primitive(spec),
    meta: () => null,
    compute: (args, rt) => spec.eager(args as ArgsOf<P, Tensor>, rt),
  };
}

/** An operation of one node that is computed by others, outside the graph. */
export function fusedOp<P extends Params>(spec: FusedSpec<P>): Op {
  return {
    ...primitive(spec),
    meta: () => null,
    transparent: true,
    compute: (args, rt) =>
      rt.interpreter.quietly(() => rt.fresh(spec.forward(args as ArgsOf<P>, rt.interpreter) as Tensor, args)),
  };
}

/** An operation made of others. */
export function composite<P extends Params>(spec: CompositeSpec<P>): Op {
  return {
    ...common(spec),
    fields: spec.fields ?? null,
    composite: true,
    differentiable: true,
    edges: [],
    gradFnName: () => '',
    compute: noCompute,
    compose: (args, context) => spec.compose(args as ArgsOf<P>, context),
    meta: () => null,
  };
}
