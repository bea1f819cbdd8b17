import {
  type Arg,
  type DType,
  DTypeLiteral,
  Ellipsis,
  type Engine,
  findIn,
  GraddError,
  type GradFn,
  type GradMode,
  type Handle,
  type IndexItem,
  type Op,
  type Scalar,
  type Session,
  Slice,
  Variable,
} from '../../../src/engine/index.ts';

type Json = null | boolean | string | Json[] | { [key: string]: Json };
export type Step = Record<string, Json>;

export interface Facts {
  shape: number[];
  dtype: DType;
  data: (number | string | boolean)[];
  requires_grad: boolean;
  leaf: boolean | null;
  version: number | null;
  view: boolean | null;
  node: unknown;
  grad: unknown;
}

export interface Case {
  name: string;
  steps: Step[];
  log: unknown[];
  /** How deep nodes are compared. */
  depth: number;
  final: Facts[];
}

const number = (x: unknown): number =>
  typeof x === 'string'
    ? ({ inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[x] ?? Number.NaN)
    : Number(x);

/** Does the steps of a program that PyTorch did. */
export class Replay {
  readonly session: Session;
  readonly known: Variable[] = [];
  readonly log: unknown[] = [];
  private readonly modes: GradMode[] = [];
  private readonly handles = new Map<number, Handle>();
  /** Called between steps. */
  between: (session: Session, known: Variable[]) => void = () => undefined;

  constructor(engine: Engine, dtype: DType = 'float32') {
    engine.begin({ dtype });
    this.session = engine.session();
  }

  private decode(value: Json): Arg {
    if (Array.isArray(value)) return value.map((item) => this.decode(item));
    if (value === null || typeof value !== 'object') return value;
    if ('$' in value) return this.known[Number(value.$)] as Variable;
    if ('int' in value) return BigInt(Number(value.int));
    if ('float' in value) return number(value.float);
    if ('dtype' in value) return new DTypeLiteral(value.dtype as DType);
    if ('ellipsis' in value) return Ellipsis.instance;
    const [start, stop, step] = (value.slice as Json[]).map((x) => (x === null ? null : Number(x)));
    return new Slice(start ?? null, stop ?? null, step ?? null);
  }

  private index(value: Json): IndexItem<Variable>[] {
    const list = Array.isArray(value) ? value : [value];
    return list.map((item) => {
      const found = this.decode(item);
      return (typeof found === 'bigint' ? Number(found) : found) as IndexItem<Variable>;
    });
  }

  /** Names results as PyTorch's run named them; the same tensor has the same name. */
  private name(out: unknown, as: Json, problems: string[]): void {
    if (Array.isArray(as)) {
      as.forEach((each, i) => {
        this.name((out as unknown[])[i], each, problems);
      });
      return;
    }
    if (as === null || typeof as !== 'object') return;
    const id = Number((as as { $: Json }).$);
    if (!(out instanceof Variable)) problems.push(`no tensor ${id}, but ${String(out)}`);
    else if (id === this.known.length) {
      if (this.known.includes(out)) problems.push(`tensor ${id} is tensor ${this.known.indexOf(out)}`);
      this.known.push(out);
    } else if (this.known[id] !== out) problems.push(`tensor ${id} is another`);
  }

  private depth = 0;

  run({ steps, final, log, depth }: Case): string[] {
    this.depth = depth;
    const problems: string[] = [];
    for (const [i, step] of steps.entries()) {
      let out: unknown;
      let error: string | null = null;
      try {
        out = this.step(step, i, problems);
      } catch (caught) {
        if (!(caught instanceof GraddError)) throw caught;
        error = caught.message;
      }
      const want = (step.error as string | undefined) ?? null;
      if (error !== want && !(error && want?.startsWith(`${error}\n`)))
        problems.push(`step ${i} ${JSON.stringify(step).slice(0, 200)}: ${error} instead of ${want}`);
      if (error !== null || want !== null) break;
      if ('out' in step) this.name(out, step.out as Json, problems);
      this.between(this.session, this.known);
    }
    this.session.gradMode = 'on';
    final.forEach((want, i) => {
      const variable = this.known[i];
      if (variable !== undefined)
        problems.push(...this.compare(variable, want).map((why) => `tensor ${i} ${why}`));
    });
    problems.push(...different('log', this.log, log));
    return problems;
  }

  private step(step: Step, i: number, problems: string[]): unknown {
    const { session } = this;
    const at = (key: string): Variable => this.decode(step[key] as Json) as Variable;
    if ('mode' in step) {
      if (step.mode === null) session.gradMode = this.modes.pop() as GradMode;
      else {
        this.modes.push(session.gradMode);
        session.gradMode = step.mode as GradMode;
      }
      return null;
    }
    if ('tensor' in step) {
      const [data, shape, dtype] = step.tensor as [Json[], number[], DType];
      const flat = data.map(
        (x): Scalar =>
          dtype.startsWith('int') ? BigInt(x as never) : dtype === 'bool' ? Boolean(x) : number(x),
      );
      const made = session.variable(flat, shape, dtype);
      return step.grad ? session.setRequiresGrad(made, true) : made;
    }
    if ('look' in step) {
      const why = this.compare(at('look'), step.is as unknown as Facts);
      problems.push(...why.map((each) => `step ${i} look: ${each}`));
      return null;
    }
    if ('get' in step) return session.getItem(at('get'), this.index(step.index as Json));
    if ('set' in step)
      return session.setItem(
        at('set'),
        this.index(step.index as Json),
        this.decode(step.value as Json) as Variable | Scalar,
      );
    if ('seed' in step) return session.manualSeed(BigInt(Number(step.seed)));
    if ('data' in step) return session.dataOf(at('data'));
    if ('setdata' in step) return session.setData(at('setdata'), at('value'));
    if ('setgrad' in step)
      return session.setGrad(at('setgrad'), this.decode(step.value as Json) as Variable | null);
    if ('unhook' in step) return this.handles.get(Number(step.unhook))?.remove();
    if ('hook' in step) return this.hook(step, i);
    const keywords = new Map(
      Object.entries(step.kw ?? {}).map(([name, value]) => [name, this.decode(value)]),
    );
    if ('backward' in step) {
      const roots = this.decode(step.backward as Json) as Variable[];
      const given = this.decode(step.gradients as Json) as (Variable | null)[] | null;
      return session.backward(roots, given ?? roots.map(() => null), options(keywords));
    }
    if ('autograd' in step) {
      const [outputs, inputs] = this.decode(step.autograd as Json) as [Variable[], Variable[]];
      const list = (x: unknown) => (Array.isArray(x) ? x : [x]) as Variable[];
      const given = keywords.get('grad_outputs');
      return session.grad(
        list(outputs),
        list(inputs),
        given ? list(given) : list(outputs).map(() => null),
        options(keywords),
      );
    }
    if ('grad' in step && !('call' in step) && !('function' in step)) return at('grad').grad;
    const args = (step.args as Json[]).map((arg) => this.decode(arg));
    if ('call' in step) return this.method(step.call as string, at('self'), args, keywords);
    return this.function(step.function as string, args, keywords);
  }

  private method(name: string, self: Variable, args: Arg[], keywords: Map<string, Arg>): unknown {
    const { session } = this;
    if (name === 'backward')
      return session.backward([self], [(args[0] as Variable) ?? null], options(keywords));
    if (name === 'requires_grad_') return session.setRequiresGrad(self, (args[0] as boolean) ?? true);
    if (name === 'retain_grad') return void session.retainGrad(self);
    if (name === 'detach_') return session.detachInPlace(self);
    if (name === 'fill_diagonal_') return session.fillDiagonal(self, args[0] as Scalar);
    const inPlace = session.findInPlace('Tensor', name);
    if (inPlace) return session.applyInPlace(inPlace, [self, ...args], keywords);
    return session.apply(findIn('Tensor', name) as Op, [self, ...args], keywords);
  }

  private function(name: string, args: Arg[], keywords: Map<string, Arg>): unknown {
    const { session } = this;
    const functional = name.startsWith('nn.functional.');
    const bare = functional ? name.slice('nn.functional.'.length) : name;
    const place = functional ? 'F' : 'torch';
    const inPlace = session.findInPlace(place, bare);
    if (inPlace) return session.applyInPlace(inPlace, args, keywords);
    const op = findIn(place, bare) as Op;
    return session.apply(op, args, keywords);
  }

  private hook(step: Step, i: number): null {
    const { session } = this;
    const { kind, label } = step;
    const read = (g: Variable) => session.elements(g).map((x) => (typeof x === 'bigint' ? Number(x) : x));
    const variable = this.decode(step.hook as Json) as Variable;
    const handle = step.post
      ? session.registerPostHook(variable, (leaf) => {
          this.log.push([label, [...leaf.shape], read(leaf.grad as Variable), leaf.requiresGrad]);
        })
      : session.registerHook(variable, (g) => {
          this.log.push([label, [...g.shape], read(g), g.requiresGrad]);
          if (kind === 'double') return g.mul(2) as Variable;
          if (kind === 'shape') return session.variable(Array(7).fill(1), [7], g.dtype);
          return null;
        });
    this.handles.set(i, handle);
    return null;
  }

  facts(variable: Variable): Facts {
    const { session } = this;
    let node: unknown = null;
    let leaf: boolean | null = null;
    try {
      node = chain(variable.gradFn, this.depth);
      leaf = variable.isLeaf;
    } catch (error) {
      node = { error: (error as Error).message };
    }
    const read = (v: Variable) =>
      session.withMode('off', () => session.elements(v)).map((x) => (typeof x === 'bigint' ? Number(x) : x));
    const { grad } = variable;
    return {
      shape: [...variable.shape],
      dtype: variable.dtype,
      data: read(variable),
      requires_grad: variable.requiresGrad,
      leaf,
      version: variable.version,
      view: variable.isView,
      node,
      grad: grad === null ? null : [read(grad), grad.dtype, grad.requiresGrad],
    };
  }

  private compare(variable: Variable, want: Facts): string[] {
    const have = this.facts(variable);
    return Object.keys(want).flatMap((key) => {
      const [a, b] = [have[key as keyof Facts], want[key as keyof Facts]];
      if ((key === 'version' || key === 'view') && b === null) return [];
      return different(key, a, b);
    });
  }
}

const options = (keywords: Map<string, Arg>) => ({
  retainGraph: keywords.get('retain_graph') as boolean | undefined,
  createGraph: keywords.get('create_graph') as boolean | undefined,
  allowUnused: keywords.get('allow_unused') as boolean | undefined,
  materializeGrads: keywords.get('materialize_grads') as boolean | undefined,
  inputs: keywords.get('inputs') as Variable[] | undefined,
});

function chain(node: GradFn | null, depth: number): unknown {
  if (node === null) return null;
  if (depth === 0) return '…';
  return [node.className, node.name(), node.nextFunctions.map(([next, i]) => [chain(next, depth - 1), i])];
}

/** Whether two values are alike, numbers to a share of 1e-5: float32 sums are in another order. */
function alike(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => alike(x, b[i]));
  const numeric = [a, b].every((x) => typeof x === 'number' || x === 'nan' || x === 'inf' || x === '-inf');
  if (!numeric) return JSON.stringify(a) === JSON.stringify(b);
  const [x, y] = [number(a), number(b)];
  return Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-5 * Math.max(Math.abs(x), Math.abs(y), 1e-9);
}

const different = (what: string, have: unknown, want: unknown): string[] =>
  alike(have, want) ? [] : [`${what}: ${JSON.stringify(have)} instead of ${JSON.stringify(want)}`];
