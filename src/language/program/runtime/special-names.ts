import type { BinaryOp, UnaryOp } from '../syntax/ast.ts';
import type { Ordering } from './object.ts';

export const binaryNames: Record<BinaryOp, string> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'lshift',
  '>>': 'rshift',
};
export const orderingNames: Record<Ordering, string> = {
  '<': '__lt__',
  '<=': '__le__',
  '>': '__gt__',
  '>=': '__ge__',
  '==': '__eq__',
  '!=': '__ne__',
};
export const unaryNames: Record<UnaryOp, string> = { '+': '__pos__', '-': '__neg__', '~': '__invert__' };
