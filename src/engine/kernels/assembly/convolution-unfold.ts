// Blocks of images as columns, and back.
import { at, bytes, put } from './element';

/**
 * The blocks of kh × kw elements that a window goes over, each a column: out[c, i, j, y, x] is the element at row
 * y sh - ph + i dh and column x sw - pw + j dw of channel c, zero outside. @kernel size
 */
export function im2col<T>(
  out: usize, image: usize, c: i32, h: i32, w: i32, kh: i32, kw: i32, oh: i32, ow: i32, sh: i32, sw: i32, ph: i32,
  pw: i32, dh: i32, dw: i32,
): void {
  const line = bytes<T>(ow);
  for (let n = 0; n < c; n++, image += bytes<T>(h * w)) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        for (let y = 0; y < oh; y++, out += line) {
          const row = y * sh - ph + i * dh;
          if (row < 0 || row >= h) {
            memory.fill(out, 0, line);
            continue;
          }
          const from = image + bytes<T>(row * w);
          for (let x = 0, column = j * dw - pw; x < ow; x++, column += sw) {
            put<T>(out, x, column < 0 || column >= w ? <T>0 : at<T>(from, column));
          }
        }
      }
    }
  }
}

/** Adds the columns that im2col makes to an image where they come from; for bools, or. @kernel float b8 */
export function col2im<T>(
  image: usize, columns: usize, c: i32, h: i32, w: i32, kh: i32, kw: i32, oh: i32, ow: i32, sh: i32, sw: i32, ph: i32,
  pw: i32, dh: i32, dw: i32,
): void {
  const line = bytes<T>(ow);
  for (let n = 0; n < c; n++, image += bytes<T>(h * w)) {
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        for (let y = 0; y < oh; y++, columns += line) {
          const row = y * sh - ph + i * dh;
          if (row < 0 || row >= h) continue;
          const to = image + bytes<T>(row * w);
          for (let x = 0, column = j * dw - pw; x < ow; x++, column += sw) {
            if (column >= 0 && column < w) put<T>(to, column, sum<T>(at<T>(to, column), at<T>(columns, x)));
          }
        }
      }
    }
  }
}

@inline function sum<T>(a: T, b: T): T {
  return sizeof<T>() == 1 ? <T>(a | b) : <T>(a + b);
}
