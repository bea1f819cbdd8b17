/** Single expressions: the smallest programs, compiled and run as those are. */
import { type Context, type Eval, globalIndex } from './compile/context.ts';
import { expression } from './compile/expressions.ts';
import { Scopes } from './compile/scopes.ts';
import { Frame, type Machine, onMachine } from './runtime/machine.ts';
import type { Py } from './runtime/object.ts';
import { parseSingle } from './syntax/single.ts';
import { type ProgramLimits, Source } from './syntax/source.ts';

/** An expression, ready to run any number of times; it has no state. */
export interface ExpressionCode {
  readonly source: Source;
  /** Where the expression is in the text. */
  readonly at: number;
  /** Where each name is first. */
  readonly names: ReadonlyMap<string, number>;
  /** Places of the names among the globals. */
  readonly globals: ReadonlyMap<string, number>;
  readonly evaluate: Eval;
  /** Slots of the frame. */
  readonly slots: number;
}

const noBlocks = (): never => {
  throw new Error('an expression has no blocks');
};

/**
 * Compiles an expression.
 *
 * @param attribute what `object.name` is; it throws where there is none
 * @throws GraddError `syntax-error` with line and column, `limit-exceeded`
 */
export function compileExpression(
  text: string,
  limits: ProgramLimits,
  attribute: NonNullable<Context['attribute']>,
): ExpressionCode {
  const source = new Source(text, 'expression');
  return source.withinStack(() => {
    const { root, names } = parseSingle(source, limits);
    const scopes = new Scopes(source, []);
    const globals = new Map<string, number>();
    const context: Context = { source, scopes, builtins: new Map(), globals, attribute, block: noBlocks };
    for (const name of names.keys()) globalIndex(context, name);
    const evaluate = expression(context, scopes.module, root);
    return { source, at: root.at, names, globals, evaluate, slots: scopes.module.slots };
  });
}

/** Evaluates an expression on a machine whose globals have all its names. */
export const evaluateOn = (machine: Machine, { source, evaluate, slots }: ExpressionCode): Py =>
  onMachine(machine, () => {
    const frame = new Frame(new Array(slots).fill(undefined), machine.globals, '<expression>', null);
    machine.frame = frame;
    return source.withinStack(() => evaluate(frame));
  });
