import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import {
  Engine,
  type Evaluation,
  factsOf,
  GraddError,
  graphProgram,
  type Program,
  type Tensor,
} from '../engine/index.ts';
import { expressionProgram } from '../language/index.ts';
import { Faults } from './faults.ts';
import { type EvaluateBody, evaluateBody, messagesOf, NAME } from './schema.ts';
import { type Encoding, parseTensor, tensorText } from './wire.ts';

/** The faults that zod found in the body's form. */
function formError(error: z.ZodError): GraddError {
  const faults = error.issues
    .flatMap(messagesOf)
    .map(([path, detail]) => ({ path: path as (string | number)[], detail }));
  return new GraddError('invalid-request', faults[0]?.detail ?? 'The body does not have the right form', {
    faults,
  });
}

/** The body; where its form has faults, the fields without any, so that theirs are found too. */
function formedBody(json: unknown, faults: Faults): EvaluateBody {
  const result = evaluateBody.safeParse(json);
  if (result.success) {
    const { expression, graph } = result.data;
    if ((expression === undefined) === (graph === undefined)) faults.add(oneProgram());
    return result.data;
  }
  faults.add(formError(result.error));
  if (typeof json !== 'object' || json === null) return {};
  const faulty = new Set(result.error.issues.map(({ path }) => path[0]));
  const sound = Object.entries(json).filter(([field]) => field in evaluateBody.shape && !faulty.has(field));
  // Without the leaves every name of a graph would be unknown.
  return Object.fromEntries(faulty.has('leaves') ? sound.filter(([field]) => field !== 'graph') : sound);
}

const oneProgram = (): GraddError =>
  new GraddError('invalid-request', 'Exactly one of "expression" and "graph" must be given', { path: [] });

/** Reads every entry of a record. */
function readAll<T>(
  record: Record<string, unknown>,
  where: string,
  faults: Faults,
  read: (value: unknown, name: string) => T,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const name of Object.keys(record)) {
    try {
      found.set(name, read(record[name], name));
    } catch (error) {
      faults.add(error, [where, name]);
    }
  }
  return found;
}

/** Evaluates requests one after the other on one engine. */
export class Evaluator {
  private readonly engine: Engine;
  private readonly config: Config;

  constructor(config: Config) {
    this.config = config;
    this.engine = new Engine({
      limits: { maxElements: config.MAX_ELEMENTS, maxTotalElements: config.MAX_TOTAL_ELEMENTS },
    });
  }

  /** The answer to a body as JSON text, and how long its parts took in milliseconds. */
  answer(json: unknown): { text: string; timings: [number, number, number] } {
    const start = performance.now();
    const faults = new Faults();
    const body = formedBody(json, faults);
    const limit = Math.min(body.timeout_ms ?? this.config.TIMEOUT_MS, this.config.TIMEOUT_MS);
    this.engine.begin({ dtype: body.dtype ?? 'float64', deadline: start + limit });
    const leaves = this.leavesOf(body, faults);
    const options = {
      outputs: body.outputs,
      backward: this.backwardOf(body, faults),
      retainGrad: body.retain_grad,
      trace: body.trace,
    };
    const program = this.programOf(body, faults);
    if (program === null || faults.found) throw faults.joined();
    const parsed = performance.now();
    const evaluation = this.engine.evaluate(program, leaves, options);
    const evaluated = performance.now();
    const text = this.format(evaluation, body.encoding ?? 'plain');
    return { text, timings: [parsed - start, evaluated - parsed, performance.now() - evaluated] };
  }

  private leavesOf(body: EvaluateBody, faults: Faults): Map<string, Tensor> {
    const record = body.leaves ?? {};
    const count = Object.keys(record).length;
    if (count > this.config.MAX_NODES) {
      const message = `The request has ${count} leaves; the limit is ${this.config.MAX_NODES} (MAX_NODES)`;
      throw new GraddError('limit-exceeded', message, { path: ['leaves'] });
    }
    return readAll(record, 'leaves', faults, (value, name) => {
      if (!NAME.test(name))
        throw new GraddError('invalid-request', 'a name must match [A-Za-z_][A-Za-z0-9_]{0,63}');
      const { tensor, requiresGrad } = this.parse(value, ['leaves', name], body, true);
      return this.engine.leaf(tensor, requiresGrad);
    });
  }

  private backwardOf(
    { backward, ...body }: EvaluateBody,
    faults: Faults,
  ): boolean | Map<string, Tensor | null> | undefined {
    if (backward === undefined || typeof backward === 'boolean') return backward;
    return readAll(backward, 'backward', faults, (value, name) =>
      value === null ? null : this.parse(value, ['backward', name], body, false).tensor,
    );
  }

  private parse(value: unknown, path: string[], { dtype }: EvaluateBody, leaf: boolean) {
    return parseTensor(this.engine.rt, value, path, {
      dtype: dtype ?? 'float64',
      maxDepth: this.config.MAX_DEPTH,
      leaf,
    });
  }

  private programOf({ expression, graph, leaves = {} }: EvaluateBody, faults: Faults): Program | null {
    const { MAX_NODES: maxNodes, MAX_DEPTH: maxDepth, MAX_EXPRESSION_LENGTH: maxLength } = this.config;
    try {
      if (expression !== undefined) return expressionProgram(expression, { maxLength, maxDepth, maxNodes });
      if (graph !== undefined) return graphProgram(graph, Object.keys(leaves), { maxNodes, maxDepth });
    } catch (error) {
      faults.add(expression === undefined && error instanceof GraddError ? error.under(['graph']) : error);
    }
    return null;
  }

  private format({ outputs, gradients, tensors, trace }: Evaluation, encoding: Encoding): string {
    const { rt } = this.engine;
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
    list = '';
    for (const [name, tensor] of tensors) list = withEntry(list, name, factsText(tensor));
    answer += `,"tensors":{${list}}`;
    return trace === null ? `${answer}}` : `${answer},"trace":${trace.toText()}}`;
  }
}

/** An entry more of a JSON object. Names have no character that JSON escapes. */
const withEntry = (list: string, name: string, text: string): string =>
  `${list === '' ? '' : `${list},`}"${name}":${text}`;

/** What PyTorch would print of a tensor, as JSON; by hand since every answer has it for every tensor. */
function factsText(tensor: Tensor): string {
  const { shape, dtype, is_leaf, requires_grad, grad_fn } = factsOf(tensor);
  const name = grad_fn === null ? 'null' : `"${grad_fn}"`;
  return `{"shape":[${shape.join(',')}],"dtype":"${dtype}","is_leaf":${is_leaf},"requires_grad":${requires_grad},"grad_fn":${name}}`;
}

const thousandths = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Milliseconds to three places; the printing of fractions by JavaScript takes ten times as long. */
function milliseconds(value: number): string {
  const micros = Math.round(value * 1000);
  return `${Math.floor(micros / 1000)}.${thousandths[micros % 1000]}`;
}

/** `POST /v1/evaluate`. */
export function evaluateRoutes(app: FastifyInstance, config: Config): void {
  const evaluator = new Evaluator(config);
  app.post('/v1/evaluate', (request: FastifyRequest, reply: FastifyReply) => {
    if (request.body === undefined) throw new GraddError('malformed-json', 'The body is empty');
    const { text, timings } = evaluator.answer(request.body);
    reply
      .header('content-type', 'application/json; charset=utf-8')
      .header(
        'server-timing',
        `parse;dur=${milliseconds(timings[0])}, eval;dur=${milliseconds(timings[1])}, format;dur=${milliseconds(timings[2])}`,
      )
      .send(text);
  });
}
