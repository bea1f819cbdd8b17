import { type Arg, DTypeLiteral, dtypeByName, findIn, findOp, type Op, type Place } from '../engine/index.ts';
import { isMathFunction, mathConstants } from './numbers.ts';

/** A module: `torch`, `torch.nn.functional`, `math`, or a part of torch such as `torch.linalg`. */
export class Module {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

/** An operation of the catalogue, perhaps with the tensor whose method it is. */
export class OpFunction {
  readonly op: Op;
  readonly self: Arg | undefined;

  constructor(op: Op, self?: Arg) {
    this.op = op;
    this.self = self;
  }
}

/** A function that is none of the catalogue's. */
export class Builtin {
  readonly name: string;
  /** The tensor whose method it is. */
  readonly self: Arg | undefined;

  constructor(name: string, self?: Arg) {
    this.name = name;
    this.self = self;
  }
}

/** Whatever a name or an attribute may be. */
export type Thing = Arg | Module | OpFunction | Builtin;

const modules = new Map([
  ['torch', new Module('torch')],
  ['F', new Module('F')],
  ['math', new Module('math')],
]);

const submodules = new Map([
  ['torch.nn', new Module('torch.nn')],
  ['torch.nn.functional', new Module('F')],
  ['torch.linalg', new Module('torch.linalg')],
  ['torch.signal', new Module('torch.signal')],
  ['torch.signal.windows', new Module('torch.signal.windows')],
  ['torch.special', new Module('torch.special')],
  ['torch.autograd', new Module('torch.autograd')],
  ['torch.fft', new Module('torch.fft')],
]);

const builtins = new Set(['abs', 'len', 'float']);

/** What a bare name means where no leaf has it; undefined for an unknown one. */
export function globalName(name: string): Thing | undefined {
  const found = modules.get(name);
  if (found) return found;
  if (builtins.has(name)) return new Builtin(name);
  const op = name.startsWith('__') ? undefined : findOp(name);
  return op && new OpFunction(op);
}

function find(place: Place, name: string): OpFunction | undefined {
  const op = name.startsWith('__') ? undefined : findIn(place, name);
  return op && new OpFunction(op);
}

/** An attribute of a module; undefined for an unknown one. */
export function moduleAttribute({ path }: Module, name: string): Thing | undefined {
  if (path === 'math')
    return mathConstants.get(name) ?? (isMathFunction(name) ? new Builtin(`math.${name}`) : undefined);
  if (path === 'F') return find('F', name);
  const sub = submodules.get(`${path}.${name}`);
  if (sub) return sub;
  if (path !== 'torch') return find('torch', `${path.slice('torch.'.length)}.${name}`);
  const dtype = dtypeByName(name);
  if (dtype) return new DTypeLiteral(dtype);
  return mathConstants.get(name) ?? find('torch', name);
}
