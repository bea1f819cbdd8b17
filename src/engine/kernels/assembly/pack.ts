// Panels for gemm: `width` neighbours side by side for each step along the depth, padded with zeros.
import { at, put, bytes } from './element';

/** n lines (`stride` apart) of `depth` elements (`step` apart), packed in panels of `width` lines. */
export function packPanels<T>(
  dst: usize, src: usize, n: i32, depth: i32, stride: i32, step: i32, width: i32,
): void {
  for (let i = 0; i < n; i += width, src += bytes<T>(width * stride), dst += bytes<T>(width * depth)) {
    const lines = min(width, n - i);
    if (lines < width) packPart<T>(dst, src, lines, depth, stride, step, width);
    else if (stride == 1) packAlong<T>(dst, src, depth, step, width);
    else if (step == 1) packAcross<T>(dst, src, depth, stride, width);
    else packPart<T>(dst, src, lines, depth, stride, step, width);
  }
}

function packPart<T>(
  dst: usize, src: usize, lines: i32, depth: i32, stride: i32, step: i32, width: i32,
): void {
  for (let k = 0; k < depth; k++, src += bytes<T>(step), dst += bytes<T>(width)) {
    let i = 0;
    for (; i < lines; i++) put<T>(dst, i, at<T>(src, i * stride));
    for (; i < width; i++) put<T>(dst, i, <T>0);
  }
}

/** Neighbouring lines are neighbours in memory: copy. */
function packAlong<T>(dst: usize, src: usize, depth: i32, step: i32, width: i32): void {
  const row = bytes<T>(width);
  for (let k = 0; k < depth; k++, src += bytes<T>(step)) {
    for (let p: usize = 0; p < row; p += 16, dst += 16) v128.store(dst, v128.load(src + p));
  }
}

/** Each line is contiguous: transpose squares of one vector's lanes. */
function packAcross<T>(dst: usize, src: usize, depth: i32, stride: i32, width: i32): void {
  const square = 16 >> <i32>alignof<T>(), row = bytes<T>(width), whole = depth & -square;
  for (let i = 0; i < width; i += square) {
    let p = src + bytes<T>(i * stride), q = dst + bytes<T>(i), k = 0;
    for (; k < whole; k += square, p += 16, q += row * square) {
      transposeSquare<T>(q, p, row, bytes<T>(stride));
    }
    for (; k < depth; k++, p += sizeof<T>(), q += row) {
      for (let j = 0; j < square; j++) put<T>(q, j, at<T>(p, j * stride));
    }
  }
}

@inline function transposeSquare<T>(dst: usize, src: usize, dstPitch: usize, srcPitch: usize): void {
  const r0 = v128.load(src), r1 = v128.load(src + srcPitch);
  if (sizeof<T>() == 8) {
    v128.store(dst, v128.shuffle<i64>(r0, r1, 0, 2));
    v128.store(dst + dstPitch, v128.shuffle<i64>(r0, r1, 1, 3));
    return;
  }
  const r2 = v128.load(src + 2 * srcPitch), r3 = v128.load(src + 3 * srcPitch);
  const low01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(dst + dstPitch, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(dst + 2 * dstPitch, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(dst + 3 * dstPitch, v128.shuffle<i64>(high01, high23, 1, 3));
}
