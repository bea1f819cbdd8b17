import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/index.ts';
import { random } from '../../support/engine.ts';
import { type Case, Replay } from './replay.ts';

const read = (file: string): Case[] => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
const recorded = read('./recorded.json');
const programs = read('./random_programs.json');
const engine = new Engine();

describe('what PyTorch does, step by step', () => {
  test.each(recorded.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(new Replay(engine).run(each)).toEqual([]);
  });
});

describe('what PyTorch does with random programs', () => {
  test.each(programs.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(new Replay(engine).run(each)).toEqual([]);
  });
});

test('the same where memory is collected between the steps', () => {
  const next = random(1);
  for (const each of [...recorded, ...programs]) {
    const replay = new Replay(engine);
    replay.between = (session, known) => {
      if (next() < 0.4) return;
      session.collect(known);
      // What is free now is written to, so that whoever still reads it is found out.
      const junk = Math.ceil(40 * next());
      session.withMode('off', () => {
        for (let i = 0; i < 4; i++) session.variable(Array(junk).fill(Number.NaN), [junk], 'float64');
      });
    };
    expect([each.name, ...replay.run(each)]).toEqual([each.name]);
  }
});
