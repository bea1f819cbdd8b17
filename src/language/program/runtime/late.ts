import type { BinaryOp } from '../syntax/ast.ts';
import type { Keywords, Ordering, Py, PyObject } from './object.ts';

/** What objects need of the operations that are made of them; `operations.ts` puts it here. */
export const late = {} as {
  call: (callee: Py, args: Py[], keywords: Keywords | null) => Py;
  /** A method of a class as `self.name` gives it. */
  bind: (attribute: Py, self: Py) => Py;
  truth: (value: Py) => boolean;
  callable: (value: Py) => boolean;
  /** Whether an attribute of a class is not one of the interpreter's own. */
  programmed: (attribute: Py) => boolean;
  repr: (value: Py) => string;
  str: (value: Py) => string;
  /** `repr` of items with commas between them. */
  join: (items: Iterable<Py>) => string;
  /** Texts with commas between them, no longer together than memory allows. */
  joined: (parts: Iterable<() => string>) => string;
  /** `text` of an object, unless it is being printed already: then `again`. */
  enclosed: (value: PyObject, again: string, text: () => string) => string;
  equal: (a: Py, b: Py) => boolean;
  compare: (op: Ordering, a: Py, b: Py) => Py;
  /** Whether the other side has an operator for it. */
  reflects: (value: PyObject, op: BinaryOp, other: Py) => boolean;
  /** All items of something that can be iterated. */
  items: (value: Py) => Py[];
  setKey: (values: Py[]) => unknown;
  /** Bounds recursion over values that hold each other. */
  guarded: <T>(body: () => T) => T;
  /** An exception to be thrown. */
  typeError: (message: string) => unknown;
  overflow: (message: string) => unknown;
  /** Calls a special method; undefined where it raises StopIteration, or IndexError of `__getitem__`. */
  next: (self: Py, method: string, args: Py[]) => Py | undefined;
};
