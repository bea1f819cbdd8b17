import { ELLIPSIS, type Expr } from './ast.ts';

/** Where something is assigned to. */
export type Assignment = 'assign' | 'for' | 'augment' | 'annotate' | 'with' | 'delete';

/** Refuses what cannot be assigned to, in CPython's words. */
export function checkTarget(
  target: Expr,
  where: Assignment,
  fail: (message: string, at: number) => never,
): void {
  switch (target.kind) {
    case 'name':
    case 'attribute':
    case 'subscript':
      return;
    case 'starred':
      if (where === 'delete') fail('cannot delete starred', target.at);
      if (target.value.kind === 'starred') fail('invalid syntax', target.at);
      checkTarget(target.value, where, fail);
      return;
    case 'tuple':
    case 'list': {
      if (where === 'augment')
        fail(`'${target.kind}' is an illegal expression for augmented assignment`, target.at);
      if (where === 'annotate') fail(`only single target (not ${target.kind}) can be annotated`, target.at);
      const stars = target.items.filter(({ kind }) => kind === 'starred');
      if (stars.length > 1) fail('multiple starred expressions in assignment', target.at);
      for (const item of target.items) checkTarget(item, where, fail);
      return;
    }
    default:
  }
  const what = nameOf(target);
  if (where === 'augment') fail(`'${what}' is an illegal expression for augmented assignment`, target.at);
  if (where === 'annotate') fail('illegal target for annotation', target.at);
  if (where === 'delete') fail(`cannot delete ${what}`, target.at);
  if (where === 'for' || where === 'with' || constantNames.has(what))
    fail(`cannot assign to ${what}`, target.at);
  fail(`cannot assign to ${what} here. Maybe you meant '==' instead of '='?`, target.at);
}

const constantNames = new Set(['True', 'False', 'None', 'ellipsis']);

/** CPython's name of a kind of expression in its complaints. */
function nameOf(expr: Expr): string {
  switch (expr.kind) {
    case 'constant':
      if (expr.value === true) return 'True';
      if (expr.value === false) return 'False';
      if (expr.value === null) return 'None';
      return expr.value === ELLIPSIS ? 'ellipsis' : 'literal';
    case 'call':
      return 'function call';
    case 'compare':
      return 'comparison';
    case 'conditional':
      return 'conditional expression';
    case 'comprehension':
      return expr.of === 'generator' ? 'generator expression' : `${expr.of} comprehension`;
    case 'dict':
      return 'dict literal';
    case 'set':
      return 'set display';
    case 'lambda':
      return 'lambda';
    case 'format':
      return 'f-string expression';
    case 'walrus':
      return 'named expression';
    case 'yield':
      return 'yield expression';
    default:
      return 'expression';
  }
}
