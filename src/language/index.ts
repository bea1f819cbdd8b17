/** Expressions in Python's syntax and PyTorch's vocabulary, evaluated by the engine. */
import {
  type Eager,
  FunctionalSession,
  joinErrors,
  LruCache,
  type Outcome,
  type Program,
  type Tensor,
} from '../engine/index.ts';
import { asError, unknownName } from './expressions/errors.ts';
import { attribute, globalName } from './expressions/names.ts';
import { compileExpression, type ExpressionCode, evaluateOn } from './program/expression.ts';
import { isNumber, Machine, nameOfType, type Py, type PyNumber, PyTuple } from './program/host.ts';
import type { ProgramLimits } from './program/syntax/source.ts';
import { TorchRun, within } from './torch/run.ts';
import { PyTensor, wrap } from './torch/tensor.ts';

/** Characters of all texts that are kept compiled. */
const CACHE_CHARACTERS = 2 ** 20;

/** The texts used last, compiled, since the same expression comes again and again. */
export const parsedTexts = new LruCache<string, ExpressionCode>(CACHE_CHARACTERS);

/**
 * An expression as it was read, with the names that it uses.
 *
 * @throws GraddError `syntax-error`, `limit-exceeded`
 */
export function parseExpression(text: string, limits: ProgramLimits): ExpressionCode {
  const known = text.length <= limits.maxLength ? parsedTexts.get(text) : undefined;
  if (known !== undefined) return known;
  const code = compileExpression(text, limits, attribute);
  parsedTexts.set(text, code, text.length);
  return code;
}

/** An expression has no loops: what it computes of numbers and texts is little beside its tensors. */
const runLimits = { maxSteps: 10_000_000, maxBytes: 2 ** 24, maxOutput: 0, maxRecursion: 100 };
/** What the steps between two looks at the clock cost at most, in floating-point operations. */
const CHUNK_COST = 4e6;

const NAME = 'value';

/** One run of an expression. */
class Evaluation {
  private readonly code: ExpressionCode;
  private readonly session: FunctionalSession;
  private readonly machine: Machine;

  constructor(code: ExpressionCode, eager: Eager) {
    this.code = code;
    this.session = new FunctionalSession(eager);
    this.machine = new Machine(code.source, runLimits, () => {
      eager.rt.tick();
      eager.rt.effort(CHUNK_COST);
    });
    this.session.locator = () => this.machine.locator();
  }

  run(leaves: ReadonlyMap<string, Tensor>): Tensor {
    const run = new TorchRun(this.session);
    run.machine = this.machine;
    this.bind(leaves);
    try {
      return this.tensorOf(within(run, () => evaluateOn(this.machine, this.code)));
    } catch (error) {
      throw asError(error, this.code.source, this.machine.at);
    }
  }

  /** Gives names their meaning; all unknown ones at once, before anything is computed. */
  private bind(leaves: ReadonlyMap<string, Tensor>): void {
    const { globals, names, source } = this.code;
    const unknown: string[] = [];
    for (const [name, index] of globals) {
      const leaf = leaves.get(name);
      const value = leaf === undefined ? globalName(name) : wrap(this.session.fresh(leaf));
      if (value === undefined) unknown.push(name);
      else this.machine.globals[index] = value;
    }
    if (unknown.length === 0) return;
    throw joinErrors(
      unknown.map((name) => unknownName(source, name, names.get(name) as number, leaves.keys())),
    );
  }

  /** The tensor that the expression gives; numbers become tensors. */
  private tensorOf(value: Py): Tensor {
    if (value instanceof PyTensor) return this.session.tensorOf(value.variable);
    if (isNumber(value)) return this.fromNumber(value);
    const what = value instanceof PyTuple ? 'tuple' : nameOfType(value);
    throw this.code.source.error(
      'invalid-request',
      `an expression must give one tensor, got ${what}`,
      this.code.at,
    );
  }

  private fromNumber(value: PyNumber): Tensor {
    const { eager } = this.session;
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value)
      throw this.code.source.error('invalid-argument', 'Overflow when unpacking long long', this.code.at);
    const dtype =
      typeof value === 'number' ? eager.defaultDType : typeof value === 'bigint' ? 'int64' : 'bool';
    return eager.call('full', { size: [], fill_value: value, dtype }) as Tensor;
  }
}

/**
 * An expression as a program whose only output is named `value`.
 *
 * @throws GraddError `syntax-error`, `limit-exceeded`; running it `unknown-name`, `unknown-op` and what operations throw
 */
export function expressionProgram(text: string, limits: ProgramLimits): Program {
  const code = parseExpression(text, limits);
  return {
    run(eager, leaves): Outcome {
      const result = new Evaluation(code, eager).run(leaves);
      return { named: new Map([[NAME, { result, op: null }]]), outputs: [NAME] };
    },
  };
}
