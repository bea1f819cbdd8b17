// Reorderings that are no strided view.
import { at, put, bytes } from './element';

/** [outer, n, inner] backwards over n. @kernel size */
export function flip<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32): void {
  const row = bytes<T>(inner);
  for (let o = 0; o < outer; o++, a += row * n) {
    for (let j = n - 1; j >= 0; j--, out += row) {
      if (inner == 1) store<T>(out, at<T>(a, j));
      else memory.copy(out, a + row * j, row);
    }
  }
}

/** [outer, n, inner] shifted along n, the end coming in at the beginning. @kernel size */
export function roll<T>(out: usize, a: usize, outer: i32, n: i32, inner: i32, shift: i32): void {
  if (n == 0) return;
  const size = bytes<T>(inner) * n, head = bytes<T>(inner) * ((shift % n + n) % n);
  for (let o = 0; o < outer; o++, a += size, out += size) {
    memory.copy(out + head, a, size - head);
    memory.copy(out, a + size - head, head);
  }
}

/** The upper or lower triangle of [batch, rows, cols] from a diagonal on, zeros elsewhere. @kernel size */
export function triangle<T>(
  out: usize, a: usize, batch: i32, rows: i32, cols: i32, diagonal: i32, upper: i32,
): void {
  const row = bytes<T>(cols);
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++, a += row, out += row) {
      const edge = <i32>min<i64>(cols, max<i64>(0, <i64>r + diagonal + (upper ? 0 : 1)));
      const from = upper ? edge : 0, to = upper ? cols : edge;
      memory.fill(out, 0, bytes<T>(from));
      memory.copy(out + bytes<T>(from), a + bytes<T>(from), bytes<T>(to - from));
      memory.fill(out + bytes<T>(to), 0, bytes<T>(cols - to));
    }
  }
}
