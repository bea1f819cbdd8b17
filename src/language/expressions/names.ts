import { type Arg, findIn, findOp, GraddError, type Op, opNames } from '../../engine/index.ts';
import {
  BoundMethod,
  Builtin,
  construct,
  findAttribute,
  floatType,
  type Keywords,
  noAttribute,
  type Py,
  PyModule,
  PyTuple,
} from '../program/host.ts';
import { builtinNames } from '../program/library/builtins.ts';
import { floatFunctions, mathConstants, mathModule } from '../program/library/math.ts';
import { argOf, opNamed, outcome } from '../torch/invoke.ts';
import { dtypeEntries } from '../torch/modules.ts';
import { run } from '../torch/run.ts';
import { PyTensor } from '../torch/tensor.ts';

function keywordArgs(keywords: Keywords): Map<string, Arg> {
  const found = new Map<string, Arg>();
  for (const [name, value] of keywords) found.set(name, argOf(value));
  return found;
}

const invoke = (op: Op, args: readonly Py[], keywords: Keywords | null): Py =>
  outcome(op, run.session.apply(op, args.map(argOf), keywords === null ? undefined : keywordArgs(keywords)));

/** An operation with its own parameters only: nothing is written to, and no number is read from a tensor. */
const functionOf = (op: Op, name: string): Builtin =>
  new Builtin(name, (args, keywords) => invoke(op, args, keywords));

/** `torch` and the modules below it by dotted name: `torch.linalg` has what is called `linalg.norm` and the like. */
function torchModules(): ReadonlyMap<string, PyModule> {
  const members = new Map<string, Map<string, Py>>([
    ['torch', new Map<string, Py>([...mathConstants, ...dtypeEntries])],
    ['torch.nn', new Map()],
    ['torch.signal', new Map()],
  ]);
  for (const name of new Set(opNames())) {
    const op = name.startsWith('__') ? undefined : findIn('torch', name);
    if (op === undefined) continue;
    const [, above = '', last] = /^(?:(.*)\.)?([^.]+)$/.exec(name) as unknown as [string, string?, string?];
    const module = above === '' ? 'torch' : `torch.${above}`;
    const found = members.get(module) ?? new Map<string, Py>();
    members.set(module, found.set(last as string, functionOf(op, last as string)));
  }
  const modules = new Map([...members].map(([name, own]) => [name, new PyModule(name, own)]));
  for (const [name, module] of modules) {
    const dot = name.lastIndexOf('.');
    if (dot >= 0) modules.get(name.slice(0, dot))?.put(name.slice(dot + 1), module);
  }
  return modules;
}

const modules = torchModules();

/** Functions of numbers, which would lose the gradient of a tensor. */
const numbersOnly = (name: string): Builtin => {
  const own = mathModule.members.get(name) as Builtin;
  return new Builtin(name, (args, keywords) => {
    if (!args.some((arg) => arg instanceof PyTensor)) return own.run(args, keywords);
    const hint = `Use torch.${name} for tensors.`;
    throw new GraddError('invalid-argument', 'must be real number, not Tensor', { hint });
  });
};

const mathFunctions = [
  ...Object.keys(floatFunctions),
  'floor',
  'ceil',
  'trunc',
  'log',
  'pow',
  'atan2',
  'hypot',
  'fmod',
];

const float = new Builtin('float', (args, keywords) => {
  if (!(args[0] instanceof PyTensor)) return construct(floatType, args, keywords);
  const message = "float() argument must be a string or a real number, not 'Tensor'";
  const hint = 'Use x.double() or x.to(torch.float64) for tensors.';
  throw new GraddError('invalid-argument', message, { hint });
});

const known = new Map<string, Py>([
  ['torch', modules.get('torch') as PyModule],
  ['F', modules.get('torch.nn.functional') as PyModule],
  [
    'math',
    new PyModule('math', [
      ...mathConstants,
      ...mathFunctions.map((name) => [name, numbersOnly(name)] as const),
    ]),
  ],
  ['abs', builtinNames.get('abs') as Py],
  ['len', builtinNames.get('len') as Py],
  ['float', float],
]);

/** What a name means where no leaf has it; undefined for an unknown one. */
export function globalName(name: string): Py | undefined {
  const found = known.get(name);
  if (found !== undefined) return found;
  const op = name.startsWith('__') ? undefined : findOp(name);
  if (op === undefined) return undefined;
  const made = functionOf(op, name);
  known.set(name, made);
  return made;
}

/** What the catalogue has as operations and PyTorch as attributes. */
const properties = new Set(['T', 'mT', 'H', 'mH', 'real']);
/** Facts of a tensor that are no operations. */
const facts = new Set(['shape', 'ndim', 'dtype', 'requires_grad', 'is_leaf', 'size', 'dim', 'numel']);

const methods = new Map<string, Builtin>();

function method(name: string): Builtin | undefined {
  const found = methods.get(name);
  if (found !== undefined) return found;
  const op = name.startsWith('__') ? undefined : findIn('Tensor', name);
  if (op === undefined) return undefined;
  const made = functionOf(op, name);
  methods.set(name, made);
  return made;
}

function tensorAttribute(self: PyTensor, name: string): Py | undefined {
  if (properties.has(name)) return invoke(opNamed(name), [self], null);
  if (facts.has(name)) return findAttribute(self, name);
  const found = method(name);
  return found && new BoundMethod(found, self);
}

/** `object.name`: members of modules, results by their names, and what of tensors are facts or operations; nothing else. */
export function attribute(object: Py, name: string): Py {
  let found: Py | undefined;
  if (object instanceof PyTensor) found = tensorAttribute(object, name);
  else if ((object instanceof PyModule || object instanceof PyTuple) && !name.startsWith('__'))
    found = object.getAttribute(name);
  if (found === undefined) throw noAttribute(object, name);
  return found;
}
