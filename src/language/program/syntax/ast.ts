/** A program as it was read. `at` is the offset in the source that an error points to. */
export interface Ast {
  readonly body: readonly Stmt[];
}

export type Constant = null | boolean | bigint | number | string | typeof ELLIPSIS;

/** The literal `...`. */
export const ELLIPSIS: unique symbol = Symbol('Ellipsis');

export type Expr =
  | { readonly kind: 'constant'; readonly value: Constant; readonly at: number }
  | NameExpr
  | AttributeExpr
  | SubscriptExpr
  | {
      readonly kind: 'slice';
      readonly start: Expr | null;
      readonly stop: Expr | null;
      readonly step: Expr | null;
      readonly at: number;
    }
  | CallExpr
  | {
      readonly kind: 'binary';
      readonly op: BinaryOp;
      readonly left: Expr;
      readonly right: Expr;
      readonly at: number;
    }
  | { readonly kind: 'unary'; readonly op: UnaryOp; readonly operand: Expr; readonly at: number }
  | { readonly kind: 'not'; readonly operand: Expr; readonly at: number }
  | {
      readonly kind: 'boolean';
      readonly op: 'and' | 'or';
      readonly operands: readonly Expr[];
      /** Where the operators are. */
      readonly ats: readonly number[];
      readonly at: number;
    }
  | {
      readonly kind: 'compare';
      readonly first: Expr;
      readonly rest: readonly { readonly op: CompareOp; readonly operand: Expr; readonly at: number }[];
      readonly at: number;
    }
  | {
      readonly kind: 'conditional';
      readonly test: Expr;
      readonly then: Expr;
      readonly otherwise: Expr;
      readonly at: number;
    }
  | SequenceExpr
  | {
      readonly kind: 'dict';
      readonly entries: readonly { readonly key: Expr | null; readonly value: Expr }[];
      readonly at: number;
    }
  | { readonly kind: 'starred'; readonly value: Expr; readonly at: number }
  | { readonly kind: 'lambda'; readonly parameters: Parameters; readonly body: Expr; readonly at: number }
  | ComprehensionExpr
  | { readonly kind: 'format'; readonly parts: readonly (string | Replacement)[]; readonly at: number }
  | { readonly kind: 'walrus'; readonly target: NameExpr; readonly value: Expr; readonly at: number }
  /** A value that the compiler has put into a slot. */
  | { readonly kind: 'kept'; readonly slot: number; readonly at: number }
  | { readonly kind: 'yield'; readonly from: boolean; readonly value: Expr | null; readonly at: number };

export interface NameExpr {
  readonly kind: 'name';
  readonly name: string;
  readonly at: number;
}

export interface AttributeExpr {
  readonly kind: 'attribute';
  readonly object: Expr;
  readonly name: string;
  readonly at: number;
}

export interface SubscriptExpr {
  readonly kind: 'subscript';
  readonly object: Expr;
  readonly index: Expr;
  readonly at: number;
}

export interface SequenceExpr {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: readonly Expr[];
  readonly at: number;
}

export interface CallExpr {
  readonly kind: 'call';
  readonly callee: Expr;
  /** Positional arguments; `*x` is starred. */
  readonly positional: readonly Expr[];
  /** Named arguments; `**x` has no name. */
  readonly keywords: readonly { readonly name: string | null; readonly value: Expr }[];
  readonly at: number;
}

export interface ComprehensionExpr {
  readonly kind: 'comprehension';
  readonly of: 'list' | 'set' | 'dict' | 'generator';
  readonly element: Expr;
  /** The value beside the key of a dict. */
  readonly value: Expr | null;
  readonly clauses: readonly Clause[];
  readonly at: number;
}

export interface Clause {
  readonly target: Expr;
  readonly iterable: Expr;
  readonly conditions: readonly Expr[];
}

/** `{value!conversion:spec}` of a formatted string. */
export interface Replacement {
  readonly value: Expr;
  readonly conversion: 'r' | 's' | 'a' | null;
  readonly spec: readonly (string | Replacement)[] | null;
  readonly at: number;
}

export type BinaryOp = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '@' | '&' | '|' | '^' | '<<' | '>>';
export type UnaryOp = '+' | '-' | '~';
export type CompareOp = '<' | '<=' | '>' | '>=' | '==' | '!=' | 'is' | 'is not' | 'in' | 'not in';

export interface Parameter {
  readonly name: string;
  readonly kind: 'positional-only' | 'positional' | 'star' | 'keyword-only' | 'double-star';
  readonly default: Expr | null;
  readonly at: number;
}

