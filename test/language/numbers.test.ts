import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Engine, GraddError } from '../../src/engine/index.ts';
import { expressionProgram } from '../../src/language/index.ts';

/** What CPython gives for an expression of plain numbers: a value, an exception, or a syntax error. */
type Outcome = {
  bool?: boolean;
  int?: string;
  float?: string;
  other?: string;
  syntax?: string;
  line?: number;
  column?: number;
  error?: string;
};

const rows = JSON.parse(readFileSync(new URL('./cpython.json', import.meta.url), 'utf8')) as [
  string,
  Outcome,
][];
const engine = new Engine();
const limits = { maxLength: 100_000, maxDepth: 64, maxNodes: 100_000 };

function run(text: string) {
  engine.begin({ dtype: 'float64' });
  const { outputs } = engine.evaluate(expressionProgram(text, limits), new Map(), { backward: false });
  const tensor = outputs.get('value');
  if (tensor === undefined) throw new Error('no value');
  return { dtype: tensor.dtype, value: engine.item(tensor) };
}

/** What of Python expressions do not have, so that it is a syntax error here. */
const beyond = new Set(['1 if 0 else 2', 'lambda: 1', '[x for x in [1]]', '{1: 2}', '{1}', '1j']);

function refusal(text: string): GraddError {
  try {
    run(text);
  } catch (error) {
    if (error instanceof GraddError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

const fits = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

describe('plain numbers are CPython’s', () => {
  test.each(rows)('%s', (text, outcome) => {
    if (beyond.has(text) || outcome.other !== undefined) {
      expect(['syntax-error', 'invalid-request', 'invalid-argument']).toContain(refusal(text).code);
    } else if (outcome.syntax !== undefined) {
      const { code, faults } = refusal(text);
      expect(code).toBe('syntax-error');
      expect(faults[0]?.line).toBeGreaterThanOrEqual(1);
      expect(faults[0]?.column).toBeGreaterThanOrEqual(1);
    } else if (outcome.error !== undefined) {
      expect(['invalid-argument', 'unknown-op', 'unknown-name', 'invalid-request']).toContain(
        refusal(text).code,
      );
    } else if (outcome.bool !== undefined) expect(run(text)).toEqual({ dtype: 'bool', value: outcome.bool });
    else if (outcome.int !== undefined && fits(BigInt(outcome.int))) {
      expect(run(text)).toEqual({ dtype: 'int64', value: BigInt(outcome.int) });
    } else if (outcome.float !== undefined) {
      const { dtype, value } = run(text);
      const want = Number(outcome.float.replace('inf', 'Infinity').replace('nan', 'NaN'));
      expect(dtype).toBe('float64');
      if (Number.isFinite(want)) expect(value as number).toBeCloseTo(want, 12);
      else expect(value).toBe(want);
    } else expect(refusal(text).code).toBe('invalid-argument');
  });
});
