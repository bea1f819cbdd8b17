import { typeError } from '../runtime/exceptions.ts';
import { formatValue } from '../runtime/format.ts';
import { type Frame, machine } from '../runtime/machine.ts';
import { PyDict } from '../runtime/mappings.ts';
import { nameOfType, type Py } from '../runtime/object.ts';
import { repr, str } from '../runtime/operations.ts';
import { asciiOnly } from '../runtime/text.ts';
import type { Expr, Replacement } from '../syntax/ast.ts';
import { unpacked } from './calls.ts';
import { type Context, type Eval, mayRun } from './context.ts';
import { expression } from './expressions.ts';
import type { Scope } from './scope.ts';
/** Items of a display or of an argument list, kept in a slot while they are computed. */
export function several(context: Context, scope: Scope, nodes: readonly Expr[]): (frame: Frame) => Py[] {
  const simple = !nodes.some(mayRun);
  if (simple) {
    const items = nodes.map((node) => expression(context, scope, node));
    const count = items.length;
    return (frame) => {
      machine.fuel -= count >> 2;
      machine.allocate(48 + 32 * count);
      const values: Py[] = [];
      for (let i = 0; i < count; i++) values.push((items[i] as Eval)(frame));
      return values;
    };
  }
  const slot = scope.owner.take();
  const items = nodes.map((node) => ({
    star: node.kind === 'starred',
    value: expression(context, scope, node.kind === 'starred' ? node.value : node),
    at: node.at,
  }));
  scope.owner.give(slot);
  const count = items.length;
  return (frame) => {
    machine.fuel -= count >> 2;
    machine.allocate(48 + 32 * count);
    const values: Py[] = [];
    frame.slots[slot] = values;
    for (let i = 0; i < count; i++) {
      const { star, value, at } = items[i] as (typeof items)[0];
      const item = value(frame);
      if (!star) values.push(item);
      else {
        frame.at = at;
        for (const part of unpacked(item)) values.push(part);
      }
    }
    frame.slots[slot] = undefined;
    return values;
  };
}

export function dict(context: Context, scope: Scope, node: Expr & { kind: 'dict' }): Eval {
  const slot = scope.owner.take();
  const entries = node.entries.map(({ key, value }) => ({
    key: key === null ? null : expression(context, scope, key),
    value: expression(context, scope, value),
    at: (key ?? value).at,
  }));
  scope.owner.give(slot);
  return (frame) => {
    const result = new PyDict();
    machine.allocate(128);
    frame.slots[slot] = result;
    for (const { key, value, at } of entries) {
      if (key === null) {
        const other = value(frame);
        frame.at = at;
        if (!(other instanceof PyDict)) throw typeError(`'${nameOfType(other)}' object is not a mapping`);
        for (const entry of other.entries) result.set(entry.key, entry.value);
      } else {
        const k = key(frame);
        const v = value(frame);
        frame.at = at;
        result.set(k, v);
      }
    }
    frame.slots[slot] = undefined;
    return result;
  };
}

type Piece = string | ((frame: Frame) => string);

function pieces(context: Context, scope: Scope, parts: readonly (string | Replacement)[]): Piece[] {
  return parts.map((part): Piece => {
    if (typeof part === 'string') return part;
    const value = expression(context, scope, part.value);
    const spec = part.spec === null ? null : pieces(context, scope, part.spec);
    const plain = spec?.every((piece) => typeof piece === 'string') ? spec.join('') : null;
    const { conversion, at } = part;
    return (frame) => {
      let result = value(frame);
      frame.at = at;
      if (conversion === 'r') result = repr(result);
      else if (conversion === 's') result = str(result);
      else if (conversion === 'a') result = asciiOnly(repr(result));
      if (spec === null) return typeof result === 'string' ? result : formatValue(result, '');
      const text = plain ?? joinedPieces(frame, spec);
      frame.at = at;
      return formatValue(result, text);
    };
  });
}

function joinedPieces(frame: Frame, parts: readonly Piece[]): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(frame);
  machine.allocate(2 * text.length);
  return text;
}

export function format(context: Context, scope: Scope, parts: readonly (string | Replacement)[]): Eval {
  const list = pieces(context, scope, parts);
  return (frame) => joinedPieces(frame, list);
}
