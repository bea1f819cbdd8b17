/** Kernel speeds, in GFLOP/s and ns per element: `node bench/kernels.mjs [part of a name]`. */
import { existsSync, readFileSync } from 'node:fs';

const build = new URL('../src/engine/kernels/build/', import.meta.url);
const bytes = (name) => readFileSync(new URL(name, build));
const wanted = process.argv[2] ?? '';

function instance() {
  const relaxed = new URL('kernels-relaxed.wasm', build);
  const useRelaxed = existsSync(relaxed) && WebAssembly.validate(bytes('kernels-relaxed.wasm'));
  const module = new WebAssembly.Module(bytes(useRelaxed ? 'kernels-relaxed.wasm' : 'kernels.wasm'));
  return { ...new WebAssembly.Instance(module).exports, useRelaxed };
}

const kernels = instance();
kernels.memory.grow(1600);
const base = (kernels.heap_base() + 4096) & ~63;

/** Nanoseconds of one call: the best of several rounds. */
function time(call, budget = 150) {
  let rounds = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) call();
    if (performance.now() - start > budget / 8) break;
    rounds *= 2;
  }
  let best = Infinity;
  for (let t = performance.now() + budget; performance.now() < t; ) {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) call();
    best = Math.min(best, performance.now() - start);
  }
  return (best / rounds) * 1e6;
}

const report = (name, value, unit) =>
  console.log(`${name.padEnd(34)} ${value.toFixed(3).padStart(10)} ${unit}`);
const region = (i) => base + i * 24_000_000;

function numbers(dtype, pointer, n, low = -3, high = 3) {
  const Kind = dtype === 'f64' ? Float64Array : Float32Array;
  new Kind(kernels.memory.buffer, pointer, n).forEach((_, i, all) => {
    all[i] = low + ((high - low) * ((i * 7919) % 10007)) / 10007;
  });
}

function matmul(dtype, M, N, K, strides = [K, 1, N, 1], note = '') {
  const name = `gemm_${dtype} ${M}x${N}x${K}${note}`;
  if (!name.includes(wanted)) return;
  numbers(dtype, region(0), M * K);
  numbers(dtype, region(1), K * N);
  const ns = time(
    () => kernels[`gemm_${dtype}`](region(2), region(0), region(1), M, N, K, ...strides, region(3)),
    400,
  );
  report(name, (2 * M * N * K) / ns, `GFLOP/s  ${ns.toFixed(0).padStart(10)} ns`);
}

function pointwise(name, inputs, params = [], n = 2048, low = -3, high = 3) {
  if (!name.includes(wanted) || !kernels[name]) return;
  const dtype = name.endsWith('f64') ? 'f64' : 'f32';
  for (let i = 0; i < inputs; i++) numbers(dtype, region(i), n, low, high);
  const pointers = [region(3), ...Array.from({ length: inputs }, (_, i) => region(i))];
  report(`${name} (${n})`, time(() => kernels[name](...pointers, n, ...params)) / n, 'ns/element');
}

function reduction(name, outer, n, inner, inputs = 1) {
  if (!`${name} [`.includes(wanted) || !kernels[name]) return;
  const dtype = name.endsWith('f64') ? 'f64' : 'f32',
    size = outer * n * inner;
  for (let i = 0; i < inputs; i++) numbers(dtype, region(i), size);
  const pointers = [region(3), ...Array.from({ length: inputs }, (_, i) => region(i))];
  if (/max_dim|min_dim/.test(name)) pointers.unshift(region(2));
  report(
    `${name} [${outer}, ${n}, ${inner}]`,
    time(() => kernels[name](...pointers, outer, n, inner, name.startsWith('norm') ? 2 : 1)) / size,
    'ns/element',
  );
}

function strided(name, shape, strides) {
  if (!`${name} [`.includes(wanted)) return;
  const n = shape.reduce((a, b) => a * b, 1);
  new Int32Array(kernels.memory.buffer, region(2), 1 + 2 * shape.length).set([
    shape.length,
    ...shape,
    ...strides,
  ]);
  const ns = time(() => kernels[name](region(3), region(0), region(2), 0, n));
  report(`${name} [${shape}] by [${strides}]`, ns / n, 'ns/element');
}

