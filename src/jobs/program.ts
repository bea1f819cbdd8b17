import {
  GraddError,
  LruCache,
  type Path,
  type Runtime,
  type Session,
  type Tensor,
  type TensorFacts,
  type Variable,
} from '../engine/index.ts';
import { type Py, PyList, PyTuple } from '../language/program/host.ts';
import { type Code, compileProgram, type RunLimits } from '../language/program/index.ts';
import {
  namedLeaves,
  namedVariables,
  outputsOf,
  PyTensor,
  runTorch,
  type TorchFinished,
} from '../language/torch/index.ts';
import type { Evaluator } from './evaluator.ts';
import type { Faults } from './faults.ts';
import { Writer } from './format.ts';
import type { EvaluateBody } from './schema.ts';
import { type Timed, timed } from './timed.ts';

/** Characters of all texts that are kept compiled. */
const CACHE_CHARACTERS = 2 ** 20;
const compiledTexts = new LruCache<string, Code>(CACHE_CHARACTERS);

/** A program ready to run; the texts used last are kept. */
export function compiledOnce(
  text: string,
  { MAX_NODES: maxNodes, MAX_DEPTH: maxDepth, MAX_EXPRESSION_LENGTH: maxLength }: Evaluator['budget'],
): Code {
  const known = text.length <= maxLength ? compiledTexts.get(text) : undefined;
  if (known !== undefined) return known;
  const code = compileProgram(text, { maxLength, maxDepth, maxNodes });
  compiledTexts.set(text, code, text.length);
  return code;
}

/** Units of cost of a step. */
const UNITS_OF_STEP = 50;
/** Steps between two calls of `check`. */
const STEPS = 2000;
const MAX_RECURSION = 1000;

const unsupported = (field: string, why: string): GraddError =>
  new GraddError('invalid-request', `"${field}" does not go with "program"`, { path: [field], hint: why });

/** Fields that say what programs say themselves. */
const refused: Partial<Record<keyof EvaluateBody, string>> = {
  backward: 'Call backward() in the program.',
  retain_grad: 'Call retain_grad() in the program.',
};

/** @throws GraddError for fields that mean nothing beside a program */
export function checkProgramFields(body: Partial<EvaluateBody>, faults: Faults): void {
  for (const [field, why] of Object.entries(refused))
    if (body[field as keyof EvaluateBody] !== undefined) faults.add(unsupported(field, why));
}

/** What a run of a program may take. */
export const runLimits = (budget: Evaluator['budget']): RunLimits => ({
  maxSteps: budget.MAX_STEPS,
  maxBytes: Math.min(budget.MAX_PROGRAM_BYTES, budget.MAX_MEMORY_BYTES),
  maxOutput: budget.MAX_OUTPUT_BYTES,
  maxRecursion: MAX_RECURSION,
});

/** Counts steps of a program, and ends it where it takes too long. */
export function checkRun(rt: Runtime): void {
  rt.effort(STEPS * UNITS_OF_STEP);
  rt.checkTime();
}

/** What is asked of a program, with its leaves in the arena. */
export interface Asked {
  body: Partial<EvaluateBody>;
  text: string;
  leaves: ReadonlyMap<string, Tensor>;
  start: number;
}

/** What is left of a program that has run. */
interface Executed {
  session: Session;
  finished: TorchFinished;
  variables: ReadonlyMap<string, Variable>;
  parsed: number;
}

/** Runs a program: an exception of it is among what it leaves, a text that cannot be compiled is thrown. */
export function execute(evaluator: Evaluator, { body, text, leaves }: Omit<Asked, 'start'>): Executed {
  const { budget, rt } = evaluator;
  const code = compiledOnce(text, budget);
  const session = evaluator.engine.session();
  session.rt.watch = rt.watch;
  if (body.seed !== undefined) session.manualSeed(BigInt(body.seed));
  const variables = new Map<string, Variable>();
  for (const [name, tensor] of leaves) {
    const variable = session.adopt(tensor);
    if (tensor.requiresGrad) session.setRequiresGrad(variable, true);
    variables.set(name, variable);
  }
  const parsed = performance.now();
  try {
    const finished = runTorch(code, session, {
      leaves: variables,
      limits: runLimits(budget),
      check: () => checkRun(session.rt),
    });
    return { session, finished, variables, parsed };
  } finally {
    rt.absorb(session.rt);
  }
}

