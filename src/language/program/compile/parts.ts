import type { Expr, Parameters, Replacement, Stmt } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { Scope } from './scope.ts';

/** Expressions in the order in which they are computed, and what is made of others in their place. */
export interface Parts<T> {
  readonly nodes: readonly Expr[];
  readonly build: (nodes: readonly Expr[]) => T;
}

const known = new WeakMap<Expr, boolean>();

/** Whether an expression has a `yield` of its own: those of lambdas and generator expressions are theirs. */
export function yields(node: Expr | null): boolean {
  if (node === null) return false;
  let found = known.get(node);
  if (found === undefined) {
    found = node.kind === 'yield' || partsOf(null, node).nodes.some(yields);
    known.set(node, found);
  }
  return found;
}

const parts = <T>(
  nodes: readonly (Expr | null)[],
  build: (take: () => Expr, optional: () => Expr | null) => T,
): Parts<T> => {
  const present = nodes.map((node) => node !== null);
  return {
    nodes: nodes.filter((node) => node !== null),
    build: (given) => {
      let [next, place] = [0, 0];
      const take = (): Expr => {
        place++;
        return given[next++] as Expr;
      };
      return build(take, () => {
        if (present[place]) return take();
        place++;
        return null;
      });
    },
  };
};

/** Makes a copy of a node that opens a scope one of the same scope. */
function sameScope<T extends object>(context: Context | null, from: object, to: T): T {
  const scopes = context?.scopes.of as Map<object, Scope> | undefined;
  const scope = scopes?.get(from);
  if (scope !== undefined) scopes?.set(to, scope);
  return to;
}

const defaultsOf = (parameters: Parameters): (Expr | null)[] =>
  parameters.map((parameter) => parameter.default);

const withDefaults = (parameters: Parameters, optional: () => Expr | null): Parameters =>
  parameters.map((parameter) => ({ ...parameter, default: optional() }));

const spread = (node: Expr): Expr => (node.kind === 'starred' ? node.value : node);
const respread = (node: Expr, value: Expr): Expr => (node.kind === 'starred' ? { ...node, value } : value);

function replacements(list: readonly (string | Replacement)[]): Expr[] {
  return list.flatMap((part) =>
    typeof part === 'string' ? [] : [part.value, ...replacements(part.spec ?? [])],
  );
}

const refilled = (list: readonly (string | Replacement)[], take: () => Expr): (string | Replacement)[] =>
  list.map((part) =>
    typeof part === 'string'
      ? part
      : { ...part, value: take(), spec: part.spec === null ? null : refilled(part.spec, take) },
  );

/** What an expression computes before it is computed itself; not for those that leave parts out. */
export function partsOf(context: Context | null, node: Expr): Parts<Expr> {
  switch (node.kind) {
    case 'attribute':
      return parts([node.object], (take) => ({ ...node, object: take() }));
    case 'subscript':
      return parts([node.object, node.index], (take) => ({ ...node, object: take(), index: take() }));
    case 'slice':
      return parts([node.start, node.stop, node.step], (_, optional) => ({
        ...node,
        start: optional(),
        stop: optional(),
        step: optional(),
      }));
    case 'call': {
      const { callee } = node;
      const method = callee.kind === 'attribute';
      return parts(
        [
          method ? callee.object : callee,
          ...node.positional.map(spread),
          ...node.keywords.map(({ value }) => value),
        ],
        (take) => ({
          ...node,
          callee: method ? { ...callee, object: take() } : take(),
          positional: node.positional.map((each) => respread(each, take())),
          keywords: node.keywords.map((each) => ({ ...each, value: take() })),
        }),
      );
    }
    case 'binary':
      return parts([node.left, node.right], (take) => ({ ...node, left: take(), right: take() }));
    case 'unary':
    case 'not':
      return parts([node.operand], (take) => ({ ...node, operand: take() }));
    case 'boolean':
      return parts(node.operands, (take) => ({ ...node, operands: node.operands.map(take) }));
    case 'compare':
      return parts([node.first, ...node.rest.map(({ operand }) => operand)], (take) => ({
        ...node,
        first: take(),
        rest: node.rest.map((each) => ({ ...each, operand: take() })),
      }));
    case 'conditional':
      // Its parts are left out or not: whoever builds it does so itself.
      return parts([node.test, node.then, node.otherwise], () => node);
    case 'list':
    case 'tuple':
    case 'set':
      return parts(node.items.map(spread), (take) => ({
        ...node,
        items: node.items.map((item) => respread(item, take())),
      }));
    case 'dict':
      return parts(
        node.entries.flatMap(({ key, value }) => [key, value]),
        (take, optional) => ({
          ...node,
          entries: node.entries.map(() => ({ key: optional(), value: take() })),
        }),
      );
    case 'lambda':
      return parts(defaultsOf(node.parameters), (_, optional) =>
        sameScope(context, node, { ...node, parameters: withDefaults(node.parameters, optional) }),
      );
    case 'comprehension': {
      const [first, ...rest] = node.clauses;
      if (first === undefined) return parts([], () => node);
      return parts([first.iterable], (take) =>
        sameScope(context, node, { ...node, clauses: [{ ...first, iterable: take() }, ...rest] }),
      );
    }
    case 'format':
      return parts(replacements(node.parts), (take) => ({ ...node, parts: refilled(node.parts, take) }));
    case 'walrus':
    case 'starred':
      return parts([node.value], (take) => ({ ...node, value: take() }));
    case 'yield':
      return parts([node.value], (_, optional) => ({ ...node, value: optional() }));
    default:
      return parts([], () => node);
  }
}

