import { type Elementwise, elementwise } from '../../ops/elementwise.ts';
import { isFloat, type Scalar } from '../../tensor/dtype.ts';
import { expandLayout, type Layout, sameShape } from '../../tensor/layout.ts';
import { type Buffer, type Instr, type StaticGraph, sameLayout, uniformOf, uniformView, View } from './ir.ts';
import { type Journal, rewriteAll, type Substitution, type Visit } from './rewrite.ts';

type Pointwise = Extract<Instr, { kind: 'elementwise' }>;

/** What a rule sees of an elementwise instruction. */
export interface Scope {
  readonly x: View;
  readonly y: View;
  readonly z: View;
  /** Whether every element of an operand is this number, the sign of zero included. */
  is(view: View, value: number): boolean;
  /** The number that every element is, NaN where they differ or are not known. */
  number(view: View): number;
  same(a: View, b: View): boolean;
  /** The operands of the instruction of this kernel that computed a view, or null. */
  made(view: View, kernel: string): readonly View[] | null;
}

/** The result as another view, or as another kernel on other operands; null where the rule does not apply. */
export type Result = View | { readonly kernel: string; readonly operands: readonly View[] } | null;

/** A rule for one kernel on floating-point numbers; it holds for every value, NaN, infinities and signed zeros included. */
export interface Rule {
  readonly kernel: string;
  readonly name: string;
  apply(scope: Scope): Result;
}

const rule = (kernel: string, name: string, apply: Rule['apply']): Rule => ({ kernel, name, apply });
const by = (kernel: string, ...operands: View[]): Result => ({ kernel, operands });

/** Whether a number is 2ⁿ or -2ⁿ with its inverse far from the least and the largest of every float. */
function powerOfTwo(x: number): boolean {
  const n = Math.round(Math.log2(Math.abs(x)));
  return Math.abs(n) <= 100 && Math.abs(x) === 2 ** n;
}

/** Algebra that changes no result, a rule a line. */
export const rules: readonly Rule[] = [
  rule('mul', 'x * 1 = x', ({ x, y, is }) => (is(y, 1) ? x : is(x, 1) ? y : null)),
  rule('mul', 'x * -1 = -x', ({ x, y, is }) => (is(y, -1) ? by('neg', x) : is(x, -1) ? by('neg', y) : null)),
  rule('mul', '-x * -y = x * y', ({ x, y, made }) => {
    const [a, b] = [made(x, 'neg'), made(y, 'neg')];
    return a && b ? by('mul', a[0] as View, b[0] as View) : null;
  }),
  rule('div', 'x / 1 = x', ({ x, y, is }) => (is(y, 1) ? x : null)),
  rule('div', 'x / -1 = -x', ({ x, y, is }) => (is(y, -1) ? by('neg', x) : null)),
  rule('div', 'x / 2ⁿ = x * 2⁻ⁿ', ({ x, y, number }) =>
    powerOfTwo(number(y)) ? by('mul', x, uniformView('float64', 1 / number(y), y.layout.shape)) : null,
  ),
  rule('add', 'x + -0 = x', ({ x, y, is }) => (is(y, -0) ? x : is(x, -0) ? y : null)),
  rule('add', 'x + -y = x - y', ({ x, y, made }) => {
    const [a, b] = [made(x, 'neg'), made(y, 'neg')];
    return b ? by('sub', x, b[0] as View) : a ? by('sub', y, a[0] as View) : null;
  }),
  rule('sub', 'x - 0 = x', ({ x, y, is }) => (is(y, 0) ? x : null)),
  rule('sub', 'x - -y = x + y', ({ x, y, made }) => {
    const b = made(y, 'neg');
    return b ? by('add', x, b[0] as View) : null;
  }),
  rule('neg', '--x = x', ({ x, made }) => made(x, 'neg')?.[0] ?? null),
  rule('abs', '|-x| = |x|', ({ x, made }) => {
    const a = made(x, 'neg');
    return a ? by('abs', a[0] as View) : null;
  }),
  rule('abs', '||x|| = |x|', ({ x, made }) => (made(x, 'abs') ? x : null)),
  rule('relu', 'relu relu x = relu x', ({ x, made }) => (made(x, 'relu') ? x : null)),
  rule('maximum', 'max(x, x) = x', ({ x, y, same }) => (same(x, y) ? x : null)),
  rule('minimum', 'min(x, x) = x', ({ x, y, same }) => (same(x, y) ? x : null)),
  rule('pow', 'x ** 1 = x', ({ x, y, is }) => (is(y, 1) ? x : null)),
  rule('where', 'where(true, x, y) = x', ({ x, y, z, is }) => (is(x, 1) ? y : is(x, 0) ? z : null)),
  rule('where', 'where(c, x, x) = x', ({ y, z, same }) => (same(y, z) ? y : null)),
  rule('cos', 'cos -x = cos x', ({ x, made }) => {
    const a = made(x, 'neg');
    return a ? by('cos', a[0] as View) : null;
  }),
];

