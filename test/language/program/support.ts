import { GraddError } from '../../../src/engine/index.ts';
import {
  compileProgram,
  type Finished,
  type RunOptions,
  runProgram,
} from '../../../src/language/program/index.ts';

export type { Finished };

export const programLimits = { maxLength: 2 ** 20, maxDepth: 64, maxNodes: 2 ** 18 };
export const runLimits = { maxSteps: 10_000_000, maxBytes: 2 ** 26, maxOutput: 2 ** 20, maxRecursion: 1000 };

/** Compiles and runs; an error of either ends it. */
export function finished(
  source: string,
  limits: Partial<typeof runLimits> = {},
  options: Omit<RunOptions, 'limits'> = {},
): Finished {
  try {
    const code = compileProgram(source, programLimits);
    return runProgram(code, { ...options, limits: { ...runLimits, ...limits } });
  } catch (error) {
    if (error instanceof GraddError)
      return { stdout: '', globals: new Map(), error, resume: (body) => body() };
    throw error;
  }
}
