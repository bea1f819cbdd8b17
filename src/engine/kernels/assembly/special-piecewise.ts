// Functions given by a table of polynomials, each on an interval (see special-tables.ts).

/** The polynomial of the interval that x lies in; x is not below the first. */
@inline export function piecewise(table: usize, degree: i32, x: f64): f64 {
  const stride = <usize>(degree + 5) << 3;
  let row = table;
  while (x >= load<f64>(row + stride)) row += stride;
  const t = x - load<f64>(row, 8);
  let y = load<f64>(row, 32);
  const end = row + stride;
  for (let at = row + 40; at < end; at += 8) y = y * t + load<f64>(at);
  const zero = load<f64>(row, 16);
  return zero == zero ? y * (x - zero - load<f64>(row, 24)) : y;
}
