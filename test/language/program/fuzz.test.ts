import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finished } from './support.ts';

const programs = (
  JSON.parse(readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8')) as { source: string }[]
).map(({ source }) => source);

const words =
  `if elif else for while def class return yield lambda try except finally raise with as import from in is
  match case _ async await not and or pass break continue del global nonlocal assert None True False x y f self print len range list dict 0 1 2.5
  'a' "b" f"{x}" f"{ """a""" ( ) [ ] { } , : ; . = == != < > + - * / // % ** @ & | ^ ~ << >> += -= := -> ... \\ #`
    .split(/\s+/)
    .concat('\n', '\n    ', '\n        ', ' ', '\t');

const limits = { maxSteps: 20_000, maxBytes: 2 ** 20, maxOutput: 10_000, maxRecursion: 100 };

/** Ends in a value or in an error of the table, never in another. */
function ends(source: string): void {
  const { error, stdout } = finished(source, limits);
  expect(typeof stdout).toBe('string');
  if (error !== null) {
    expect(['syntax-error', 'program-error', 'limit-exceeded']).toContain(error.code);
    expect(error.faults[0]?.path).toEqual(['program']);
  }
}

test('any tokens in any order end in an answer', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (list) => ends(list.join(' '))),
    {
      numRuns: 3000,
    },
  );
});

test('any text ends in an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), ends), { numRuns: 1000 });
});

test('programs with a part cut out, doubled, or put elsewhere end in an answer', () => {
  const change = fc.record({
    source: fc.constantFrom(...programs),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.nat(40),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('cut', 'double', 'move', 'word'),
    word: fc.constantFrom(...words),
  });
  fc.assert(
    fc.property(change, ({ source, from, size, to, kind, word }) => {
      const start = Math.floor(from * source.length);
      const part = source.slice(start, start + size);
      const rest = source.slice(0, start) + source.slice(start + size);
      const at = Math.floor(to * rest.length);
      if (kind === 'cut') ends(rest);
      else if (kind === 'double') ends(source.slice(0, start) + part + source.slice(start));
      else if (kind === 'move') ends(rest.slice(0, at) + part + rest.slice(at));
      else ends(source.slice(0, start) + word + source.slice(start));
    }),
    { numRuns: 4000 },
  );
});
