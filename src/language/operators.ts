import type { Ast, Step } from './ast.ts';
import { syntaxError } from './errors.ts';

/** An operand, or an operator by its text. */
export type Item = { readonly operand: Ast } | { readonly op: string; readonly at: number };

/** Python's precedence of binary operators, from loose to tight; `**` binds to the right. */
const precedence = new Map(
  [
    ['or'],
    ['and'],
    [],
    ['in', 'not in', 'is', 'is not', '<', '<=', '>', '>=', '==', '!='],
    ['|'],
    ['^'],
    ['&'],
    ['<<', '>>'],
    ['+', '-'],
    ['*', '/', '//', '%', '@'],
    [],
    ['**'],
  ].flatMap((ops, level) => ops.map((op) => [op, level] as const)),
);
const NOT_LEVEL = 2;
const COMPARISON = 3;
const SIGN_LEVEL = 10;

interface Pending {
  op: string;
  at: number;
  level: number;
  unary: boolean;
  /** Jumps that end where this operator is done. */
  jumps: { target: number }[];
}

/**
 * Operands and operators in the order of the text as postfix steps, by Python's precedence (shunting-yard). The grammar's
 * own nesting of operators is not used: it binds `not` too loosely and gives up on long chains.
 */
export function toSteps(items: readonly Item[], text: string, end: number): Step[] {
  const steps: Step[] = [];
  const pending: Pending[] = [];
  let wantsOperand = true;
  const reduce = (): void => finish(pending.pop() as Pending, steps);
  for (const item of items) {
    if ('operand' in item) {
      if (!wantsOperand) throw syntaxError('invalid syntax', text, item.operand.at);
      steps.push({ do: 'push', operand: item.operand });
      wantsOperand = false;
      continue;
    }
    const { op, at } = item;
    if (wantsOperand) {
      if (!['+', '-', '~', 'not'].includes(op)) throw syntaxError('invalid syntax', text, at);
      if (op === 'not' && (pending.at(-1)?.level ?? -1) > NOT_LEVEL)
        throw syntaxError('invalid syntax', text, at);
      pending.push({ op, at, level: op === 'not' ? NOT_LEVEL : SIGN_LEVEL, unary: true, jumps: [] });
      continue;
    }
    const level = precedence.get(op);
    if (level === undefined) throw syntaxError('invalid syntax', text, at);
    while (pending.length > 0 && bindsTighter(pending.at(-1) as Pending, op, level)) reduce();
    pending.push(entry(op, at, level, pending, steps));
    wantsOperand = true;
  }
  if (wantsOperand) throw syntaxError('invalid syntax', text, items.length === 0 ? 0 : end);
  while (pending.length > 0) reduce();
  return steps;
}

function bindsTighter(top: Pending, op: string, level: number): boolean {
  if (level === COMPARISON && top.level === COMPARISON) return false;
  return op === '**' ? false : top.level >= level;
}

/** A binary operator whose left side is done: what jumps over its right side is written now. */
function entry(op: string, at: number, level: number, pending: Pending[], steps: Step[]): Pending {
  const jumps: { target: number }[] = [];
  if (level === COMPARISON && pending.at(-1)?.level === COMPARISON && !pending.at(-1)?.unary) {
    const before = pending.pop() as Pending;
    const link = { do: 'link' as const, op: before.op, at: before.at, target: -1 };
    steps.push(link);
    jumps.push(...before.jumps, link);
  }
  if (op === 'and' || op === 'or') {
    const jump = { do: 'shortcut' as const, op, at, target: -1 } as const;
    steps.push(jump);
    jumps.push(jump as { target: number });
  }
  return { op, at, level, unary: false, jumps };
}

function finish({ op, at, unary, jumps }: Pending, steps: Step[]): void {
  if (unary) steps.push({ do: 'unary', op, at });
  else if (op !== 'and' && op !== 'or') steps.push({ do: 'binary', op, at });
  for (const jump of jumps) jump.target = steps.length;
}
