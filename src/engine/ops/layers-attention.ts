import { GraddError } from '../errors.ts';
import { type DType, facts, isFloat } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Value } from '../tensor/value.ts';
import { type CompositeContext, composite, fusedOp, type Op, op } from './define.ts';
import { argumentError, listOf, mulScalar, shapeError, shared } from './layers-shared.ts';
import { flag, float, kw, maybeScalar, maybeTensor, tensor } from './params.ts';

/** How queries attend to keys. */
interface Attention {
  query: Value;
  key: Value;
  value: Value;
  attn_mask: Value | null;
  is_causal: boolean;
  /** By what products of queries and keys are multiplied. */
  scale: number;
}

const cNames: Record<DType, string> = {
  float64: 'double',
  float32: 'float',
  int64: 'long int',
  int32: 'int',
  bool: 'bool',
};

/** The negative infinities of a mask of bools, false where nothing is attended to. */
function asAddend(mask: Value | null, like: Value): Value | null {
  if (mask === null || mask.dtype !== 'bool') return mask;
  return like.newFull(mask.shape, 0).maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY);
}

/** The mask that lets a query see the keys up to its own place. */
function causal(query: Value, key: Value): Value {
  const seen = query.newFull([query.size(-2), key.size(-2)], true, 'bool').tril();
  return asAddend(seen, query) as Value;
}

/** Each head of keys or values as often as there are heads of queries for it. */
function repeatHeads(x: Value, times: number): Value {
  const d = x.ndim - 3;
  const [lead, heads, rest] = [x.shape.slice(0, d), x.shape[d] as number, x.shape.slice(d + 1)];
  const wide = x.unsqueeze(d + 1).expand([...lead, heads, times, ...rest]);
  const copy = wide.apply('clone', { self: wide, memory_format: 'contiguous_format' });
  return copy.view([...lead, heads * times, ...rest]);
}

/** Keys and values with as many heads as the queries. */
function groupHeads(query: Value, key: Value, value: Value): [Value, Value] {
  for (const x of [query, key, value]) {
    if (x.ndim >= 3) continue;
    argumentError(`Dimension out of range (expected to be in range of [-2, 1], but got -3)`);
  }
  const [q, k, v] = [query.size(-3), key.size(-3), value.size(-3)];
  if (q === k && k === v) return [key, value];
  if (k === 0 || v === 0 || q % k !== 0 || q % v !== 0) {
    shapeError('Number of heads in key and value must divide the number of heads in ');
  }
  return [repeatHeads(key, q / k), repeatHeads(value, q / v)];
}

const safeSoftmax = (self: Value): Value => self.apply('_safe_softmax', { self });

/** PyTorch's `_scaled_dot_product_attention_math`: the operations one by one. */
function attentionMath(args: Attention & { scale: number }, grouped: boolean): Value {
  const { query, attn_mask, is_causal, scale } = args;
  const root = Math.sqrt(Math.abs(scale));
  const scaled = mulScalar(query, scale < 0 ? -root : root);
  if (is_causal && attn_mask !== null) {
    argumentError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True');
  }
  const mask = is_causal ? causal(query, args.key) : asAddend(attn_mask, query);
  const [key, value] = grouped ? groupHeads(query, args.key, args.value) : [args.key, args.value];
  const scores = scaled.matmul(mulScalar(key.mT, root));
  return safeSoftmax(mask === null ? scores : addMask(scores, mask)).matmul(value);
}

function addMask(scores: Value, mask: Value): Value {
  const out = scores.add(mask);
  if (out.ndim > scores.ndim || out.shape.some((size, i) => size !== scores.shape[i])) {
    shapeError(
      `output with shape ${listOf(scores.shape)} doesn't match the broadcast shape ${listOf(out.shape)}`,
    );
  }
  return out.to(scores.dtype);
}

/** What each query attends to: the softmax of the masked, scaled products with the keys. */
function probabilities({ query, key, attn_mask, is_causal, scale }: Attention): Value {
  const scores = query.mul(scale).matmul(key.mT);
  const mask = asAddend(attn_mask, query)?.to(query.dtype) ?? null;
  const masked = mask === null ? scores : scores.add(mask);
  return safeSoftmax(is_causal ? masked.add(causal(query, key)) : masked);
}

