#: functions of math
import math
for x in (0.5, 1, 2, 10, 0.1, 3.7):
    print(math.sqrt(x), math.fabs(-x), math.floor(x), math.ceil(x), math.trunc(-x), math.degrees(x), math.radians(x), math.copysign(x, -1))
#: integers of math
import math
print(math.factorial(20), math.comb(10, 3), math.perm(5, 2), math.perm(4), math.gcd(12, 18), math.gcd(), math.lcm(4, 6), math.isqrt(99), math.isqrt(10 ** 40), math.factorial(30))
print(math.prod([1, 2, 3]), math.prod([0.5, 4]), math.fsum([0.1] * 10), math.fsum([1e100, 1, -1e100]), math.hypot(3, 4), math.hypot(1, 1, 1), math.dist((0, 0), (3, 4)))
print(math.frexp(8), math.frexp(0.1), math.ldexp(0.5, 4), math.modf(3.5), math.modf(-3.25), math.fmod(-7, 3), math.remainder(7, 4), math.isclose(1, 1 + 1e-10), math.isclose(0, 1e-9, abs_tol=1e-8))
print(math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1), math.ulp(1.0), math.nextafter(1, 2), math.log2(8), math.log10(1000), math.log(8, 2), math.log(10 ** 400), math.exp(0), math.exp(1) == math.e)
print(math.erf(0), math.erfc(0), math.gamma(5), math.gamma(0.5), math.lgamma(1), math.tanh(0), math.atan2(0, -1), math.pow(2, 0.5), math.sin(0), math.cos(0))
print(math.pi, math.e, math.tau, math.inf, math.nan, math)
#: errors of math
import math
def t(f, *a):
    try:
        print(f(*a))
    except Exception as e:
        print(type(e).__name__, e)
t(math.sqrt, -1); t(math.log, 0); t(math.log, -1); t(math.exp, 1000); t(math.acos, 2); t(math.factorial, -1); t(math.factorial, 1.5)
t(math.sqrt, "a"); t(math.sqrt); t(math.sqrt, 1, 2); t(math.floor, math.inf); t(math.ceil, math.nan); t(math.pow, 0, -1); t(math.fmod, 1, 0)
t(math.log, 10, 1); t(math.gamma, 0); t(math.gamma, -1); t(math.isqrt, -1); t(math.comb, -1, 2); t(math.sin, math.inf); t(math.atanh, 1); t(math.log1p, -1)
t(math.ldexp, 1.0, 5000); t(math.gamma, 200); t(math.cosh, 1000); t(math.dist, (1,), (1, 2)); t(math.fsum, [1e308, 1e308]); t(math.log2, 0); t(math.log10, -1)