const rulesOf = new Map<string, Rule[]>();
for (const each of rules) rulesOf.set(each.kernel, [...(rulesOf.get(each.kernel) ?? []), each]);

const kernels = new Map<string, Elementwise>();

/** An elementwise kernel by name, for instructions that no operation made. */
export function kernelNamed(name: string): Elementwise {
  const known = kernels.get(name) ?? elementwise(name);
  kernels.set(name, known);
  return known;
}

const expanded = (view: View, layout: Layout): View =>
  sameShape(view.layout.shape, layout.shape)
    ? view
    : new View(view.buffer, expandLayout(view.layout, layout.shape), view.offset);

class Rewriter implements Omit<Scope, 'x' | 'y' | 'z'> {
  private readonly makers = new Map<Buffer, Pointwise>();

  readonly is = (view: View, value: number): boolean => Object.is(this.number(view), value);

  readonly number = (view: View): number => {
    const value: Scalar | undefined = uniformOf(view);
    return value === undefined ? Number.NaN : Number(value);
  };

  readonly same = (a: View, b: View): boolean =>
    a.buffer === b.buffer &&
    a.offset === b.offset &&
    sameShape(a.layout.shape, b.layout.shape) &&
    sameLayout(a.layout, b.layout);

  readonly made = (view: View, kernel: string): readonly View[] | null => {
    const maker = this.makers.get(view.buffer);
    if (maker?.e.kernel !== kernel || view.offset !== 0 || view.dtype !== maker.dtype) return null;
    if (!sameShape(view.layout.shape, maker.out.layout.shape) || !sameLayout(view.layout, maker.out.layout))
      return null;
    return maker.operands.every(({ dtype }) => dtype === maker.dtype) ? maker.operands : null;
  };

  visit(instr: Instr, substitution: Substitution, journal: Journal): Instr | null {
    if (instr.kind === 'copy') return dropCopy(instr, substitution, journal);
    if (instr.kind !== 'elementwise') return instr;
    const next = this.simplified(instr, substitution, journal);
    if (next !== null) this.makers.set(next.out.buffer, next);
    return next;
  }

  private simplified(instr: Pointwise, substitution: Substitution, journal: Journal): Pointwise | null {
    if (!isFloat(instr.dtype)) return instr;
    let current = instr;
    for (let tries = 0; tries < 4; tries++) {
      const next = this.step(current, substitution, journal);
      if (next === null) return null;
      if (next === current) break;
      current = next;
    }
    return current;
  }

  private step(instr: Pointwise, substitution: Substitution, journal: Journal): Pointwise | null {
    const [x, y, z] = instr.operands as [View, View, View];
    for (const each of rulesOf.get(instr.e.kernel) ?? []) {
      const found = each.apply({
        x,
        y,
        z,
        is: this.is,
        number: this.number,
        same: this.same,
        made: this.made,
      });
      if (found === null) continue;
      if (!(found instanceof View)) {
        journal.note(each.name);
        return { ...instr, e: kernelNamed(found.kernel), operands: [...found.operands] };
      }
      const view = expanded(found, instr.out.layout);
      if (!substitution.fits(instr.out, view)) continue;
      substitution.put(instr.out, view);
      journal.note(each.name);
      return null;
    }
    return instr;
  }
}

/** A copy of what never changes is as good as the original, where that can be read in its place. */
function dropCopy(
  instr: Extract<Instr, { kind: 'copy' }>,
  substitution: Substitution,
  journal: Journal,
): Instr | null {
  const [source] = instr.operands as [View];
  if (!substitution.fits(instr.out, source)) return instr;
  substitution.put(instr.out, source);
  journal.note('a copy of what never changes');
  return null;
}

/** Applies the rules until none applies. */
export function algebra(journal: Journal): Visit {
  const rewriter = new Rewriter();
  return (instr, substitution) => rewriter.visit(instr, substitution, journal);
}

export const simplify = (graph: StaticGraph, journal: Journal): void => rewriteAll(graph, [algebra(journal)]);