/** Keys and values with the queries' heads, and what undoes that for a gradient. */
function spreadHeads(args: Attention): { attention: Attention; gather: (g: Value, like: Value) => Value } {
  const [q, k] = [args.query.size(1), args.key.size(1)];
  if (q === k) return { attention: args, gather: (g) => g };
  const attention = {
    ...args,
    key: repeatHeads(args.key, q / k),
    value: repeatHeads(args.value, q / k),
  };
  const gather = (g: Value, like: Value): Value => {
    const [n, heads, ...rest] = like.shape as [number, number, ...number[]];
    return g.reshape([n, heads, q / k, ...rest]).sum([2]);
  };
  return { attention, gather };
}

/** The gradients for query, key and value. */
function attentionGradients(args: Attention & { g: Value; out: Value }): Value[] {
  const { g, out, query, key, value, attn_mask, is_causal, scale } = args;
  return shared(out, g, () => {
    const { attention, gather } = spreadHeads({ query, key, value, attn_mask, is_causal, scale });
    const p = probabilities(attention);
    const ofP = g.matmul(attention.value.mT);
    const slope = { grad_output: ofP, output: p, dim: -1 };
    const ofScores = p.apply('_softmax_backward_data', slope).mul(scale);
    const ofKey = ofScores.mT.matmul(attention.query);
    return [ofScores.matmul(attention.key), gather(ofKey, key), gather(p.mT.matmul(g), value)];
  });
}

/** Whether the sizes of a mask suit PyTorch's kernel for CPUs. */
function suitsMask(mask: Value, query: Value, key: Value): boolean {
  const fits = (d: number, size: number): boolean => mask.size(d) === size || mask.size(d) === 1;
  if (mask.ndim !== 2 && mask.ndim !== 4) return false;
  if (!fits(-2, query.size(-2)) || !fits(-1, key.size(-2))) return false;
  return mask.ndim === 2 || (fits(0, query.size(0)) && fits(1, query.size(1)));
}

/** Whether heads and batches suit it. */
function suitsHeads(query: Value, key: Value, value: Value, grouped: boolean): boolean {
  const [q, k, v] = [query.size(1), key.size(1), value.size(1)];
  if (query.size(0) !== key.size(0) || key.size(0) !== value.size(0) || k !== v) return false;
  return q === k || (grouped && k > 0 && q % k === 0);
}

const alongLast = (x: Value): boolean => x.isContiguous || lastStride(x) === 1;
const lastStride = (x: Value): number => (x as Tensor).layout.strides.at(-1) as number;

/** Whether PyTorch has one kernel, and so one node, for this. */
function isFused({ query, key, value, attn_mask }: Omit<Attention, 'scale'>, grouped: boolean): boolean {
  const all = [query, key, value];
  if (all.some((x) => x.ndim !== 4 || !alongLast(x))) return false;
  if (!suitsHeads(query, key, value, grouped)) return false;
  const d = query.size(-1);
  if (d === 0 || key.size(-1) !== d || value.size(-1) !== d || key.size(-2) !== value.size(-2)) return false;
  if (attn_mask === null) return true;
  return !(attn_mask.requiresGrad && query.interpreter.gradEnabled) && suitsMask(attn_mask, query, key);
}

function checkAttention({ query, key, value, attn_mask }: Omit<Attention, 'scale'>): void {
  const each = (what: (x: Value) => string | number, name: string): string =>
    `query.${name}: ${what(query)} key.${name}: ${what(key)} and value.${name}: ${what(value)} instead.`;
  if (key.dtype !== query.dtype || value.dtype !== query.dtype) {
    const found = each((x) => cNames[x.dtype], 'dtype');
    const message = `Expected query, key, and value to have the same dtype, but got ${found}`;
    throw new GraddError('dtype-mismatch', message);
  }
  if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2) {
    const found = each((x) => x.ndim, 'dim');
    shapeError(`Expected query, key, and value to all be  at least 2 dimensional, but got ${found}`);
  }
  const dtypes = ['bool', 'float32', query.dtype];
  if (attn_mask !== null && !dtypes.includes(attn_mask.dtype)) {
    throw new GraddError(
      'dtype-mismatch',
      `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${cNames[attn_mask.dtype]} and  query.dtype: ${cNames[query.dtype]} instead.`,
    );
  }
  if (isFloat(query.dtype)) return;
  const found = facts[query.dtype].scalarType;
  throw new GraddError('dtype-mismatch', `expected scalar type Float but found ${found}`);
}

