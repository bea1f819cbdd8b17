import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/index.ts';
import { type Case, Replay } from './replay.ts';

const cases: Case[] = JSON.parse(readFileSync(new URL('./recorded.json', import.meta.url), 'utf8'));
const engine = new Engine();

describe('what PyTorch does, step by step', () => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(new Replay(engine).run(each)).toEqual([]);
  });
});
