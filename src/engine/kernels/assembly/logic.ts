// Comparisons, logic and bits.

@inline function isSet<T>(a: v128): v128 {
  return v128.ne<T>(a, v128.splat<T>(<T>0));
}

/** @test1 float */
export class Isnan<T> { @inline m(a: v128): v128 { return v128.ne<T>(a, a); } }

/** @test1 float */
export class Isinf<T> {
  @inline m(a: v128): v128 { return v128.eq<T>(v128.abs<T>(a), v128.splat<T>(<T>Infinity)); }
}

/** @test1 float */
export class Isfinite<T> {
  @inline m(a: v128): v128 { return v128.lt<T>(v128.abs<T>(a), v128.splat<T>(<T>Infinity)); }
}

/** @test1 all */
export class LogicalNot<T> {
  @inline m(a: v128): v128 { return v128.eq<T>(a, v128.splat<T>(<T>0)); }
  @inline s(a: T): u8 { return <u8>(a == <T>0); }
}

/** @test2 all */
export class Eq<T> {
  @inline m(a: v128, b: v128): v128 { return v128.eq<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a == b); }
}

/** @test2 all */
export class Ne<T> {
  @inline m(a: v128, b: v128): v128 { return v128.ne<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a != b); }
}

/** @test2 all */
export class Lt<T> {
  @inline m(a: v128, b: v128): v128 { return v128.lt<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a < b); }
}

/** @test2 all */
export class Le<T> {
  @inline m(a: v128, b: v128): v128 { return v128.le<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a <= b); }
}

/** @test2 all */
export class Gt<T> {
  @inline m(a: v128, b: v128): v128 { return v128.gt<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a > b); }
}

/** @test2 all */
export class Ge<T> {
  @inline m(a: v128, b: v128): v128 { return v128.ge<T>(a, b); }
  @inline s(a: T, b: T): u8 { return <u8>(a >= b); }
}

/** @test2 all */
export class LogicalAnd<T> {
  @inline m(a: v128, b: v128): v128 { return v128.and(isSet<T>(a), isSet<T>(b)); }
  @inline s(a: T, b: T): u8 { return <u8>(a != <T>0) & <u8>(b != <T>0); }
}

/** @test2 all */
export class LogicalOr<T> {
  @inline m(a: v128, b: v128): v128 { return v128.or(isSet<T>(a), isSet<T>(b)); }
  @inline s(a: T, b: T): u8 { return <u8>(a != <T>0) | <u8>(b != <T>0); }
}

/** @test2 all */
export class LogicalXor<T> {
  @inline m(a: v128, b: v128): v128 { return v128.xor(isSet<T>(a), isSet<T>(b)); }
  @inline s(a: T, b: T): u8 { return <u8>(a != <T>0) ^ <u8>(b != <T>0); }
}

/** @each1 int b8 */
export class BitwiseNot<T> {
  @inline s(a: T): T { return sizeof<T>() == 1 ? a ^ <T>1 : ~a; }
}

/** @each2 int b8 */
export class BitwiseAnd<T> { @inline s(a: T, b: T): T { return a & b; } }

/** @each2 int b8 */
export class BitwiseOr<T> { @inline s(a: T, b: T): T { return a | b; } }

/** @each2 int b8 */
export class BitwiseXor<T> { @inline s(a: T, b: T): T { return a ^ b; } }

/** Shifts by a negative count or beyond the width leave no bit. @each2 int */
export class Lshift<T> {
  @inline s(a: T, b: T): T { return b < <T>0 || b >= <T>(sizeof<T>() * 8) ? <T>0 : a << b; }
}

/** Arithmetic; by a negative count or beyond the width only the sign is left. @each2 int */
export class Rshift<T> {
  @inline s(a: T, b: T): T {
    const last = <T>(sizeof<T>() * 8 - 1);
    return a >> (b < <T>0 || b > last ? last : b);
  }
}
