// Convolutions of images [channels, depth, height, width] with any stride, dilation and padding.
//
// An image is first copied into scratch memory with its margins of zeros (`conv_image`). There each term of the
// sum over channels and kernel positions is an offset from the first one (`conv_terms`), so that a row of results is
// a product of matrices whose right operand is read where it is: nothing is unrolled ("im2col"). Columns of the
// scratch image are sorted by their remainder modulo the stride, so that neighbours in a row of results are
// neighbours there too.
import { at, bytes, lanes, loadPart, put, storePart, whole } from './element';
import { multiplyAdd, num } from './vector';

const ROWS = 4;
/** Rows of an image that are gone through with all weights before the next ones are. */
const BAND = 8;
/** Elements of a row that are summed at once where weights' gradients are. */
const SPAN = 512;
/** A tile on its way to elements that are not neighbours. */
const STAGE = memory.data(64);

/**
 * Copies `c` channels into scratch: in each dimension the positions lo … lo + m of n, zeros where there are none, a
 * source element s from the next. Columns are sorted by their remainder modulo `split`, `pitch` for each. @kernel size
 */
export function conv_image<T>(
  dst: usize, src: usize, c: i32, cs: i32, n0: i32, s0: i32, lo0: i32, m0: i32, n1: i32, s1: i32, lo1: i32, m1: i32,
  n2: i32, s2: i32, lo2: i32, m2: i32, split: i32, pitch: i32,
): void {
  const row = bytes<T>(split * pitch), from = max(0, -lo2), to = min(m2, n2 - lo2);
  memory.fill(dst, 0, row * c * m0 * m1);
  for (let i = 0; i < c; i++) {
    for (let z = 0; z < m0; z++) {
      for (let y = 0; y < m1; y++, dst += row) {
        const sz = z + lo0, sy = y + lo1;
        if (sz < 0 || sz >= n0 || sy < 0 || sy >= n1) continue;
        copyColumns<T>(dst, src + bytes<T>(i * cs + sz * s0 + sy * s1 + lo2 * s2), from, to, s2, split, pitch);
      }
    }
  }
}

@inline function copyColumns<T>(
  dst: usize, src: usize, from: i32, to: i32, step: i32, split: i32, pitch: i32,
): void {
  if (from >= to) return;
  if (split == 1 && step == 1) return memory.copy(dst + bytes<T>(from), src + bytes<T>(from), bytes<T>(to - from));
  for (let x = from, r = from % split, q = from / split; x < to; x++) {
    put<T>(dst, r * pitch + q, at<T>(src, x * step));
    if (++r == split) {
      r = 0;
      q++;
    }
  }
}

/**
 * Offsets of the terms in the scratch image and in the weights, in elements: over c channels and n0 × n1 × n2 kernel
 * positions. Columns of the image are sorted as `conv_image` sorts them. @kernel i32
 */
export function conv_terms<T>(
  image: usize, weight: usize, c: i32, cx: i32, cw: i32, x0: i32, w0: i32, n0: i32, xs0: i32, ws0: i32, n1: i32,
  xs1: i32, ws1: i32, n2: i32, xs2: i32, ws2: i32, split: i32, pitch: i32,
): void {
  for (let i = 0; i < c; i++) {
    for (let z = 0; z < n0; z++) {
      for (let y = 0; y < n1; y++) {
        const x = x0 + i * cx + z * xs0 + y * xs1, w = w0 + i * cw + z * ws0 + y * ws1;
        for (let k = 0; k < n2; k++, image += 4, weight += 4) {
          const column = k * xs2;
          store<T>(image, <T>(x + (split == 1 ? column : (column % split) * pitch + column / split)));
          store<T>(weight, <T>(w + k * ws2));
        }
      }
    }
  }
}

/** Weights of m results, `step` apart, of k terms each, in panels of four results. @kernel number */
export function conv_pack<T>(dst: usize, src: usize, terms: usize, m: i32, step: i32, k: i32): void {
  for (let i = 0; i < m; i += ROWS, src += bytes<T>(ROWS * step)) {
    for (let j = 0; j < k; j++, dst += bytes<T>(ROWS)) {
      const from = at<i32>(terms, j);
      for (let r = 0; r < ROWS; r++) put<T>(dst, r, i + r < m ? at<T>(src, from + r * step) : <T>0);
    }
  }
}

/** Sets each of m channels of n elements to its bias. @kernel number */
export function conv_bias<T>(out: usize, bias: usize, m: i32, n: i32): void {
  for (let i = 0; i < m; i++) {
    const value = at<T>(bias, i);
    for (let j = 0; j < n; j++, out += sizeof<T>()) store<T>(out, value);
  }
}

