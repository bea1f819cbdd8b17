import type { DType } from '../../engine/index.ts';
import { hostType, itemsOf, nameOfType, type Py, PyTuple, type PyType, typeError } from '../program/host.ts';
import { tensorFrom } from './data.ts';
import { Size } from './dtypes.ts';
import { opNamed } from './invoke.ts';
import { run } from './run.ts';
import { PyTensor, tensorType, wrap } from './tensor.ts';

/** What the types of tensors are called that stand for a dtype: `torch.LongTensor`. */
export const typeNames: Record<DType, string> = {
  float64: 'DoubleTensor',
  float32: 'FloatTensor',
  int64: 'LongTensor',
  int32: 'IntTensor',
  bool: 'BoolTensor',
};

/** `torch.Tensor(2, 3)` is a shape, `torch.Tensor([2, 3])` are values. */
function made(args: readonly Py[], dtype: DType, name: string): Py {
  const [first] = args;
  if (first instanceof PyTensor) {
    if (first.variable.dtype !== dtype)
      throw typeError(`expected ${name} (got torch.${typeNames[first.variable.dtype]})`);
    return wrap(run.session.apply(opNamed('alias'), [first.variable]) as PyTensor['variable']);
  }
  const sizes = first instanceof Size ? first.items : args;
  if (sizes.every((size) => typeof size === 'bigint')) {
    const shape = args.length === 0 ? [0] : sizes.map(Number);
    return wrap(run.session.apply(opNamed('zeros'), [shape], new Map([['dtype', dtype]])) as never);
  }
  if (args.length !== 1 || first === undefined || typeof first === 'number' || typeof first === 'string')
    throw typeError(`new(): data must be a sequence (got ${nameOfType(first ?? null)})`);
  return wrap(tensorFrom(first instanceof PyTuple ? first : new PyTuple(itemsOf(first)), dtype));
}

Object.assign(tensorType.options, {
  make: (_type: PyType, args: Py[]) => made(args, run.session.defaultDType, 'torch.Tensor'),
});

const legacy = new Map<PyType, DType>();

/** `torch.FloatTensor` and its like. */
export const legacyTypes: [string, PyType][] = (Object.keys(typeNames) as DType[]).map((dtype) => {
  const name = typeNames[dtype];
  const type = hostType(name, { module: 'torch', make: (_type, args) => made(args, dtype, `torch.${name}`) });
  legacy.set(type, dtype);
  return [name, type];
});

/** The dtype that a type of tensors, or its name, stands for. */
export function legacyDType(value: Py | undefined): DType | undefined {
  if (typeof value !== 'string') return legacy.get(value as PyType);
  return (Object.keys(typeNames) as DType[]).find((dtype) => value === `torch.${typeNames[dtype]}`);
}
