// Arithmetic of bools: PyTorch's add is "or", mul is "and".

/** @each2 b8 */
export class Add<T> { @inline s(a: T, b: T): T { return a | b; } }

/** @each2 b8 */
export class Mul<T> { @inline s(a: T, b: T): T { return a & b; } }

/** @each2 b8 */
export class Maximum<T> { @inline s(a: T, b: T): T { return a | b; } }

/** @each2 b8 */
export class Minimum<T> { @inline s(a: T, b: T): T { return a & b; } }

/** @each1 b8 */
export class Abs<T> { @inline s(a: T): T { return a; } }

/** @each1 b8 */
export class Sign<T> { @inline s(a: T): T { return a; } }
