/** Leaves of evaluations: numbers made once, copied in for every round. */
import { Engine } from '../dist/engine/index.js';

const arrays = { float64: Float64Array, float32: Float32Array, int64: BigInt64Array };

/** An engine with room for everything that is measured. */
export const roomy = () =>
  new Engine({ limits: { maxElements: 2 ** 28, maxTotalElements: 2 ** 40, maxNodes: 2 ** 20 } });

/** A tensor yet without an engine; `fill` gives its elements by their index. */
export function filled(dtype, shape, fill) {
  const numel = shape.reduce((a, b) => a * b, 1);
  return { dtype, shape, data: arrays[dtype].from({ length: numel }, (_, i) => fill(i)) };
}

/** Numbers that vary, the same in every language. */
export const wave = (dtype, shape, frequency, centre, amplitude) =>
  filled(dtype, shape, (i) => centre + amplitude * Math.sin(frequency * i));

export function leaf(engine, { dtype, shape, data }) {
  const tensor = engine.rt.empty(dtype, shape);
  engine.rt.arena.u8.set(new Uint8Array(data.buffer), tensor.ptr);
  return engine.leaf(tensor, dtype !== 'int64');
}

/** The leaves of an evaluation that begins. */
export function begin(engine, dtype, given) {
  engine.begin({ dtype });
  return new Map(Object.entries(given).map(([name, tensor]) => [name, leaf(engine, tensor)]));
}
