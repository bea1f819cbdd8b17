import { type Evaluation, factsOf, GraddError, type Tensor, type TensorFacts } from '../engine/index.ts';
import type { Evaluator } from './evaluator.ts';
import { type Encoding, leastBytes, tensorText } from './wire.ts';

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

/** Units of cost of a byte of an answer. */
const UNITS_OF_BYTE = 10;

/** Writes the tensors of an answer, as long as it does not become too long. */
export class Writer {
  private readonly evaluator: Evaluator;
  private readonly encoding: Encoding;
  private bytes = 0;

  constructor(evaluator: Evaluator, encoding: Encoding) {
    this.evaluator = evaluator;
    this.encoding = encoding;
  }

  /** @throws GraddError `limit-exceeded` before the text is made, where its least length tells */
  tensor(tensor: Tensor | null): string {
    if (tensor === null) return 'null';
    const { rt } = this.evaluator;
    const least = leastBytes(tensor, this.encoding);
    this.check(this.bytes + least);
    rt.effort(least * UNITS_OF_BYTE);
    const text = tensorText(rt, tensor, this.encoding);
    this.bytes += text.length;
    return text;
  }

  /** @throws GraddError `limit-exceeded` where an answer has too many bytes */
  check(bytes: number): void {
    const { MAX_RESPONSE_BYTES: limit } = this.evaluator.budget;
    if (bytes <= limit) return;
    const message = `The answer has ${bytes} bytes or more, which exceeds the limit of ${limit} bytes (MAX_RESPONSE_BYTES)`;
    const hint =
      'Ask for fewer outputs, or for "encoding": "base64"; "backward": false leaves the gradients out.';
    throw new GraddError('limit-exceeded', message, { hint });
  }
}

/**
 * An evaluation as the JSON text of the answer.
 *
 * @param more further fields, each with a comma before it
 * @throws GraddError `limit-exceeded` where it is too long
 */
export function evaluationText(
  evaluator: Evaluator,
  { outputs, gradients, tensors, trace, stdout, compiled }: Evaluation,
  encoding: Encoding,
  more = '',
): string {
  const writer = new Writer(evaluator, encoding);
  let value = 'null';
  let list = '';
  for (const [name, tensor] of outputs) {
    const text = writer.tensor(tensor);
    if (list === '') value = text;
    list = withEntry(list, name, text);
  }
  const printed = stdout === undefined ? '' : `"stdout":${JSON.stringify(stdout)},`;
  let answer = `{${printed}"value":${value},"outputs":{${list}}`;
  if (gradients !== null) {
    list = '';
    for (const [name, tensor] of gradients) list = withEntry(list, name, writer.tensor(tensor));
    answer += `,"gradients":{${list}}`;
  }
  answer += `,"tensors":{${onceFor(tensors, compiled, () => tensorsText(tensors))}}`;
  if (trace !== null) answer += `,"trace":${onceFor(trace, compiled, () => trace.toText())}`;
  const text = `${answer}${more}}`;
  writer.check(text.length);
  return text;
}
