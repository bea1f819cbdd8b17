import { type Evaluation, factsOf, type Runtime, type Tensor, type TensorFacts } from '../engine/index.ts';
import { type Encoding, tensorText } from './wire.ts';

/** An entry more of a JSON object. Names have no character that JSON escapes. */
const withEntry = (list: string, name: string, text: string): string =>
  `${list === '' ? '' : `${list},`}"${name}":${text}`;

function factsText(tensor: Tensor | TensorFacts): string {
  const { shape, dtype, is_leaf, requires_grad, grad_fn } = factsOf(tensor);
  const name = grad_fn === null ? 'null' : `"${grad_fn}"`;
  return `{"shape":[${shape.join(',')}],"dtype":"${dtype}","is_leaf":${is_leaf},"requires_grad":${requires_grad},"grad_fn":${name}}`;
}

/** Texts of what a compiled graph says the same way each time. */
const known = new WeakMap<object, string>();

function onceFor(key: object, compiled: boolean, write: () => string): string {
  if (!compiled) return write();
  let text = known.get(key);
  if (text === undefined) {
    text = write();
    known.set(key, text);
  }
  return text;
}

function tensorsText(tensors: Evaluation['tensors']): string {
  let list = '';
  for (const [name, tensor] of tensors) list = withEntry(list, name, factsText(tensor));
  return list;
}

/**
 * An evaluation as the JSON text of the answer.
 *
 * @param more further fields, each with a comma before it
 */
export function evaluationText(
  rt: Runtime,
  { outputs, gradients, tensors, trace, compiled }: Evaluation,
  encoding: Encoding,
  more = '',
): string {
  let value = 'null';
  let list = '';
  for (const [name, tensor] of outputs) {
    const text = tensorText(rt, tensor, encoding);
    if (list === '') value = text;
    list = withEntry(list, name, text);
  }
  let answer = `{"value":${value},"outputs":{${list}}`;
  if (gradients !== null) {
    list = '';
    for (const [name, tensor] of gradients) {
      list = withEntry(list, name, tensor === null ? 'null' : tensorText(rt, tensor, encoding));
    }
    answer += `,"gradients":{${list}}`;
  }
  answer += `,"tensors":{${onceFor(tensors, compiled, () => tensorsText(tensors))}}`;
  if (trace !== null) answer += `,"trace":${onceFor(trace, compiled, () => trace.toText())}`;
  return `${answer}${more}}`;
}
