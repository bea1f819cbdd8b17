/** Expressions in Python's syntax and PyTorch's vocabulary, evaluated by the engine. */
import type { Outcome, Program } from '../engine/index.ts';
import { Evaluation } from './evaluate.ts';
import { type Parsed, type ParseLimits, parseExpression } from './parse.ts';

export { type Parsed, type ParseLimits, parseExpression } from './parse.ts';

/** Characters of all texts that are kept parsed. */
const CACHE_CHARACTERS = 2 ** 20;

const cache = new Map<string, Parsed>();
let cached = 0;

/** How often a text was asked for whose parsed form was kept, and one whose was not. */
export const parsedTexts = {
  hits: 0,
  misses: 0,
  get size(): number {
    return cache.size;
  },
};

/** The parsed form of a text; the texts used last are kept, since the same expression comes again and again. */
function parsedOnce(text: string, limits: ParseLimits): Parsed {
  const known = cache.get(text);
  if (known !== undefined && text.length <= limits.maxLength) {
    parsedTexts.hits++;
    return known;
  }
  parsedTexts.misses++;
  const parsed = parseExpression(text, limits);
  cache.set(text, parsed);
  cached += text.length;
  for (const [oldest] of cache) {
    if (cached <= CACHE_CHARACTERS) break;
    cache.delete(oldest);
    cached -= oldest.length;
  }
  return parsed;
}

const NAME = 'value';

/**
 * An expression as a program whose only output is named `value`.
 *
 * @throws GraddError `syntax-error`, `limit-exceeded`; running it `unknown-name`, `unknown-op` and what operations throw
 */
export function expressionProgram(text: string, limits: ParseLimits): Program {
  const parsed = parsedOnce(text, limits);
  return {
    run(eager, leaves): Outcome {
      const result = new Evaluation(parsed, eager, leaves).run();
      return { named: new Map([[NAME, { result, op: null }]]), outputs: [NAME] };
    },
  };
}