export type Parameters = readonly Parameter[];

export interface FunctionStmt {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: Parameters;
  readonly body: readonly Stmt[];
  readonly decorators: readonly Expr[];
  readonly at: number;
}

export interface ClassStmt {
  readonly kind: 'class';
  readonly name: string;
  readonly bases: readonly Expr[];
  readonly keywords: CallExpr['keywords'];
  readonly body: readonly Stmt[];
  readonly decorators: readonly Expr[];
  readonly at: number;
}

export interface Handler {
  readonly type: Expr | null;
  readonly name: string | null;
  readonly body: readonly Stmt[];
  readonly at: number;
}

/** What stands after `case`. */
export type Pattern =
  /** A literal or a dotted name: what equals it. */
  | { readonly kind: 'value'; readonly value: Expr; readonly at: number }
  | { readonly kind: 'singleton'; readonly value: null | boolean; readonly at: number }
  /** Without a name: `_`. */
  | { readonly kind: 'capture'; readonly name: string | null; readonly at: number }
  | { readonly kind: 'star'; readonly name: string | null; readonly at: number }
  | { readonly kind: 'or'; readonly alternatives: readonly Pattern[]; readonly at: number }
  | { readonly kind: 'as'; readonly pattern: Pattern; readonly name: string; readonly at: number }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[]; readonly at: number }
  | MappingPattern
  | ClassPattern;

export interface MappingPattern {
  readonly kind: 'mapping';
  readonly entries: readonly { readonly key: Expr; readonly pattern: Pattern }[];
  /** `**rest`. */
  readonly rest: string | null;
  readonly at: number;
}

export interface ClassPattern {
  readonly kind: 'class';
  readonly type: Expr;
  readonly positional: readonly Pattern[];
  readonly keywords: readonly { readonly name: string; readonly pattern: Pattern }[];
  readonly at: number;
}

export interface Case {
  readonly pattern: Pattern;
  readonly guard: Expr | null;
  readonly body: readonly Stmt[];
  readonly at: number;
}

export type Stmt =
  | { readonly kind: 'match'; readonly subject: Expr; readonly cases: readonly Case[]; readonly at: number }
  | { readonly kind: 'expression'; readonly value: Expr; readonly at: number }
  | { readonly kind: 'assign'; readonly targets: readonly Expr[]; readonly value: Expr; readonly at: number }
  | { readonly kind: 'annotate'; readonly target: Expr; readonly value: Expr | null; readonly at: number }
  | {
      readonly kind: 'augment';
      readonly target: Expr;
      readonly op: BinaryOp;
      readonly value: Expr;
      readonly at: number;
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Expr; readonly body: readonly Stmt[] }[];
      readonly otherwise: readonly Stmt[];
      readonly at: number;
    }
  | {
      readonly kind: 'while';
      readonly test: Expr;
      readonly body: readonly Stmt[];
      readonly otherwise: readonly Stmt[];
      readonly at: number;
    }
  | {
      readonly kind: 'for';
      readonly target: Expr;
      readonly iterable: Expr;
      readonly body: readonly Stmt[];
      readonly otherwise: readonly Stmt[];
      readonly at: number;
    }
  | FunctionStmt
  | ClassStmt
  | { readonly kind: 'return'; readonly value: Expr | null; readonly at: number }
  | { readonly kind: 'raise'; readonly value: Expr | null; readonly cause: Expr | null; readonly at: number }
  | {
      readonly kind: 'try';
      readonly body: readonly Stmt[];
      readonly handlers: readonly Handler[];
      readonly otherwise: readonly Stmt[];
      readonly last: readonly Stmt[];
      readonly at: number;
    }
  | {
      readonly kind: 'with';
      readonly items: readonly { readonly context: Expr; readonly target: Expr | null }[];
      readonly body: readonly Stmt[];
      readonly at: number;
    }
  | { readonly kind: 'delete'; readonly targets: readonly Expr[]; readonly at: number }
  | { readonly kind: 'pass' | 'break' | 'continue'; readonly at: number }
  | { readonly kind: 'global' | 'nonlocal'; readonly names: readonly string[]; readonly at: number }
  | { readonly kind: 'assert'; readonly test: Expr; readonly message: Expr | null; readonly at: number }
  | {
      readonly kind: 'import';
      readonly modules: readonly { readonly path: string; readonly as: string | null }[];
      readonly at: number;
    }
  | {
      readonly kind: 'from';
      readonly path: string;
      readonly names: readonly { readonly name: string; readonly as: string | null }[];
      readonly at: number;
    };
