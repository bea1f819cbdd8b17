import { type DType, dtypes, dtypeText, isFloat, type Shape, sizeText } from '../../engine/index.ts';
import {
  HostProperty,
  hostType,
  itemsOf,
  method,
  nameOfType,
  type Ordering,
  type Py,
  PyObject,
  PySlice,
  PyTuple,
  type PyType,
  typeError,
  valueError,
} from '../program/host.ts';

const dtypeType = hostType('dtype', { module: 'torch' });

/** `torch.float32`. */
export class DTypeObject extends PyObject {
  readonly dtype: DType;

  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }

  get type(): PyType {
    return dtypeType;
  }

  override repr(): string {
    return dtypeText(this.dtype);
  }
}
dtypeType.define('is_floating_point', new HostProperty((self) => isFloat((self as DTypeObject).dtype)));
dtypeType.define('is_complex', new HostProperty(() => false));
dtypeType.define('is_signed', new HostProperty((self) => (self as DTypeObject).dtype !== 'bool'));
const sizes = { float64: 8n, float32: 4n, int64: 8n, int32: 4n, bool: 1n };
dtypeType.define('itemsize', new HostProperty((self) => sizes[(self as DTypeObject).dtype]));

export const dtypeObjects = Object.fromEntries(dtypes.map((name) => [name, new DTypeObject(name)])) as Record<
  DType,
  DTypeObject
>;

/** The dtype that an argument is, null for None. */
export function dtypeOf(value: Py, where = 'dtype'): DType | null {
  if (value === null) return null;
  if (value instanceof DTypeObject) return value.dtype;
  throw typeError(`${where} must be torch.dtype, not ${nameOfType(value)}`);
}

export { dtypeType };

export const sizeType: PyType = hostType('Size', {
  module: 'torch',
  make: (_type, args) => new Size(args[0] === undefined ? [] : itemsOf(args[0])),
});

/** `torch.Size`: a tuple that prints otherwise. */
export class Size extends PyTuple {
  override get type(): PyType {
    return sizeType;
  }

  static of(shape: Shape): Size {
    return new Size(shape.map(BigInt));
  }

  override getItem(index: Py): Py {
    const found = super.getItem(index);
    return index instanceof PySlice ? new Size((found as PyTuple).items) : found;
  }

  override binary(op: never, other: Py, reflected: boolean): Py | undefined {
    const found = super.binary(op, other, reflected);
    return found instanceof PyTuple ? new Size(found.items) : found;
  }

  override repr(): string {
    return sizeText(this.items.map(Number));
  }
}
sizeType.define(
  'numel',
  method<Size>('Size.numel()', (self) => (self.items as bigint[]).reduce((a, b) => a * b, 1n)),
);

const deviceType = hostType('device', {
  module: 'torch',
  make: (_type, [name]) => {
    if (typeof name !== 'string' || !/^cpu(?::0)?$/.test(name)) {
      if (name instanceof Device) return name;
      throw valueError(
        `the only device here is cpu, not ${typeof name === 'string' ? name : nameOfType(name ?? null)}`,
      );
    }
    return new Device(name);
  },
});

/** `torch.device('cpu')`, the only one. */
export class Device extends PyObject {
  private readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  get type(): PyType {
    return deviceType;
  }

  override compare(op: Ordering, other: Py): Py | undefined {
    if (op !== '==' && op !== '!=') return undefined;
    return (other instanceof Device && other.name === this.name) === (op === '==');
  }

  override key(): unknown {
    return this.name;
  }

  override repr(): string {
    return this.name === 'cpu' ? "device(type='cpu')" : "device(type='cpu', index=0)";
  }

  override str(): string {
    return this.name;
  }
}
deviceType.define('type', new HostProperty(() => 'cpu'));
deviceType.define('index', new HostProperty((self) => ((self as Device).str() === 'cpu' ? null : 0n)));

export const cpu = new Device('cpu');
export { deviceType };
