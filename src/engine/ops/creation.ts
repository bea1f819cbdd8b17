import { GraddError } from '../errors.ts';
import type { DType, Scalar } from '../tensor/dtype.ts';
import type { Value } from '../tensor/value.ts';
import { composite, type Op, op } from './define.ts';
import {
  int,
  ints,
  kw,
  maybeDType,
  maybeInt,
  maybeScalar,
  number,
  scalar,
  spread,
  tensor,
} from './params.ts';
import { checkSizes } from './runtime.ts';

const dtype = kw(maybeDType());
const size = spread(ints());

/** What PyTorch infers of a Python number: the default dtype for a float. */
const inferred = (value: Scalar, defaultDType: DType): DType =>
  typeof value === 'number' ? defaultDType : typeof value === 'bigint' ? 'int64' : 'bool';

const filled = (name: string, value: number): Op =>
  composite({
    doc: `A tensor of ${name}.`,
    on: ['torch'],
    params: { size, dtype },
    compose({ size, dtype }, { call, defaultDType }) {
      if (name === 'zeros' && size.some((each) => each < 0))
        throw new GraddError('invalid-argument', 'zeros: Dimension size must be non-negative.');
      return call('full', { size, fill_value: value, dtype: dtype ?? defaultDType });
    },
  });

const filledLike = (name: string, value: number): Op =>
  composite({
    doc: `A tensor of ${name} with the shape and dtype of self.`,
    on: ['torch'],
    params: { self: tensor(), dtype },
    compose: ({ self, dtype }) => self.newFull(self.shape, value, dtype ?? self.dtype),
  });

const filledNew = (name: string, value: number): Op =>
  composite({
    doc: `A tensor of ${name} with the dtype of self.`,
    on: ['Tensor'],
    params: { self: tensor(), size, dtype },
    compose: ({ self, size, dtype }) => self.newFull(size, value, dtype ?? self.dtype),
  });

/** The number of elements of `arange`, computed in double precision as PyTorch does. */
function arangeLength(start: Scalar, end: Scalar, step: Scalar): number {
  const [a, b, s] = [Number(start), Number(end), Number(step)];
  const refuse = (message: string): never => {
    throw new GraddError('invalid-argument', message);
  };
  if (s === 0) refuse('step must be nonzero');
  if (!Number.isFinite(a) || !Number.isFinite(b)) refuse(`unsupported range: ${a} -> ${b}`);
  if (Number.isNaN(s)) refuse('step must be nonzero');
  if ((s > 0 && b < a) || (s < 0 && b > a)) {
    refuse('upper bound and lower bound inconsistent with step sign');
  }
  return Math.ceil((b - a) / s);
}

function arangeDType(values: readonly Scalar[], defaultDType: DType): DType {
  return values.some((value) => typeof value === 'number') ? defaultDType : 'int64';
}

const range = op({
  doc: 'Numbers from start by step, n of them.',
  internal: true,
  params: { start: scalar(), step: scalar(), n: int(), dtype: maybeDType() },
  meta: ({ n, dtype }, d) => ({ dtype: dtype ?? d, shape: [n] }),
  run({ start, step, n }, out, rt) {
    if (out.dtype === 'bool') rt.fill(out, Number(start) !== 0);
    else rt.kernelFor('arange', out.dtype)(out.ptr, n, Number(start), Number(step));
  },
  vjp: null,
});

/** Operations that make tensors. */
export const creationOps = {
  full: op({
    doc: 'A tensor of one value.',
    on: ['torch'],
    params: { size, fill_value: scalar(), dtype },
    meta({ size, fill_value, dtype }, d) {
      checkSizes(size);
      return { shape: size, dtype: dtype ?? inferred(fill_value, d) };
    },
    run: ({ fill_value }, out, rt) => rt.fill(out, fill_value),
    vjp: null,
  }),
  zeros: filled('zeros', 0),
  ones: filled('ones', 1),
  zeros_like: filledLike('zeros', 0),
  ones_like: filledLike('ones', 1),
  full_like: composite({
    doc: 'A tensor of one value with the shape and dtype of self.',
    on: ['torch'],
    params: { self: tensor(), fill_value: scalar(), dtype },
    compose: ({ self, fill_value, dtype }) => self.newFull(self.shape, fill_value, dtype ?? self.dtype),
  }),
  new_zeros: filledNew('zeros', 0),
  new_ones: filledNew('ones', 1),
  new_full: composite({
    doc: 'A tensor of one value with the dtype of self.',
    on: ['Tensor'],
    params: { self: tensor(), size: ints(), fill_value: scalar(), dtype },
    compose: ({ self, size, fill_value, dtype }) => self.newFull(size, fill_value, dtype ?? self.dtype),
  }),
  scalar_tensor: composite({
    doc: 'A 0-d tensor of a number.',
    on: ['torch'],
    params: { s: scalar(), dtype },
    compose: ({ s, dtype }, { call, defaultDType }) =>
      call('full', { size: [], fill_value: s, dtype: dtype ?? defaultDType }),
  }),
  _arange: range,
  arange: composite({
    doc: 'Numbers from start (0 if one number is given) up to but not including end.',
    on: ['torch'],
    params: { start: scalar(), end: maybeScalar(), step: scalar(1n), dtype },
    compose({ start, end, step, dtype }, { call, defaultDType }) {
      const [from, to] = end === null ? [0n, start] : [start, end];
      const n = arangeLength(from, to, step);
      return call('_arange', {
        start: from,
        step,
        n,
        dtype: dtype ?? arangeDType([from, to, step], defaultDType),
      });
    },
  }),
  linspace: composite({
    doc: 'Numbers from start to end, both included, at equal distances.',
    on: ['torch'],
    params: { start: number(), end: number(), steps: int(), dtype },
    compose({ start, end, steps, dtype }, { call, item, defaultDType }) {
      const bound = (x: Value | Scalar, name: string): Scalar => {
        if (typeof x !== 'object') return x;
        if (x.ndim === 0) return item(x);
        const message = `linspace only supports 0-dimensional start and end tensors, but got ${name} with ${x.ndim} dimension(s).`;
        throw new GraddError('invalid-argument', message);
      };
      const [from, to] = [bound(start, 'start'), bound(end, 'end')];
      return call('_linspace', { start: from, end: to, steps, dtype: dtype ?? defaultDType });
    },
  }),
  _linspace: op({
    doc: 'Numbers at equal distances.',
    internal: true,
    params: { start: scalar(), end: scalar(), steps: int(), dtype: maybeDType() },
    meta({ steps, dtype }, d) {
      if (steps < 0) throw new GraddError('invalid-argument', 'number of steps must be non-negative');
      return { shape: [steps], dtype: dtype ?? d };
    },
    run({ start, end, steps }, out, rt) {
      rt.kernelFor('linspace', out.dtype)(out.ptr, steps, Number(start), Number(end));
    },
    vjp: null,
  }),
  eye: op({
    doc: 'Ones on the diagonal, zeros elsewhere.',
    on: ['torch'],
    params: { n: int(), m: maybeInt(), dtype },
    meta({ n, m, dtype }, d) {
      if (n < 0) throw new GraddError('invalid-argument', `n must be greater or equal to 0, got ${n}`);
      if (m !== null && m < 0)
        throw new GraddError('invalid-argument', `m must be greater or equal to 0, got ${m}`);
      return { shape: [n, m ?? n], dtype: dtype ?? d };
    },
    run: ({ n, m }, out, rt) => void rt.kernelFor('eye', out.dtype)(out.ptr, n, m ?? n),
    vjp: null,
  }),
} satisfies Record<string, Op>;
