/** Expressions in Python's syntax and PyTorch's vocabulary, evaluated by the engine. */
import { LruCache, type Outcome, type Program } from '../engine/index.ts';
import { Evaluation } from './evaluate.ts';
import { type Parsed, type ParseLimits, parseExpression } from './parse.ts';

export { type Parsed, type ParseLimits, parseExpression } from './parse.ts';

/** Characters of all texts that are kept parsed. */
const CACHE_CHARACTERS = 2 ** 20;

/** The texts used last, parsed, since the same expression comes again and again. */
export const parsedTexts = new LruCache<string, Parsed>(CACHE_CHARACTERS);

function parsedOnce(text: string, limits: ParseLimits): Parsed {
  const known = text.length <= limits.maxLength ? parsedTexts.get(text) : undefined;
  if (known !== undefined) return known;
  const parsed = parseExpression(text, limits);
  parsedTexts.set(text, parsed, text.length);
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
