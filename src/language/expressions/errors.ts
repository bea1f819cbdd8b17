import { type ErrorCode, findIn, type GraddError, opNames, suggestion } from '../../engine/index.ts';
import { AttributeError, type PyException, Raised, str } from '../program/host.ts';
import type { Source } from '../program/syntax/source.ts';

/** What a service of new tensors cannot have, and why. */
const refusedMethods = new Map([
  ['item', 'The value of a tensor leaves the graph only in the answer.'],
  ['numpy', 'There is no NumPy here; tensors come back in the answer.'],
  ['tolist', 'Tensors come back in the answer.'],
  ['data', 'Use detach() for the same values outside the graph.'],
  ['grad', 'Gradients come back in the answer; within the expression use torch.autograd.grad.'],
  ['backward', 'The backward pass runs after the expression; within it use torch.autograd.grad.'],
]);

function isCalled({ text }: Source, name: string, at: number): boolean {
  return text
    .slice(at + name.length)
    .trimStart()
    .startsWith('(');
}

/** A name that is neither a leaf nor a function. */
export function unknownName(source: Source, name: string, at: number, leaves: Iterable<string>): GraddError {
  if (isCalled(source, name, at)) {
    const hint = suggestion(name, opNames());
    return source.error('unknown-op', `There is no function "${name}"`, at, hint);
  }
  const hint = suggestion(name, leaves) ?? 'Give it a value in "leaves".';
  return source.error('unknown-name', `name '${name}' is not defined`, at, hint);
}

function unknownAttribute(source: Source, message: string, at: number): GraddError {
  const [, object, name] = /^(.*) has no attribute '(.*)'$/s.exec(message) as unknown as [
    string,
    string,
    string,
  ];
  const of = object === "'Tensor' object";
  const why = of ? refusedMethods.get(name) : undefined;
  const stem = of && /[^_]_$/.test(name) ? name.slice(0, -1) : null;
  const inPlace = stem !== null && findIn('Tensor', stem) !== undefined;
  const hint = why ?? (inPlace ? `Tensors do not change here; use ${stem}().` : suggestion(name, opNames()));
  const code = isCalled(source, name, at) || why !== undefined ? 'unknown-op' : 'unknown-name';
  return source.error(code, message, at, hint);
}

/** Exceptions whose name says more than their message. */
const named = new Set(['ZeroDivisionError', 'OverflowError', 'ValueError']);

function fromException(exception: PyException, source: Source, at: number): GraddError {
  const message = str(exception);
  if (exception.type === AttributeError) return unknownAttribute(source, message, at);
  const { name } = exception.type;
  const code: ErrorCode = 'invalid-argument';
  return source.error(code, named.has(name) ? `${name}: ${message}` : message, at);
}

/** What ended an expression as the service's error with its place; what is none of the expression's stays as it is. */
export const asError = (thrown: unknown, source: Source, at: number): unknown =>
  thrown instanceof Raised ? fromException(thrown.exception, source, at) : source.located(thrown, at);