const isEmpty = ({ query, key, value }: Omit<Attention, 'scale'>): boolean =>
  value.numel === 0 || (query.size(-1) !== 0 && (query.numel === 0 || key.numel === 0));

/** PyTorch's answer where nothing is attended to: zeros that depend on everything. */
function attentionOfNothing({ query, key, value }: Omit<Attention, 'scale'>): Value {
  const shape: Shape = [...query.shape.slice(0, -1), value.size(-1)];
  return query.newFull(shape, 0).add(mulScalar(query.sum().add(key.sum()).add(value.sum()), 0));
}

function noDropout(p: number): void {
  if (p > 1 || p < 0) argumentError(`dropout probability has to be between 0 and 1, but got ${p}`);
  if (p === 0) return;
  argumentError('scaled_dot_product_attention: dropout_p must be 0 here: results do not depend on chance');
}

/** Attention, one node where PyTorch has one kernel, else as PyTorch composes it. */
export function attention(
  args: Omit<Attention, 'scale'> & { scale: number | null; grouped: boolean },
  { call }: CompositeContext,
): Value {
  checkAttention(args);
  if (isEmpty(args)) return attentionOfNothing(args);
  const { query, key, value, attn_mask, is_causal, grouped } = args;
  const scale = args.scale ?? 1 / Math.sqrt(query.size(-1));
  const given = { query, key, value, attn_mask, is_causal, scale };
  return isFused(args, grouped)
    ? (call('_scaled_dot_product_flash_attention_for_cpu', given) as Value)
    : attentionMath(given, grouped);
}

/** Attention. */
export const attentionOps = {
  _safe_softmax: op({
    doc: 'Softmax along the last dimension, zeros where everything is -inf.',
    internal: true,
    params: { self: tensor() },
    gradFn: 'SafeSoftmaxBackward0',
    meta: ({ self: { dtype, shape } }) => ({ dtype, shape }),
    run({ self }, out, rt) {
      const x = rt.contiguous(self).ptr;
      const n = self.shape.at(-1) ?? 1;
      const outer = n === 0 ? 0 : self.numel / n;
      rt.kernelFor('softmax', self.dtype)(out.ptr, x, outer, n, 1);
      rt.kernelFor('clear_masked', self.dtype)(out.ptr, x, outer, n);
    },
    vjp: {
      self: ({ g, out }) => g.apply('_softmax_backward_data', { grad_output: g, output: out, dim: -1 }),
    },
  }),
  _scaled_dot_product_flash_attention_for_cpu: fusedOp({
    doc: 'Attention of heads.',
    internal: true,
    gradFn: 'ScaledDotProductFlashAttentionForCpuBackward0',
    params: {
      query: tensor(),
      key: tensor(),
      value: tensor(),
      attn_mask: maybeTensor(),
      is_causal: flag(),
      scale: float(),
    },
    forward(args) {
      const { attention } = spreadHeads(args);
      return probabilities(attention).matmul(attention.value);
    },
    vjp: {
      query: (scope) => attentionGradients(scope)[0] as Value,
      key: (scope) => attentionGradients(scope)[1] as Value,
      value: (scope) => attentionGradients(scope)[2] as Value,
      attn_mask: null,
    },
  }),
  'nn.functional.scaled_dot_product_attention': composite({
    doc: 'Values weighted by the softmax of the products of queries and keys.',
    params: {
      query: tensor(),
      key: tensor(),
      value: tensor(),
      attn_mask: maybeTensor(),
      dropout_p: float(0),
      is_causal: flag(),
      scale: kw(maybeScalar()),
      enable_gqa: kw(flag()),
    },
    compose({ dropout_p, scale, enable_gqa, ...args }, context) {
      noDropout(dropout_p);
      const factor = scale === null ? null : Number(scale);
      return attention({ ...args, scale: factor, grouped: enable_gqa }, context);
    },
  }),
} satisfies Record<string, Op>;
