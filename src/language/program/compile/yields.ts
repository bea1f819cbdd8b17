import { Raised } from '../runtime/exceptions.ts';
import { PyGenerator, type Steps } from '../runtime/generator.ts';
import { type Frame, machine, type Slot } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';
import { iterate, truth } from '../runtime/operations.ts';
import type { Expr } from '../syntax/ast.ts';
import { type Context, type Eval, store } from './context.ts';
import { expression } from './expressions.ts';
import { type Parts, partsOf, yields } from './parts.ts';
import type { Scope } from './scope.ts';

/** Something that may yield on its way to a value. */
export type Stepping = (frame: Frame) => Steps;

/**
 * Computes parts up to the last one that yields into slots, where they stay while the generator waits. What is left
 * is built of them and never yields.
 */
export function hoisted<T>(
  context: Context,
  scope: Scope,
  { nodes, build }: Parts<T>,
): { readonly before: (frame: Frame) => Generator<Py, void, Py>; readonly rest: T } {
  const last = nodes.findLastIndex(yields);
  const list: { readonly slot: number; readonly run: Stepping | null; readonly plain: Eval | null }[] = [];
  const others = nodes.map((node, i): Expr => {
    if (i > last || node.kind === 'constant') return node;
    const slot = scope.owner.take();
    const own = yields(node);
    list.push({
      slot,
      run: own ? steps(context, scope, node) : null,
      plain: own ? null : expression(context, scope, node),
    });
    return { kind: 'kept', slot, at: node.at };
  });
  return {
    rest: build(others),
    *before(frame) {
      for (const { slot, run, plain } of list) {
        frame.slots[slot] = (run === null ? (plain as Eval)(frame) : yield* run(frame)) as Slot;
      }
    },
  };
}

/** Compiles an expression that yields. */
export function steps(context: Context, scope: Scope, node: Expr): Stepping {
  switch (node.kind) {
    case 'yield':
      return yielded(context, scope, node);
    case 'boolean': {
      const list = node.operands.map((operand) => ({ run: either(context, scope, operand), at: operand.at }));
      const until = node.op === 'or';
      return function* (frame) {
        let value: Py = null;
        for (let i = 0; i < list.length; i++) {
          const { run, at } = list[i] as (typeof list)[0];
          value = yield* run(frame);
          frame.at = at;
          if (i < list.length - 1 && truth(value) === until) break;
        }
        return value;
      };
    }
    case 'conditional': {
      const [test, then, otherwise] = [node.test, node.then, node.otherwise].map((part) =>
        either(context, scope, part),
      ) as [Stepping, Stepping, Stepping];
      return function* (frame) {
        const value = yield* test(frame);
        frame.at = node.test.at;
        return yield* truth(value) ? then(frame) : otherwise(frame);
      };
    }
    case 'compare':
      if (node.rest.length > 1) return chain(context, scope, node);
      break;
    case 'walrus': {
      const value = either(context, scope, node.value);
      const put = store(context, scope, node.target.name);
      return function* (frame) {
        const result = yield* value(frame);
        put(frame, result);
        return result;
      };
    }
    default:
  }
  const { before, rest } = hoisted(context, scope, partsOf(context, node));
  const value = expression(context, scope, rest);
  return function* (frame) {
    yield* before(frame);
    return value(frame);
  };
}

/** An expression that yields or not. */
function either(context: Context, scope: Scope, node: Expr): Stepping {
  if (yields(node)) return steps(context, scope, node);
  const value = expression(context, scope, node);
  // biome-ignore lint/correctness/useYield: one form for both
  return function* (frame) {
    return value(frame);
  };
}

/** `a < b < c`: comparisons of two, up to one that does not hold. */
function chain(context: Context, scope: Scope, node: Expr & { kind: 'compare' }): Stepping {
  const slots = [node.first, ...node.rest].map(() => scope.owner.take());
  const operands = [node.first, ...node.rest.map(({ operand }) => operand)].map((each) =>
    either(context, scope, each),
  );
  const kept = (i: number): Expr => ({ kind: 'kept', slot: slots[i] as number, at: node.at });
  const tests = node.rest.map(({ op, at }, i) =>
    expression(context, scope, {
      kind: 'compare',
      first: kept(i),
      rest: [{ op, operand: kept(i + 1), at }],
      at,
    }),
  );
  return function* (frame) {
    frame.slots[slots[0] as number] = yield* (operands[0] as Stepping)(frame);
    let result: Py = true;
    for (let i = 0; i < tests.length; i++) {
      frame.slots[slots[i + 1] as number] = yield* (operands[i + 1] as Stepping)(frame);
      result = (tests[i] as Eval)(frame);
      if (i < tests.length - 1 && !truth(result)) break;
    }
    return result;
  };
}

/** `yield value`, `yield from iterable`: what it gives back. */
function yielded(context: Context, scope: Scope, node: Expr & { kind: 'yield' }): Stepping {
  const { at } = node;
  const inner = yields(node.value) ? steps(context, scope, node.value as Expr) : null;
  const plain: Eval =
    node.value === null || inner !== null ? () => null : expression(context, scope, node.value);
  if (!node.from) {
    return function* (frame) {
      const value = inner === null ? plain(frame) : yield* inner(frame);
      frame.at = at;
      const sent = yield value;
      frame.at = at;
      return sent;
    };
  }
  const slot = scope.owner.take();
  return function* (frame) {
    const source = inner === null ? plain(frame) : yield* inner(frame);
    frame.at = at;
    const iterator = iterate(source);
    frame.slots[slot] = iterator;
    let item = iterator.next();
    while (item !== undefined) {
      if (--machine.fuel < 0) machine.refuel();
      let sent: Py = null;
      try {
        sent = yield item;
      } catch (error) {
        if (!(error instanceof Raised) || !(iterator instanceof PyGenerator)) throw error;
        item = iterator.throw(error);
        continue;
      }
      frame.at = at;
      item = iterator instanceof PyGenerator ? iterator.send(sent) : iterator.next();
    }
    frame.slots[slot] = undefined;
    return iterator instanceof PyGenerator ? iterator.returned : null;
  };
}
