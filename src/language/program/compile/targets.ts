import type { Frame } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import { deleteAttribute, deleteItem, setAttribute, setItem, unpack } from '../runtime/operations.ts';
import { PyList } from '../runtime/sequences.ts';
import type { Expr } from '../syntax/ast.ts';
import { type Context, remove, type Store, store } from './context.ts';
import { expression } from './expressions.ts';
import type { Scope } from './scope.ts';

/** Compiles what stands left of `=`, after `for`, or after `as`. */
export function target(context: Context, scope: Scope, node: Expr): Store {
  switch (node.kind) {
    case 'name':
      return store(context, scope, node.name);
    case 'attribute': {
      const kept = scope.owner.take();
      const object = expression(context, scope, node.object);
      scope.owner.give(kept);
      const { name, at } = node;
      return (frame, value) => {
        frame.slots[kept] = value;
        const self = object(frame);
        frame.at = at;
        setAttribute(self, name, value);
        frame.slots[kept] = undefined;
      };
    }
    case 'subscript': {
      const [kept, held] = [scope.owner.take(), scope.owner.take()];
      const object = expression(context, scope, node.object);
      const index = expression(context, scope, node.index);
      scope.owner.give(kept);
      scope.owner.give(held);
      const { at } = node;
      return (frame, value) => {
        frame.slots[kept] = value;
        const self = object(frame);
        frame.slots[held] = self;
        const key = index(frame);
        frame.slots[held] = undefined;
        frame.slots[kept] = undefined;
        if (self instanceof PyList && self.exact && typeof key === 'bigint') {
          const n = Number(key);
          if (n >= 0 && n < self.items.length) {
            self.items[n] = value;
            return;
          }
        }
        frame.at = at;
        setItem(self, key, value);
      };
    }
    case 'tuple':
    case 'list':
      return several(context, scope, node.items, node.at);
    default:
      throw context.source.syntaxError('cannot assign to expression', node.at);
  }
}

function several(context: Context, scope: Scope, items: readonly Expr[], at: number): Store {
  const star = items.findIndex(({ kind }) => kind === 'starred');
  const slot = scope.owner.take();
  const parts = items.map((item) => target(context, scope, item.kind === 'starred' ? item.value : item));
  scope.owner.give(slot);
  const count = parts.length;
  return (frame, value) => {
    frame.at = at;
    const values = unpack(value, count, star < 0 ? null : star);
    frame.slots[slot] = values as Py[];
    for (let i = 0; i < count; i++) (parts[i] as Store)(frame, values[i] as Py);
    frame.slots[slot] = undefined;
  };
}

/** Compiles what stands after `del`. */
export function deletion(context: Context, scope: Scope, node: Expr): (frame: Frame) => void {
  switch (node.kind) {
    case 'name':
      return remove(context, scope, node.name, node.at);
    case 'attribute': {
      const object = expression(context, scope, node.object);
      const { name, at } = node;
      return (frame) => {
        const self = object(frame);
        frame.at = at;
        deleteAttribute(self, name);
      };
    }
    case 'subscript': {
      const slot = scope.owner.take();
      const object = expression(context, scope, node.object);
      const index = expression(context, scope, node.index);
      scope.owner.give(slot);
      const { at } = node;
      return (frame) => {
        const self = object(frame);
        frame.slots[slot] = self;
        const key = index(frame);
        frame.slots[slot] = undefined;
        frame.at = at;
        deleteItem(self, key);
      };
    }
    case 'tuple':
    case 'list': {
      const parts = node.items.map((item) => deletion(context, scope, item));
      return (frame) => {
        for (const part of parts) part(frame);
      };
    }
    default:
      throw context.source.syntaxError('cannot delete expression', node.at);
  }
}
