import { PyInstance } from './instance.ts';
import { rawKey } from './keys.ts';
import { late } from './late.ts';
import type { Py, PyType } from './object.ts';

export type Scalar = bigint | number | string;

/** An instance of a class that derives from int, float or str: attributes beside a value that never changes. */
export class PyScalar extends PyInstance {
  readonly value: Scalar;

  constructor(type: PyType, value: Scalar) {
    super(type);
    this.value = value;
  }

  override get bytes(): number {
    return super.bytes + (typeof this.value === 'string' ? 2 * this.value.length : 16);
  }

  override plainRepr(): string {
    return late.repr(this.value);
  }

  override plainStr(): string {
    const own = this.type.lookup('__repr__');
    return own !== undefined && late.programmed(own) ? this.repr() : late.str(this.value);
  }

  override format(spec: string): string | undefined {
    const own = this.type.lookup('__format__');
    return spec === '' && !(own !== undefined && late.programmed(own)) ? this.str() : super.format(spec);
  }

  override key(): unknown {
    for (const name of ['__hash__', '__eq__']) {
      const own = this.type.lookup(name);
      if (own === null || (own !== undefined && late.programmed(own))) return super.key();
    }
    return rawKey(this.value);
  }
}

/** The value of an instance of a class that derives from int, float or str; others as they are. */
export const plain = (value: Py): Py => (value instanceof PyScalar ? value.value : value);
