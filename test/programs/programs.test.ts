import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Engine, type GraddError } from '../../src/engine/index.ts';
import { compileProgram } from '../../src/language/program/index.ts';
import { runTorch, type TorchFinished } from '../../src/language/torch/index.ts';
import { programCases } from '../support/programs.ts';

/** Programs that do not pass yet, and why. */
const reasons = JSON.parse(readFileSync(new URL('reasons.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

const limits = { maxSteps: 50_000_000, maxBytes: 2 ** 28, maxOutput: 2 ** 22, maxRecursion: 1000 };
const engine = new Engine();

function ran(source: string): TorchFinished {
  engine.begin({ dtype: 'float32' });
  const code = compileProgram(source, { maxLength: 2 ** 20, maxDepth: 64, maxNodes: 2 ** 20 });
  return runTorch(code, engine.session(), { limits });
}

/** What ended a program, as the record has it. */
function exceptionOf(error: GraddError): { type: string; message: string; line: number | undefined } {
  const line = error.faults[0]?.line;
  if (error.code === 'syntax-error') return { type: 'SyntaxError', message: error.message, line };
  if (error.code !== 'program-error') return { type: error.exception ?? '', message: error.message, line };
  const [, type, message] = /^(\w+)(?:: ([\s\S]*))?$/.exec(error.message) ?? [];
  return { type: type ?? '', message: message ?? '', line };
}

function check(source: string, expected: ReturnType<typeof programCases>[number]): void {
  let finished: TorchFinished | null = null;
  let error: GraddError | null = null;
  try {
    finished = ran(source);
    error = finished.error;
  } catch (thrown) {
    error = thrown as GraddError;
    if (error.faults === undefined) throw thrown;
  }
  expect(error === null ? null : exceptionOf(error)).toEqual(expected.exception ?? null);
  if (finished !== null) expect(finished.stdout).toBe(expected.stdout);
}

for (const each of programCases()) {
  const reason = reasons[each.name];
  if (reason === undefined) test(each.name, () => check(each.source, each));
  else
    test(`${each.name} does not pass yet`, () =>
      expect(() => check(each.source, each), 'take it off the list').toThrow());
}
