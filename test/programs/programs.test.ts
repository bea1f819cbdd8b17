import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Engine, type GraddError, isFloat, type Session, type Variable } from '../../src/engine/index.ts';
import { type Py, PyList, PyTuple } from '../../src/language/program/host.ts';
import { compileProgram } from '../../src/language/program/index.ts';
import { PyTensor, runTorch, type TorchFinished } from '../../src/language/torch/index.ts';
import { type ProgramCase, programCases, type RecordedTensor } from '../support/programs.ts';

/** Programs that do not pass yet, and why. */
const reasons = JSON.parse(readFileSync(new URL('reasons.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

const limits = { maxSteps: 50_000_000, maxBytes: 2 ** 28, maxOutput: 2 ** 22, maxRecursion: 1000 };
const engine = new Engine();

function ran(source: string, session: Session): TorchFinished {
  const code = compileProgram(source, { maxLength: 2 ** 20, maxDepth: 64, maxNodes: 2 ** 20 });
  return runTorch(code, session, { limits });
}

/** What ended a program, as the record has it. */
function exceptionOf(error: GraddError): { type: string; message: string; line: number | undefined } {
  const line = error.faults[0]?.line;
  if (error.code === 'syntax-error') return { type: 'SyntaxError', message: error.message, line };
  if (error.code !== 'program-error') return { type: error.exception ?? '', message: error.message, line };
  const [, type, message] = /^(\w+)(?:: ([\s\S]*))?$/.exec(error.message) ?? [];
  return { type: type ?? '', message: message ?? '', line };
}

const wire = (value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

function nested(flat: readonly unknown[], shape: readonly number[]): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return wire(flat[0]);
  const each = size === 0 ? 0 : flat.length / size;
  return Array.from({ length: size }, (_, i) => nested(flat.slice(i * each, (i + 1) * each), rest));
}

function tensorOf(session: Session, variable: Variable): RecordedTensor {
  const { dtype, shape, requiresGrad, isLeaf, gradFn } = variable;
  const flat = session.elements(variable).map((item) => (typeof item === 'bigint' ? Number(item) : item));
  return {
    dtype,
    shape: [...shape],
    data: nested(flat, shape),
    requires_grad: requiresGrad,
    is_leaf: isLeaf,
    grad_fn: gradFn?.className ?? null,
  };
}

function recorded(session: Session, value: Py): unknown {
  if (value instanceof PyTensor) return tensorOf(session, value.variable);
  if (value instanceof PyTuple || value instanceof PyList)
    return value.items.map((item) => recorded(session, item));
  return typeof value === 'bigint' ? Number(value) : wire(value);
}

/** The record with its floats as close as the dtype has digits. */
function closely(expected: unknown, digits: number): unknown {
  if (typeof expected === 'number' && !Number.isInteger(expected))
    return expect.closeTo(expected, digits - Math.ceil(Math.log10(Math.abs(expected) + 1e-30)));
  if (Array.isArray(expected)) return expected.map((item) => closely(item, digits));
  if (typeof expected !== 'object' || expected === null) return expected;
  const { dtype, data } = expected as RecordedTensor;
  if (dtype === undefined || !isFloat(dtype as 'float32')) return expected;
  return { ...expected, data: closely(data, dtype === 'float32' ? 5 : 11) };
}

const NUMBER = /-?\d+\.\d*(?:e[-+]\d+)?/g;

/** Text with its floats and the blanks between them left out. */
const words = (text: string): string => text.replace(NUMBER, '#').replace(/ +/g, ' ');

/** How much printed floats may differ where the last bit of a float32 does: two of its steps, and the digit printed. */
function near(got: string, expected: string): boolean {
  const digits = /\.(\d*)/.exec(expected)?.[1]?.length ?? 0;
  const power = Number(/e([-+]\d+)/.exec(expected)?.[1] ?? 0);
  const wanted = Number(expected);
  return Math.abs(Number(got) - wanted) <= 1.01 * 10 ** (power - digits) + 2.4e-7 * Math.abs(wanted);
}

function checkStdout(got: string, expected: string, exact: boolean): void {
  if (exact) {
    expect(got).toBe(expected);
    return;
  }
  expect(words(got)).toBe(words(expected));
  const wanted = expected.match(NUMBER) ?? [];
  const far = (got.match(NUMBER) ?? []).filter((each, i) => !near(each, wanted[i] as string));
  expect(far).toEqual([]);
}

function check({ source, values = {}, ...expected }: ProgramCase, exact = true): void {
  engine.begin({ dtype: 'float32' });
  const session = engine.session();
  const names = Object.keys(values);
  const asked = names.length > 0 && expected.exception === undefined;
  let finished: TorchFinished | null = null;
  let error: GraddError | null = null;
  try {
    finished = ran(asked ? `${source}\nrecorded = (${names.join(',')},)\n` : source, session);
    error = finished.error;
  } catch (thrown) {
    error = thrown as GraddError;
    if (error.faults === undefined) throw thrown;
  }
  expect(error === null ? null : exceptionOf(error)).toEqual(expected.exception ?? null);
  checkStdout(finished?.stdout ?? '', expected.stdout, exact);
  if (!asked) return;
  const found = recorded(session, finished?.globals.get('recorded') as Py) as unknown[];
  names.forEach((name, i) => {
    expect({ [name]: found[i] }).toEqual({ [name]: closely(values[name], 5) });
  });
}

for (const each of programCases()) {
  const reason = reasons[each.name];
  if (reason === undefined) test(each.name, () => check(each));
  // Whether products are fused with sums depends on the runtime, and so does the last bit.
  else if (/last bit/.test(reason)) test(`${each.name} but for the last bit`, () => check(each, false));
  else
    test(`${each.name} does not pass yet`, () => expect(() => check(each), 'take it off the list').toThrow());
}