/** What stands within a target. */
function targetParts(node: Expr): Expr[] {
  switch (node.kind) {
    case 'attribute':
      return [node.object];
    case 'subscript':
      return [node.object, node.index];
    case 'tuple':
    case 'list':
      return node.items.flatMap(targetParts);
    default:
      return node.kind === 'starred' ? targetParts(node.value) : [];
  }
}

function retarget(node: Expr, take: () => Expr): Expr {
  switch (node.kind) {
    case 'attribute':
      return { ...node, object: take() };
    case 'subscript':
      return { ...node, object: take(), index: take() };
    case 'tuple':
    case 'list':
      return { ...node, items: node.items.map((item) => retarget(item, take)) };
    default:
      return node.kind === 'starred' ? { ...node, value: retarget(node.value, take) } : node;
  }
}

/** What a simple statement, or the head of a definition, computes; undefined for other statements. */
export function computed(context: Context | null, node: Stmt): Parts<Stmt> | undefined {
  switch (node.kind) {
    case 'expression':
      return parts([node.value], (take) => ({ ...node, value: take() }));
    case 'return':
      return parts([node.value], (_, optional) => ({ ...node, value: optional() }));
    case 'raise':
      return parts([node.value, node.cause], (_, optional) => ({
        ...node,
        value: optional(),
        cause: optional(),
      }));
    case 'assign':
      return parts([node.value, ...node.targets.flatMap(targetParts)], (take) => ({
        ...node,
        value: take(),
        targets: node.targets.map((target) => retarget(target, take)),
      }));
    case 'annotate':
      return parts([node.value, ...targetParts(node.target)], (take, optional) => ({
        ...node,
        value: optional(),
        target: retarget(node.target, take),
      }));
    case 'augment':
      return parts([...targetParts(node.target), node.value], (take) => ({
        ...node,
        target: retarget(node.target, take),
        value: take(),
      }));
    case 'delete':
      return parts(node.targets.flatMap(targetParts), (take) => ({
        ...node,
        targets: node.targets.map((target) => retarget(target, take)),
      }));
    case 'function':
      return parts([...node.decorators, ...defaultsOf(node.parameters)], (take, optional) =>
        sameScope(context, node, {
          ...node,
          decorators: node.decorators.map(take),
          parameters: withDefaults(node.parameters, optional),
        }),
      );
    case 'class':
      return parts(
        [...node.decorators, ...node.bases.map(spread), ...node.keywords.map(({ value }) => value)],
        (take) =>
          sameScope(context, node, {
            ...node,
            decorators: node.decorators.map(take),
            bases: node.bases.map((base) => respread(base, take())),
            keywords: node.keywords.map((each) => ({ ...each, value: take() })),
          }),
      );
    default:
      return undefined;
  }
}
