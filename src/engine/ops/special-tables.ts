import type { Op } from './define.ts';
import { operand, tensor } from './params.ts';
import { pointwise } from './pointwise-op.ts';
import { needsTensor } from './special-check.ts';

/** A function of one float that has no derivative in PyTorch. */
const plain = (kernel: string, doc: string): [string, Op] => [
  `special.${kernel}`,
  pointwise({ doc, params: { self: tensor() }, kernel, promotion: 'float', vjp: null }),
];

/** A family of polynomials, in x and the degree n; 0 for a negative degree. */
const polynomial = (kernel: string, doc: string): [string, Op] => [
  `special.${kernel}`,
  pointwise({
    doc: `${doc} of degree n.`,
    params: { x: operand(), n: operand() },
    checkForm: needsTensor(`special_${kernel}`, ['x', 'n']),
    kernel,
    promotion: 'float',
    vjp: null,
  }),
];

/** Special functions that PyTorch does not differentiate. */
export const specialTableOps: Record<string, Op> = Object.fromEntries([
  plain('airy_ai', 'Airy function Ai.'),
  plain('bessel_j0', 'Bessel function of the first kind of order 0.'),
  plain('bessel_j1', 'Bessel function of the first kind of order 1.'),
  plain('bessel_y0', 'Bessel function of the second kind of order 0.'),
  plain('bessel_y1', 'Bessel function of the second kind of order 1.'),
  plain('modified_bessel_i0', 'Modified Bessel function of the first kind of order 0.'),
  plain('modified_bessel_i1', 'Modified Bessel function of the first kind of order 1.'),
  plain('modified_bessel_k0', 'Modified Bessel function of the second kind of order 0.'),
  plain('modified_bessel_k1', 'Modified Bessel function of the second kind of order 1.'),
  plain('scaled_modified_bessel_k0', 'exp(x) modified_bessel_k0(x).'),
  plain('scaled_modified_bessel_k1', 'exp(x) modified_bessel_k1(x).'),
  plain('spherical_bessel_j0', 'Spherical Bessel function of the first kind of order 0.'),
  polynomial('chebyshev_polynomial_t', 'Chebyshev polynomial of the first kind'),
  polynomial('chebyshev_polynomial_u', 'Chebyshev polynomial of the second kind'),
  polynomial('chebyshev_polynomial_v', 'Chebyshev polynomial of the third kind'),
  polynomial('chebyshev_polynomial_w', 'Chebyshev polynomial of the fourth kind'),
  polynomial('shifted_chebyshev_polynomial_t', 'Shifted Chebyshev polynomial of the first kind'),
  polynomial('shifted_chebyshev_polynomial_u', 'Shifted Chebyshev polynomial of the second kind'),
  polynomial('shifted_chebyshev_polynomial_v', 'Shifted Chebyshev polynomial of the third kind'),
  polynomial('shifted_chebyshev_polynomial_w', 'Shifted Chebyshev polynomial of the fourth kind'),
  polynomial('hermite_polynomial_h', "Physicist's Hermite polynomial"),
  polynomial('hermite_polynomial_he', "Probabilist's Hermite polynomial"),
  polynomial('laguerre_polynomial_l', 'Laguerre polynomial'),
  polynomial('legendre_polynomial_p', 'Legendre polynomial'),
]);
