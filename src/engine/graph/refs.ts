import { GraddError, type Path } from '../errors.ts';
import { Ref } from '../ops/bind.ts';
import type { Op } from '../ops/define.ts';
import type { Value } from '../tensor/value.ts';

/** The part of a reference before the dot is the node. */
export function parseRef(text: string): Ref {
  const dot = text.indexOf('.');
  return dot < 0 ? new Ref(text, null) : new Ref(text.slice(0, dot), text.slice(dot + 1));
}

/** The complaint about `"x.0"` where `x` is a single tensor. */
export function noParts(ref: Ref, path: Path): GraddError {
  const message = `"${ref.name}" has one result, so "${ref.name}.${ref.part}" names nothing`;
  return new GraddError('unknown-name', message, { path, hint: `Use "${ref.name}".` });
}

/**
 * One of several results, by number or by PyTorch's name of the field.
 *
 * @throws GraddError `unknown-name`
 */
export function pick<T extends Value>(
  name: string,
  part: string | null,
  results: readonly (T | null)[],
  op: Op | null,
  path: Path,
): T {
  const index =
    part === null ? -1 : /^\d{1,9}$/.test(part) ? Number(part) : (op?.fields?.indexOf(part) ?? -1);
  const found = results[index];
  if (found) return found;
  const list = results.map((_, i) => `"${name}.${i}"`).slice(0, 8);
  const message =
    found === null
      ? `"${name}.${part}" is None: the outputs do not depend on that input`
      : `"${name}" has ${results.length} results; name one of them`;
  throw new GraddError('unknown-name', message, { path, hint: `They are ${list.join(', ')}.` });
}
