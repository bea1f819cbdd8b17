import { at, put } from './element';

/** Bytes of scratch that gemm needs. @kernel number */
export function pack_bytes<T>(M: i32, N: i32, K: i32): i32 {
  return 0;
}

/** out[M, N] = A[M, K] B[K, N], with element strides of A and B. @kernel number */
export function gemm<T>(out: usize, a: usize, b: usize, M: i32, N: i32, K: i32, ars: i32, acs: i32, brs: i32, bcs: i32, pack: usize): void {
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let s: T = 0;
      for (let k = 0; k < K; k++) s += at<T>(a, i * ars + k * acs) * at<T>(b, k * brs + j * bcs);
      put<T>(out, i * N + j, s);
    }
  }
}
