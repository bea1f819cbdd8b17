import { expect, test } from 'vitest';
import { programCases, programNames, recordedPrograms, sourceDigest } from '../support/programs.ts';

test('every program is recorded, and nothing else', () => {
  expect(Object.keys(recordedPrograms).sort()).toEqual(programNames);
  expect(programNames.length).toBeGreaterThanOrEqual(240);
});

test('what is recorded is what the programs are now', () => {
  const changed = programCases().filter(({ source, sha256 }) => sourceDigest(source) !== sha256);
  expect(changed.map(({ name }) => name)).toEqual([]);
});

test('a program that records values has them, and an exception points into the program', () => {
  for (const { name, source, values, exception } of programCases()) {
    expect([name, values !== undefined]).toEqual([name, source.includes('# record: ')]);
    const lines = source.split('\n').length;
    if (exception) expect([name, exception.line >= 1 && exception.line < lines]).toEqual([name, true]);
  }
});

test('nothing recorded depends on where things lie in memory', () => {
  expect(JSON.stringify(recordedPrograms)).not.toMatch(/ at 0x[0-9a-f]/);
});