/** The answer to a body with a program. */
export function answerProgram(evaluator: Evaluator, { start, ...asked }: Asked): Timed {
  const { session, finished, variables, parsed } = execute(evaluator, asked);
  if (finished.error !== null) throw finished.error;
  const evaluated = performance.now();
  const answer = new Answer(evaluator, session, finished, variables, asked.body).text();
  return timed(answer, { start, parsed, evaluated }, { compiled: false });
}

/** The parts of an answer. */
class Answer {
  private readonly session: Session;
  private readonly finished: TorchFinished;
  private readonly leaves: ReadonlyMap<string, Variable>;
  private readonly body: Partial<EvaluateBody>;
  private readonly writer: Writer;

  constructor(
    evaluator: Evaluator,
    session: Session,
    finished: TorchFinished,
    leaves: ReadonlyMap<string, Variable>,
    body: Partial<EvaluateBody>,
  ) {
    this.session = session;
    this.finished = finished;
    this.leaves = leaves;
    this.body = body;
    this.writer = new Writer(evaluator, body.encoding ?? 'plain');
  }

  text(): string {
    const named = namedVariables(this.finished, this.leaves);
    const outputs = outputsOf(this.finished, named, this.leaves, this.body.outputs);
    const tensors = new Map(named);
    for (const [name, value] of outputs)
      if (value instanceof PyTensor && !tensors.has(name)) tensors.set(name, value.variable);
    const [first] = outputs.values();
    const entries = [...outputs].map(([name, value]) => entry(name, this.value(value, ['outputs', name])));
    const parts = [
      entry('stdout', JSON.stringify(this.finished.stdout)),
      entry(
        'value',
        first === undefined ? 'null' : (entries[0] as string).slice((entries[0] as string).indexOf(':') + 1),
      ),
      entry('outputs', `{${entries.join(',')}}`),
      entry('gradients', `{${this.gradients(named).join(',')}}`),
      entry(
        'tensors',
        `{${[...tensors].map(([name, variable]) => entry(name, this.facts(variable))).join(',')}}`,
      ),
    ];
    const trace = this.body.trace === false ? null : this.trace(outputs, named);
    if (trace !== null) parts.push(entry('trace', trace));
    const text = `{${parts.join(',')}}`;
    this.writer.check(Buffer.byteLength(text));
    return text;
  }

  private tensor(variable: Variable): string {
    return this.writer.tensor(this.session.tensorOf(variable));
  }

  /** A value as JSON, as far as JSON can carry it. */
  private value(value: Py, path: Path, depth = 0): string {
    if (value instanceof PyTensor) return this.tensor(value.variable);
    if (value === null || typeof value === 'string' || typeof value === 'boolean')
      return JSON.stringify(value);
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
    if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
    if ((value instanceof PyList || value instanceof PyTuple) && depth < MAX_NESTING)
      return `[${value.items.map((item) => this.value(item, path, depth + 1)).join(',')}]`;
    throw new GraddError(
      'invalid-argument',
      `"${path[1]}" is a ${value.type.name}, which JSON cannot carry`,
      { path },
    );
  }

  /** `.grad` of every leaf of the request, and of every other leaf that the program names. */
  private gradients(named: ReadonlyMap<string, Variable>): string[] {
    const found: string[] = [];
    for (const [name, variable] of namedLeaves(named, this.leaves))
      found.push(entry(name, variable.grad === null ? 'null' : this.tensor(variable.grad)));
    return found;
  }

  private facts(variable: Variable): string {
    const { shape, dtype, isLeaf, requiresGrad, gradFn } = variable;
    const facts: TensorFacts = {
      shape,
      dtype,
      is_leaf: isLeaf,
      requires_grad: requiresGrad,
      grad_fn: gradFn?.className ?? null,
    };
    return JSON.stringify(facts);
  }

  private trace(outputs: ReadonlyMap<string, Py>, named: ReadonlyMap<string, Variable>): string | null {
    const roots = new Map<string, Variable>();
    for (const [name, value] of outputs) if (value instanceof PyTensor) roots.set(name, value.variable);
    return roots.size === 0 ? null : this.session.trace(roots, named).toText();
  }
}

const MAX_NESTING = 64;

const entry = (name: string, text: string): string => `${JSON.stringify(name)}:${text}`;
