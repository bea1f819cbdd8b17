import { put, bytes, fromNumber } from './element';

/** start + i step. @kernel number */
export function arange<T>(out: usize, n: i32, start: f64, step: f64): void {
  for (let i = 0; i < n; i++) put<T>(out, i, fromNumber<T>(start + i * step));
}

/** n numbers from start to end, each computed from the nearer end as PyTorch does. @kernel number */
export function linspace<T>(out: usize, n: i32, start: f64, end: f64): void {
  const step = (end - start) / (n - 1), half = n / 2;
  if (n == 1) return put<T>(out, 0, fromNumber<T>(start));
  for (let i = 0; i < n; i++) {
    put<T>(out, i, fromNumber<T>(i < half ? start + step * i : end - step * (n - 1 - i)));
  }
}

/** Ones on the diagonal, zeros elsewhere. @kernel all */
export function eye<T>(out: usize, rows: i32, cols: i32): void {
  memory.fill(out, 0, bytes<T>(rows) * cols);
  for (let i = min(rows, cols) - 1; i >= 0; i--) put<T>(out + bytes<T>(cols) * i, i, <T>1);
}
