import type { Arg } from '../engine/index.ts';

/** An expression as it is evaluated. `at` is the offset in the text that an error points to. */
export type Ast =
  | { readonly kind: 'constant'; readonly value: Arg; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'attribute'; readonly object: Ast; readonly name: string; readonly at: number }
  | {
      readonly kind: 'call';
      readonly callee: Ast;
      readonly positional: readonly Ast[];
      readonly keywords: readonly [string, Ast][];
      readonly at: number;
    }
  | {
      readonly kind: 'subscript';
      readonly object: Ast;
      readonly items: readonly Ast[];
      readonly tuple: boolean;
      readonly at: number;
    }
  | { readonly kind: 'slice'; readonly bounds: readonly (Ast | null)[]; readonly at: number }
  | { readonly kind: 'list'; readonly items: readonly Ast[]; readonly tuple: boolean; readonly at: number }
  | { readonly kind: 'operation'; readonly steps: readonly Step[]; readonly at: number };

/**
 * A step of operators in postfix form, run on a stack: long chains need no recursion. `and`, `or` and chained
 * comparisons jump over what Python does not evaluate.
 */
export type Step =
  | { readonly do: 'push'; readonly operand: Ast }
  | { readonly do: 'unary'; readonly op: string; readonly at: number }
  | { readonly do: 'binary'; readonly op: string; readonly at: number }
  /** `a < b < c`: compares and keeps b, or leaves with what is false. */
  | { readonly do: 'link'; readonly op: string; readonly at: number; target: number }
  | { readonly do: 'shortcut'; readonly op: 'and' | 'or'; readonly at: number; target: number };