/**
 * out[m, z, y, x] = bias[m] + Σ_k weights[m, k] image[z bz + y by + x + terms[k]] for m × nz × ny × nx results, whose
 * strides are om, oz, oy and ox. Without a bias its address is 0. @kernel number
 */
export function conv_rows<T>(
  out: usize, bias: usize, weights: usize, image: usize, terms: usize, m: i32, k: i32, nz: i32, ny: i32, nx: i32,
  bz: i32, by: i32, om: i32, oz: i32, oy: i32, ox: i32,
): void {
  for (let z = 0; z < nz; z++) {
    for (let y0 = 0; y0 < ny; y0 += BAND) {
      for (let i = 0, panel = weights; i < m; i += ROWS, panel += bytes<T>(ROWS * k)) {
        const first = bias ? bias + bytes<T>(i) : 0, rows = min(ROWS, m - i), end = min(ny, y0 + BAND);
        for (let y = y0; y < end; y++) {
          const base = image + bytes<T>(z * bz + y * by), to = out + bytes<T>(i * om + z * oz + y * oy);
          if (rows == 1) wideRow<T>(to, first, panel, base, terms, k, nx, ox);
          else row<T>(to, first, panel, base, terms, k, nx, rows, om, ox);
        }
      }
    }
  }
}

@inline function biasOf<T>(bias: usize, i: i32, rows: i32): v128 {
  return bias && i < rows ? v128.splat<T>(at<T>(bias, i)) : i64x2.splat(0);
}

/** One row of up to four channels. */
function row<T>(
  out: usize, bias: usize, panel: usize, image: usize, terms: usize, k: i32, nx: i32, rows: i32, om: i32, ox: i32,
): void {
  const width = 2 * lanes<T>();
  let x = 0;
  for (; x + lanes<T>() < nx; x += width) {
    // The last tile overlaps the one before where there is one.
    if (x + width > nx && nx >= width && ox == 1) x = nx - width;
    tile<T>(out + bytes<T>(x * ox), bias, panel, image + bytes<T>(x), terms, k, min(width, nx - x), rows, om, ox);
  }
  if (x < nx) halfTile<T>(out + bytes<T>(x * ox), bias, panel, image + bytes<T>(x), terms, k, nx - x, rows, om, ox);
}

function tile<T>(
  out: usize, bias: usize, panel: usize, image: usize, terms: usize, k: i32, cols: i32, rows: i32, om: i32, ox: i32,
): void {
  const size = sizeof<T>(), end = terms + (<usize>k << 2);
  let x00 = biasOf<T>(bias, 0, rows), x01 = x00, x10 = biasOf<T>(bias, 1, rows), x11 = x10;
  let x20 = biasOf<T>(bias, 2, rows), x21 = x20, x30 = biasOf<T>(bias, 3, rows), x31 = x30;
  for (; terms < end; terms += 4, panel += ROWS * size) {
    const p = image + (<isize>load<i32>(terms) << alignof<T>()), b0 = v128.load(p), b1 = v128.load(p, 16);
    let s = v128.load_splat<T>(panel);
    x00 = multiplyAdd<T>(s, b0, x00);
    x01 = multiplyAdd<T>(s, b1, x01);
    s = v128.load_splat<T>(panel, size);
    x10 = multiplyAdd<T>(s, b0, x10);
    x11 = multiplyAdd<T>(s, b1, x11);
    s = v128.load_splat<T>(panel, 2 * size);
    x20 = multiplyAdd<T>(s, b0, x20);
    x21 = multiplyAdd<T>(s, b1, x21);
    s = v128.load_splat<T>(panel, 3 * size);
    x30 = multiplyAdd<T>(s, b0, x30);
    x31 = multiplyAdd<T>(s, b1, x31);
  }
  const pitch = bytes<T>(om);
  write<T>(out, x00, x01, cols, ox);
  write<T>(out + pitch, x10, x11, cols, ox);
  if (rows > 2) write<T>(out + 2 * pitch, x20, x21, cols, ox);
  if (rows > 3) write<T>(out + 3 * pitch, x30, x31, cols, ox);
}

