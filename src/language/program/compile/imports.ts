import { ImportError, ModuleNotFoundError, raise } from '../runtime/exceptions.ts';
import { PyModule } from '../runtime/function.ts';
import { machine } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import { findAttribute } from '../runtime/operations.ts';
import type { Stmt } from '../syntax/ast.ts';
import { type Context, type Exec, NEXT, store } from './context.ts';
import type { Scope } from './scope.ts';

/** A module of the registry. */
function moduleAt(path: string): Py {
  const found = machine.modules.get(path);
  if (found !== undefined) return found;
  let value: Py | undefined;
  const [root, ...rest] = path.split('.') as [string, ...string[]];
  value = machine.modules.get(root);
  if (value === undefined) throw raise(ModuleNotFoundError, `No module named '${root}'`);
  let name = root;
  for (const part of rest) {
    const next: Py | undefined = findAttribute(value as Py, part);
    const parent = name;
    name += `.${part}`;
    if (next instanceof PyModule) value = next;
    else {
      const known = rest.length > 1 || machine.modules.get(parent) !== undefined;
      throw raise(
        ModuleNotFoundError,
        known ? `No module named '${name}'` : `No module named '${name}'; '${parent}' is not a package`,
      );
    }
  }
  return value as Py;
}

export function importing(context: Context, scope: Scope, node: Stmt & { kind: 'import' }): Exec {
  const parts = node.modules.map(({ path, as }) => {
    const root = path.split('.')[0] as string;
    return { path, root, as, put: store(context, scope, as ?? root) };
  });
  const { at } = node;
  return (frame) => {
    for (const { path, root, as, put } of parts) {
      frame.at = at;
      const module = moduleAt(path);
      put(frame, as === null ? moduleAt(root) : module);
    }
    return NEXT;
  };
}

export function importingFrom(context: Context, scope: Scope, node: Stmt & { kind: 'from' }): Exec {
  const { path, at } = node;
  if (path === '__future__') return () => NEXT;
  if (node.names.some(({ name }) => name === '*')) return importingAll(context, path, at);
  const parts = node.names.map(({ name, as }) => ({ name, put: store(context, scope, as ?? name) }));
  return (frame) => {
    frame.at = at;
    const module = moduleAt(path);
    for (const { name, put } of parts) {
      const value = findAttribute(module, name) ?? machine.modules.get(`${path}.${name}`);
      if (value === undefined) throw raise(ImportError, `cannot import name '${name}' from '${path}'`);
      put(frame, value);
    }
    return NEXT;
  };
}

/** `from module import *` gives the names that the program uses. */
function importingAll(context: Context, path: string, at: number): Exec {
  return (frame) => {
    frame.at = at;
    const module = moduleAt(path);
    for (const [name, index] of context.globals) {
      const value = name.startsWith('_') ? undefined : findAttribute(module, name);
      if (value !== undefined) frame.globals[index] = value;
    }
    return NEXT;
  };
}
