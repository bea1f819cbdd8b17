// out[M, N] = A[M, K] B[K, N] with any element strides of A and B.
//
// The heart is a register tile of 4 rows × 2 vectors (ROWS × columns<T>()). Large products are blocked
// for the caches and both operands packed into panels as wide as the tile, padded with zeros, in the
// order the tile reads them (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication",
// 2008). Small products read A and B where they are. Rows and columns alone go to vector-matrix.ts.
import { at, bytes, loadPart, storePart, lanes } from './element';
import { packPanels } from './pack';
import { multiplyAdd } from './vector';
import { rowTimesMatrix } from './vector-matrix';

const ROWS = 4;
const K_BLOCK = 256;
const M_BLOCK = 128;
const N_BLOCK = 512;
/** Bytes of B that stay in the first cache while it is read unpacked. */
const SMALL_B: usize = 24 * 1024;
/** Rows of A for which packing B would not pay. */
const FEW_ROWS = 8;
/** Multiplications that are done before a tile would be set up. */
const TINY = 32;

@inline function columns<T>(): i32 {
  return 2 * lanes<T>();
}

@inline function padded(n: i32, width: i32): i32 {
  return (n + width - 1) & -width;
}

/** Bytes of scratch that gemm needs for these sizes. @kernel number */
export function pack_bytes<T>(M: i32, N: i32, K: i32): i32 {
  if (M == 1 || N == 1) return K << <i32>alignof<T>();
  const rows = min(padded(M, ROWS), M_BLOCK), cols = min(padded(N, columns<T>()), N_BLOCK);
  return (rows + cols) * min(K, K_BLOCK) << <i32>alignof<T>();
}

/** @kernel number */
export function gemm<T>(
  out: usize, a: usize, b: usize, M: i32, N: i32, K: i32, ars: i32, acs: i32, brs: i32, bcs: i32, pack: usize,
): void {
  if (M == 1) rowTimesMatrix<T>(out, a, b, N, K, acs, brs, bcs, pack);
  else if (N == 1) rowTimesMatrix<T>(out, b, a, M, K, brs, acs, ars, pack);
  else if (M <= 4 && N <= 4 && M * N * K <= TINY) tiny<T>(out, a, b, M, N, K, ars, acs, brs, bcs);
  else if (bcs == 1 && N >= columns<T>() && (M <= FEW_ROWS || bytes<T>(N) * K <= SMALL_B)) {
    unpacked<T>(out, a, b, M, N, K, ars, acs, brs);
  } else packed<T>(out, a, b, M, N, K, ars, acs, brs, bcs, pack);
}

function tiny<T>(
  out: usize, a: usize, b: usize, M: i32, N: i32, K: i32, ars: i32, acs: i32, brs: i32, bcs: i32,
): void {
  for (let i = 0; i < M; i++, a += bytes<T>(ars)) {
    for (let j = 0; j < N; j++, out += sizeof<T>()) {
      let s: T = 0;
      for (let k = 0; k < K; k++) s += at<T>(a, k * acs) * at<T>(b, j * bcs + k * brs);
      store<T>(out, s);
    }
  }
}

/** The last columns are computed in a full tile that overlaps the one before. */
function unpacked<T>(
  out: usize, a: usize, b: usize, M: i32, N: i32, K: i32, ars: i32, acs: i32, brs: i32,
): void {
  const last = N - columns<T>();
  for (let i = 0; i < M; i += ROWS) {
    const row = a + bytes<T>(i * ars), c = out + bytes<T>(i * N), rows = min(ROWS, M - i);
    for (let j = 0; j < N; j += columns<T>()) {
      const shift = bytes<T>(min(j, last));
      tile<T>(c + shift, row, b + shift, K, bytes<T>(ars), bytes<T>(acs), bytes<T>(brs), N, rows);
    }
  }
}

function packed<T>(
  out: usize, a: usize, b: usize, M: i32, N: i32, K: i32, ars: i32, acs: i32, brs: i32, bcs: i32, pack: usize,
): void {
  if (K == 0) return memory.fill(out, 0, bytes<T>(M) * N);
  const packB = pack + bytes<T>(min(padded(M, ROWS), M_BLOCK) * min(K, K_BLOCK));
  for (let j = 0; j < N; j += N_BLOCK) {
    const cols = min(N_BLOCK, N - j);
    for (let k = 0; k < K; k += K_BLOCK) {
      const depth = min(K_BLOCK, K - k);
      packPanels<T>(packB, b + bytes<T>(k * brs + j * bcs), cols, depth, bcs, brs, columns<T>());
      for (let i = 0; i < M; i += M_BLOCK) {
        const rows = min(M_BLOCK, M - i);
        packPanels<T>(pack, a + bytes<T>(i * ars + k * acs), rows, depth, ars, acs, ROWS);
        block<T>(out + bytes<T>(i * N + j), pack, packB, rows, cols, depth, N, k > 0);
      }
    }
  }
}