/** Up to a vector of columns. */
function halfTile<T>(
  out: usize, bias: usize, panel: usize, image: usize, terms: usize, k: i32, cols: i32, rows: i32, om: i32, ox: i32,
): void {
  const size = sizeof<T>(), end = terms + (<usize>k << 2);
  let x0 = biasOf<T>(bias, 0, rows), x1 = biasOf<T>(bias, 1, rows), x2 = biasOf<T>(bias, 2, rows);
  let x3 = biasOf<T>(bias, 3, rows);
  for (; terms < end; terms += 4, panel += ROWS * size) {
    const b = v128.load(image + (<isize>load<i32>(terms) << alignof<T>()));
    x0 = multiplyAdd<T>(v128.load_splat<T>(panel), b, x0);
    x1 = multiplyAdd<T>(v128.load_splat<T>(panel, size), b, x1);
    x2 = multiplyAdd<T>(v128.load_splat<T>(panel, 2 * size), b, x2);
    x3 = multiplyAdd<T>(v128.load_splat<T>(panel, 3 * size), b, x3);
  }
  const pitch = bytes<T>(om);
  write<T>(out, x0, x0, cols, ox);
  write<T>(out + pitch, x1, x1, cols, ox);
  if (rows > 2) write<T>(out + 2 * pitch, x2, x2, cols, ox);
  if (rows > 3) write<T>(out + 3 * pitch, x3, x3, cols, ox);
}

/** One row of a single channel: eight vectors at once, then one by one. */
function wideRow<T>(
  out: usize, bias: usize, panel: usize, image: usize, terms: usize, k: i32, nx: i32, ox: i32,
): void {
  const width = 8 * lanes<T>();
  let x = 0;
  for (; x + width <= nx; x += width) wideTile<T>(out + bytes<T>(x * ox), bias, panel, image + bytes<T>(x), terms, k, ox);
  for (; x < nx; x += lanes<T>()) {
    const size = sizeof<T>(), end = terms + (<usize>k << 2);
    let s = biasOf<T>(bias, 0, 1);
    for (let t = terms, w = panel; t < end; t += 4, w += ROWS * size) {
      const p = image + bytes<T>(x) + (<isize>load<i32>(t) << alignof<T>());
      s = multiplyAdd<T>(v128.load_splat<T>(w), v128.load(p), s);
    }
    write<T>(out + bytes<T>(x * ox), s, s, min(lanes<T>(), nx - x), ox);
  }
}

function wideTile<T>(out: usize, bias: usize, panel: usize, image: usize, terms: usize, k: i32, ox: i32): void {
  const end = terms + (<usize>k << 2), n = 2 * lanes<T>();
  const b = biasOf<T>(bias, 0, 1);
  let x0 = b, x1 = b, x2 = b, x3 = b, x4 = b, x5 = b, x6 = b, x7 = b;
  for (; terms < end; terms += 4, panel += ROWS * sizeof<T>()) {
    const p = image + (<isize>load<i32>(terms) << alignof<T>()), s = v128.load_splat<T>(panel);
    x0 = multiplyAdd<T>(s, v128.load(p), x0);
    x1 = multiplyAdd<T>(s, v128.load(p, 16), x1);
    x2 = multiplyAdd<T>(s, v128.load(p, 32), x2);
    x3 = multiplyAdd<T>(s, v128.load(p, 48), x3);
    x4 = multiplyAdd<T>(s, v128.load(p, 64), x4);
    x5 = multiplyAdd<T>(s, v128.load(p, 80), x5);
    x6 = multiplyAdd<T>(s, v128.load(p, 96), x6);
    x7 = multiplyAdd<T>(s, v128.load(p, 112), x7);
  }
  write<T>(out, x0, x1, n, ox);
  write<T>(out + bytes<T>(n * ox), x2, x3, n, ox);
  write<T>(out + bytes<T>(2 * n * ox), x4, x5, n, ox);
  write<T>(out + bytes<T>(3 * n * ox), x6, x7, n, ox);
}

@inline function write<T>(out: usize, x: v128, y: v128, cols: i32, step: i32): void {
  if (step == 1 && cols == 2 * lanes<T>()) {
    v128.store(out, x);
    v128.store(out, y, 16);
  } else if (step == 1 && cols == lanes<T>()) v128.store(out, x);
  else writeSome<T>(out, x, y, cols, step);
}

function writeSome<T>(out: usize, x: v128, y: v128, cols: i32, step: i32): void {
  v128.store(STAGE, x);
  v128.store(STAGE, y, 16);
  for (let i = 0; i < cols; i++) put<T>(out, i * step, at<T>(STAGE, i));
}

/**
 * Adds the gradient of the weights for one image: dw[m, k] += Σ g[m, z, y, x] image[z bz + y by + x + terms[k]]. The
 * columns of g are neighbours; its other strides are gm, gz and gy. @kernel float
 */
