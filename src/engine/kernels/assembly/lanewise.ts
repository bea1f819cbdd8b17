// A scalar function on each lane of a vector, where it has no vector form of its own.

@inline export function lanewise<T, F>(x: v128): v128 {
  const f = changetype<F>(0);
  if (sizeof<T>() == 8) {
    return f64x2.replace_lane(
      f64x2.splat(f.s(f64x2.extract_lane(x, 0))), 1, f.s(f64x2.extract_lane(x, 1)));
  }
  let y = f32x4.splat(f.s(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, f.s(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, f.s(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, f.s(f32x4.extract_lane(x, 3)));
}

@inline export function lanewise2<T, F>(x: v128, y: v128): v128 {
  const f = changetype<F>(0);
  if (sizeof<T>() == 8) {
    return f64x2.replace_lane(
      f64x2.splat(f.s(f64x2.extract_lane(x, 0), f64x2.extract_lane(y, 0))), 1,
      f.s(f64x2.extract_lane(x, 1), f64x2.extract_lane(y, 1)));
  }
  let z = f32x4.splat(f.s(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0)));
  z = f32x4.replace_lane(z, 1, f.s(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1)));
  z = f32x4.replace_lane(z, 2, f.s(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2)));
  return f32x4.replace_lane(z, 3, f.s(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3)));
}