/** out[rows, cols] (=|+=) the product of packed panels. */
function block<T>(
  out: usize, a: usize, b: usize, rows: i32, cols: i32, depth: i32, N: i32, accumulate: bool,
): void {
  for (let j = 0; j < cols; j += columns<T>(), b += bytes<T>(depth * columns<T>())) {
    for (let i = 0, p = a; i < rows; i += ROWS, p += bytes<T>(depth * ROWS)) {
      const corner = out + bytes<T>(i * N + j);
      packedTile<T>(corner, p, b, depth, N, min(ROWS, rows - i), min(columns<T>(), cols - j), accumulate);
    }
  }
}

/** One tile from a panel of A [depth, 4] and a panel of B [depth, 2 vectors]. */
function packedTile<T>(
  out: usize, a: usize, b: usize, depth: i32, N: i32, rows: i32, cols: i32, accumulate: bool,
): void {
  const zero = i64x2.splat(0), size = sizeof<T>(), end = a + bytes<T>(depth * ROWS);
  let x00 = zero, x01 = zero, x10 = zero, x11 = zero, x20 = zero, x21 = zero, x30 = zero, x31 = zero;
  for (; a < end; a += 4 * size, b += 32) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<T>(a);
    x00 = multiplyAdd<T>(s, b0, x00);
    x01 = multiplyAdd<T>(s, b1, x01);
    s = v128.load_splat<T>(a, size);
    x10 = multiplyAdd<T>(s, b0, x10);
    x11 = multiplyAdd<T>(s, b1, x11);
    s = v128.load_splat<T>(a, 2 * size);
    x20 = multiplyAdd<T>(s, b0, x20);
    x21 = multiplyAdd<T>(s, b1, x21);
    s = v128.load_splat<T>(a, 3 * size);
    x30 = multiplyAdd<T>(s, b0, x30);
    x31 = multiplyAdd<T>(s, b1, x31);
  }
  const pitch = bytes<T>(N);
  writeRow<T>(out, x00, x01, cols, accumulate);
  if (rows > 1) writeRow<T>(out + pitch, x10, x11, cols, accumulate);
  if (rows > 2) writeRow<T>(out + 2 * pitch, x20, x21, cols, accumulate);
  if (rows > 3) writeRow<T>(out + 3 * pitch, x30, x31, cols, accumulate);
}

@inline function writeRow<T>(out: usize, x: v128, y: v128, cols: i32, accumulate: bool): void {
  if (cols >= lanes<T>()) {
    v128.store(out, accumulate ? v128.add<T>(v128.load(out), x) : x);
    writeVector<T>(out + 16, y, cols - lanes<T>(), accumulate);
  } else {
    writeVector<T>(out, x, cols, accumulate);
  }
}

function writeVector<T>(out: usize, x: v128, cols: i32, accumulate: bool): void {
  if (cols == lanes<T>()) v128.store(out, accumulate ? v128.add<T>(v128.load(out), x) : x);
  else if (cols) storePart<T>(out, cols, accumulate ? v128.add<T>(loadPart<T>(out, cols), x) : x);
}

/** One tile from A and B where they are; rows beyond `rows` repeat the last one and are not written. */
function tile<T>(
  out: usize, a0: usize, b: usize, K: i32, rowStep: usize, aStep: usize, bStep: usize, N: i32, rows: i32,
): void {
  const zero = i64x2.splat(0);
  const a1 = rows > 1 ? a0 + rowStep : a0, a2 = rows > 2 ? a1 + rowStep : a1;
  const a3 = rows > 3 ? a2 + rowStep : a2;
  let x00 = zero, x01 = zero, x10 = zero, x11 = zero, x20 = zero, x21 = zero, x30 = zero, x31 = zero;
  for (let p: usize = 0; K > 0; K--, p += aStep, b += bStep) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load_splat<T>(a0 + p);
    x00 = multiplyAdd<T>(s, b0, x00);
    x01 = multiplyAdd<T>(s, b1, x01);
    s = v128.load_splat<T>(a1 + p);
    x10 = multiplyAdd<T>(s, b0, x10);
    x11 = multiplyAdd<T>(s, b1, x11);
    s = v128.load_splat<T>(a2 + p);
    x20 = multiplyAdd<T>(s, b0, x20);
    x21 = multiplyAdd<T>(s, b1, x21);
    s = v128.load_splat<T>(a3 + p);
    x30 = multiplyAdd<T>(s, b0, x30);
    x31 = multiplyAdd<T>(s, b1, x31);
  }
  const pitch = bytes<T>(N);
  writeRow<T>(out, x00, x01, columns<T>(), false);
  if (rows > 1) writeRow<T>(out + pitch, x10, x11, columns<T>(), false);
  if (rows > 2) writeRow<T>(out + 2 * pitch, x20, x21, columns<T>(), false);
  if (rows > 3) writeRow<T>(out + 3 * pitch, x30, x31, columns<T>(), false);
}