console.log(`Node ${process.version}, ${kernels.useRelaxed ? 'relaxed' : 'baseline'} SIMD`);
for (const dtype of ['f32', 'f64']) {
  for (const n of [1, 4, 8, 16, 32, 64, 128, 256, 512]) matmul(dtype, n, n, n);
  matmul(dtype, 512, 512, 512, [512, 1, 1, 512], ' A Bt');
  matmul(dtype, 512, 512, 512, [1, 512, 512, 1], ' At B');
  matmul(dtype, 32, 256, 256, [256, 1, 1, 256], ' A Bt');
  matmul(dtype, 1, 512, 512);
  matmul(dtype, 1, 512, 512, [512, 1, 1, 512], ' A Bt');
  matmul(dtype, 512, 1, 512);
  matmul(dtype, 4, 512, 512);
  matmul(dtype, 5, 5, 5);
  matmul(dtype, 67, 3, 100);
}
for (const dtype of ['f32', 'f64']) {
  for (const name of ['add', 'mul', 'maximum', 'div', 'eq', 'lt']) pointwise(`${name}_${dtype}`, 2);
  for (const name of [
    'neg',
    'relu',
    'sqrt',
    'isnan',
    'exp',
    'tanh',
    'sigmoid',
    'silu',
    'gelu',
    'gelu_tanh',
    'logsigmoid',
    'sin',
    'cos',
    'tan',
    'expm1',
    'erf',
    'erfc',
    'exp2',
    'sinh',
    'atan',
    'asinh',
  ])
    pointwise(`${name}_${dtype}`, 1);
  for (const name of ['log', 'log1p', 'log2', 'log10']) pointwise(`${name}_${dtype}`, 1, [], 2048, 0.01, 100);
  for (const name of ['asin', 'acos', 'atanh']) pointwise(`${name}_${dtype}`, 1, [], 2048, -0.99, 0.99);
  for (const name of ['tanh', 'sigmoid', 'silu', 'gelu', 'gelu_tanh', 'logsigmoid'])
    pointwise(`${name}_backward_${dtype}`, 2);
  pointwise(`pow_${dtype}`, 2, [], 2048, 0.1, 3);
  pointwise(`fmod_${dtype}`, 2);
  pointwise(`remainder_${dtype}`, 2);
  pointwise(`softplus_${dtype}`, 1, [1, 20]);
  pointwise(`elu_${dtype}`, 1, [1, 1, 1]);
  pointwise(`mul_${dtype}`, 2, [], 1_000_000);
  pointwise(`exp_${dtype}`, 1, [], 1_000_000);
  pointwise(`exp_${dtype}`, 1, [], 1);
  for (const name of [
    'sum',
    'prod',
    'amax',
    'argmax',
    'max_dim',
    'any',
    'var',
    'logsumexp',
    'norm_p',
    'softmax',
    'log_softmax',
    'cumsum',
  ]) {
    reduction(`${name}_${dtype}`, 1, 1_000_000, 1);
    reduction(`${name}_${dtype}`, 1000, 1000, 1);
    reduction(`${name}_${dtype}`, 1, 1000, 1000);
    reduction(`${name}_${dtype}`, 10_000, 10, 10);
  }
  for (const name of ['softmax_backward', 'log_softmax_backward']) {
    reduction(`${name}_${dtype}`, 1000, 1000, 1, 2);
    reduction(`${name}_${dtype}`, 1, 1000, 1000, 2);
  }
}
strided('gather_4', [1000, 1000], [1, 1000]);
strided('gather_4', [1024, 1024], [1, 1024]);
strided('gather_8', [1000, 1000], [1, 1000]);
strided('gather_4', [1000, 1000], [0, 1]);
strided('gather_4', [1000, 1000], [1, 0]);
strided('gather_4', [100, 1000, 10], [10000, 1, 1000]);
strided('gather_4', [100000, 4], [8, 1]);
strided('gather_4', [100000, 3], [4, 1]);
strided('scatter_4', [1000, 1000], [1, 1000]);