export function conv_weights<T>(
  dw: usize, g: usize, image: usize, terms: usize, m: i32, k: i32, nz: i32, ny: i32, nx: i32, bz: i32, by: i32,
  gm: i32, gz: i32, gy: i32,
): void {
  const band = max(1, SPAN / max(1, nx));
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y += band) {
      const rows = min(band, ny - y), base = image + bytes<T>(z * bz + y * by);
      const from = g + bytes<T>(z * gz + y * gy);
      for (let i = 0; i < m; i += ROWS) {
        for (let j = 0; j < k; j += 2) {
          weightTile<T>(dw, from, base, terms, i, j, m, k, rows, nx, by, gm, gy);
        }
      }
    }
  }
}

/** The sum of the lanes. */
@inline function total<T>(x: v128): T {
  const pair = v128.extract_lane<T>(x, 0) + v128.extract_lane<T>(x, 1);
  return sizeof<T>() == 8 ? pair : pair + (v128.extract_lane<T>(x, 2) + v128.extract_lane<T>(x, 3));
}

/** Weights of channels i … i + 4 for the terms j and j + 1; those beyond the end repeat the last and are not written. */
function weightTile<T>(
  dw: usize, g: usize, image: usize, terms: usize, i: i32, j: i32, m: i32, k: i32, rows: i32, nx: i32, by: i32,
  gm: i32, gy: i32,
): void {
  const zero = num<T>(0), pitch = bytes<T>(gm), body = bytes<T>(whole<T>(nx)), rest = nx - whole<T>(nx);
  let g0 = g + pitch * i, g1 = i + 1 < m ? g0 + pitch : g0, g2 = i + 2 < m ? g1 + pitch : g1;
  let g3 = i + 3 < m ? g2 + pitch : g2;
  let p = image + (<isize>at<i32>(terms, j) << alignof<T>());
  let q = j + 1 < k ? image + (<isize>at<i32>(terms, j + 1) << alignof<T>()) : p;
  let x00 = zero, x01 = zero, x10 = zero, x11 = zero, x20 = zero, x21 = zero, x30 = zero, x31 = zero;
  const step = bytes<T>(gy), next = bytes<T>(by);
  for (let y = 0; y < rows; y++) {
    for (let x: usize = 0; x < body; x += 16) {
      const b0 = v128.load(p + x), b1 = v128.load(q + x);
      let s = v128.load(g0 + x);
      x00 = multiplyAdd<T>(s, b0, x00);
      x01 = multiplyAdd<T>(s, b1, x01);
      s = v128.load(g1 + x);
      x10 = multiplyAdd<T>(s, b0, x10);
      x11 = multiplyAdd<T>(s, b1, x11);
      s = v128.load(g2 + x);
      x20 = multiplyAdd<T>(s, b0, x20);
      x21 = multiplyAdd<T>(s, b1, x21);
      s = v128.load(g3 + x);
      x30 = multiplyAdd<T>(s, b0, x30);
      x31 = multiplyAdd<T>(s, b1, x31);
    }
    if (rest) {
      const b0 = loadPart<T>(p + body, rest), b1 = loadPart<T>(q + body, rest);
      let s = loadPart<T>(g0 + body, rest);
      x00 = multiplyAdd<T>(s, b0, x00);
      x01 = multiplyAdd<T>(s, b1, x01);
      s = loadPart<T>(g1 + body, rest);
      x10 = multiplyAdd<T>(s, b0, x10);
      x11 = multiplyAdd<T>(s, b1, x11);
      s = loadPart<T>(g2 + body, rest);
      x20 = multiplyAdd<T>(s, b0, x20);
      x21 = multiplyAdd<T>(s, b1, x21);
      s = loadPart<T>(g3 + body, rest);
      x30 = multiplyAdd<T>(s, b0, x30);
      x31 = multiplyAdd<T>(s, b1, x31);
    }
    g0 += step;
    g1 += step;
    g2 += step;
    g3 += step;
    p += next;
    q += next;
  }
  const to = dw + bytes<T>(i * k + j), two = j + 1 < k, line = bytes<T>(k);
  addPair<T>(to, x00, x01, two);
  if (i + 1 < m) addPair<T>(to + line, x10, x11, two);
  if (i + 2 < m) addPair<T>(to + 2 * line, x20, x21, two);
  if (i + 3 < m) addPair<T>(to + 3 * line, x30, x31, two);
}

@inline function addPair<T>(to: usize, x: v128, y: v128, two: bool): void {
  put<T>(to, 0, at<T>(to, 0) + total<T>(x));
  if (two) put<T>(to, 1, at<T>(to, 1) + total<T>(y));
}
