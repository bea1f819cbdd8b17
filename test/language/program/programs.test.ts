import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GraddError } from '../../../src/engine/index.ts';
import { type Finished, finished } from './support.ts';

interface Recorded {
  name: string;
  source: string;
  stdout: string;
  error: { type: string; message: string; line: number } | null;
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));

/** What a program printed and what ended it, in the form of the recordings. */
function outcome({ stdout, error }: Finished): Omit<Recorded, 'name' | 'source'> {
  if (error === null) return { stdout, error: null };
  const [, type, message] = /^(\w+)(?:: ([\s\S]*))?$/.exec(error.message) ?? [];
  const named = error.code === 'syntax-error' ? 'SyntaxError' : type;
  return {
    stdout,
    error: {
      type: named ?? '',
      message: (error.code === 'syntax-error' ? error.message : message) ?? '',
      line: error.faults[0]?.line ?? 0,
    },
  };
}

/** CPython's kinds of SyntaxError are one code here. */
function comparable({ stdout, error }: Omit<Recorded, 'name' | 'source'>): unknown {
  return { stdout, error: error && { type: error.type, message: error.message, line: error.line } };
}

describe('programs end as in CPython', () => {
  test.each(read('recorded.json') as Recorded[])('$name', ({ source, stdout, error }) => {
    expect(comparable(outcome(finished(source)))).toEqual(comparable({ stdout, error }));
  });
});

test('random expressions give what CPython gives', () => {
  const wrong: string[] = [];
  for (const [source, value] of read('random.json') as [string, string][]) {
    const program = `try:\n    print(repr(${source}))\nexcept Exception as e:\n    print(f"{type(e).__name__}: {e}")\n`;
    const { stdout, error } = finished(program);
    const got = error instanceof GraddError ? `${error.code}: ${error.message}` : stdout.slice(0, -1);
    if (got !== value) wrong.push(`${source} gives ${got}, not ${value}`);
  }
  expect(wrong).toEqual([]);
});
