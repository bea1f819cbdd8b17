import { GraddError } from '../errors.ts';
import { facts, notImplementedFor, type Scalar } from '../tensor/dtype.ts';
import { normalizeDim } from '../tensor/layout.ts';
import type { Value } from '../tensor/value.ts';
import { isIndexDType, needInt } from './arrangement-parts.ts';
import { composite, eagerOp, type Op } from './define.ts';
import { kw, maybeInt, number, tensor } from './params.ts';

const refuse = (message: string): never => {
  throw new GraddError('invalid-argument', message);
};

/** As often for each index. */
function repeatedEvenly(self: Value, times: number, dim: number, output_size: number | null): Value {
  if (times < 0) refuse('Repeats must be non-negative');
  const d = normalizeDim(dim, self.ndim);
  const spread = self.unsqueeze(d + 1);
  const size = (self.shape[d] as number) * times;
  if (output_size !== null && output_size !== size)
    refuse(`repeat_interleave: Invalid output_size, expected ${size} but got ${output_size}`);
  const { shape } = spread;
  const expanded = spread.expand(shape.with(d + 1, times));
  const copied = expanded.apply('clone', { self: expanded, memory_format: 'contiguous_format' });
  return copied.view(self.shape.with(d, size));
}

/** As often as `repeats` says of each index. */
function repeatedBy(self: Value, given: Value, dim: number, output_size: number | null): Value {
  if (given.ndim > 1) refuse('repeats must be 0-dim or 1-dim tensor');
  if (self.ndim === 0) refuse('Dimension specified as 0 but tensor has no dimensions');
  const d = normalizeDim(dim, self.ndim);
  const size = self.shape[d] as number;
  const one = given.ndim === 0 || given.shape[0] === 1;
  if (!one && given.numel !== size) {
    const message = `repeats must have the same size as input along dim, but got repeats.size(0) = ${given.numel} and input.size(${d}) = ${size}`;
    throw new GraddError('shape-mismatch', message);
  }
  const repeats = one ? given.reshape([1]).expand([size]) : given;
  return self.indexSelect(d, self.apply('_repeat_index', { repeats, output_size }));
}

/** The repetitions: a tensor, or an int. */
const repeatsOf = (given: Value | Scalar): Value | number =>
  typeof given === 'object' ? given : needInt('repeat_interleave', 'repeats', 2, given);

/** Elements repeated. */
export const repeatOps = {
  repeat_interleave: composite({
    doc: 'Each element (or slice along a dimension) repeated; of repeats alone, each index as often as it says.',
    params: {
      self: tensor(),
      repeats: { ...number(), required: false },
      dim: maybeInt(),
      output_size: kw(maybeInt()),
    },
    compose({ self, repeats: given, dim, output_size }, { call }) {
      if (given === undefined) {
        if (dim !== null) refuse('repeat_interleave() missing 1 required positional arguments: "repeats"');
        return call('_repeat_index', { repeats: self, output_size });
      }
      const repeats = repeatsOf(given);
      const source = dim === null ? self.apply('flatten', { self }) : self;
      return typeof repeats === 'object'
        ? repeatedBy(source, repeats, dim ?? 0, output_size)
        : repeatedEvenly(source, repeats, dim ?? 0, output_size);
    },
  }),
  _repeat_index: eagerOp({
    doc: 'Each index as often as repeats says.',
    internal: true,
    params: { repeats: tensor(), output_size: maybeInt() },
    eager({ repeats, output_size }, rt) {
      if (!isIndexDType(repeats)) notImplementedFor('repeat_interleave_cpu', repeats.dtype);
      if (repeats.ndim !== 1) refuse('repeat_interleave only accept 1D vector as repeat');
      const { suffix } = facts[repeats.dtype];
      const { ptr, numel } = rt.contiguous(repeats);
      const total = output_size ?? rt.count(`repeat_total_${suffix}`, ptr, numel);
      if (total < 0) refuse('repeats can not be negative');
      const out = rt.empty('int64', [total]);
      const status = rt.status(`repeat_index_${suffix}`, out.ptr, ptr, numel, total);
      if (status !== 0)
        refuse(status === 1 ? 'allocated size does not match required size' : 'repeats can not be negative');
      return out;
    },
    vjp: null,
  }),
} satisfies Record<string, Op>;
