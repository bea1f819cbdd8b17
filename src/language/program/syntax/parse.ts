import type { Ast, BinaryOp, CallExpr, Case, Expr, Handler, Stmt } from './ast.ts';
import { ImportParser } from './imports.ts';
import { Lexer, type Token } from './lexer.ts';
import { checkCases } from './patterns.ts';
import type { ProgramLimits, Source } from './source.ts';

const augmented = new Set(['+=', '-=', '*=', '/=', '//=', '%=', '**=', '@=', '&=', '|=', '^=', '<<=', '>>=']);
const compound = new Set(['if', 'while', 'for', 'try', 'with', 'def', 'class', 'async']);

const isFuture = (node: Stmt): boolean => node.kind === 'from' && node.path === '__future__';
const isText = (node: Stmt): boolean =>
  node.kind === 'expression' && node.value.kind === 'constant' && typeof node.value.value === 'string';

/** Reads statements. */
class Parser extends ImportParser {
  program(): Ast {
    const body: Stmt[] = [];
    while (this.token.type !== 'end') this.statement(body);
    const first = body.findIndex((node, i) => !isFuture(node) && !(i === 0 && isText(node)));
    const late = first < 0 ? undefined : body.slice(first).find(isFuture);
    if (late) this.fail('from __future__ imports must occur at the beginning of the file', late.at);
    return { body };
  }

  private statement(into: Stmt[]): void {
    const { type, text } = this.token;
    if (type === 'indent') this.fail('unexpected indent');
    if (type === 'newline') {
      this.next();
      return;
    }
    if ((type === 'keyword' && compound.has(text)) || (type === 'operator' && text === '@')) {
      into.push(this.nested(() => this.compound()));
      return;
    }
    const match = type === 'name' && text === 'match' ? this.match() : null;
    if (match !== null) into.push(match);
    else this.simple(into);
  }

  /** `a; b; c` up to the end of the line. */
  private simple(into: Stmt[]): void {
    do {
      into.push(this.small());
    } while (this.take(';') && this.token.type !== 'newline');
    if (this.token.type === 'newline') this.next();
    else if (this.token.type !== 'end') this.unexpected();
  }

  private small(): Stmt {
    const { type, text, at } = this.token;
    if (type === 'keyword') {
      switch (text) {
        case 'pass':
        case 'break':
        case 'continue':
          this.next();
          return { kind: text, at };
        case 'return':
          this.next();
          return { kind: 'return', value: this.startsExpression() ? this.expressions() : null, at };
        case 'raise':
          return this.raise();
        case 'global':
        case 'nonlocal':
          this.next();
          return { kind: text, names: this.names(), at };
        case 'del':
          return this.delete();
        case 'assert': {
          this.next();
          const test = this.named();
          return { kind: 'assert', test, message: this.take(',') ? this.expression() : null, at };
        }
        case 'import':
          return this.import();
        case 'from':
          return this.from();
        default:
      }
    }
    return this.assignment();
  }

  private raise(): Stmt {
    const { at } = this.next();
    if (!this.startsExpression()) return { kind: 'raise', value: null, cause: null, at };
    const value = this.expression();
    return { kind: 'raise', value, cause: this.take('from') ? this.expression() : null, at };
  }

  private names(): string[] {
    const names = [this.identifier().text];
    while (this.take(',')) names.push(this.identifier().text);
    return names;
  }

  private delete(): Stmt {
    const { at } = this.next();
    const value = this.expressions();
    const targets = value.kind === 'tuple' && this.source.text[value.at] !== '(' ? value.items : [value];
    for (const target of targets) this.checkTarget(target, 'delete');
    return { kind: 'delete', targets, at };
  }

  /** An expression, or an assignment of any kind. */
  private assignment(): Stmt {
    const { at, text } = this.token;
    if (this.token.type === 'name' && this.peek().text === ':=') this.fail('invalid syntax', this.peek().at);
    const first = this.is('yield') ? this.yielded() : this.expressionsOrStar();
    const { type, text: op, at: opAt } = this.token;
    if (type === 'operator' && augmented.has(op)) {
      this.checkTarget(first, 'augment');
      this.next();
      return {
        kind: 'augment',
        target: first,
        op: op.slice(0, -1) as BinaryOp,
        value: this.value(),
        at: opAt,
      };
    }
    if (this.take(':')) {
      this.checkTarget(first, 'annotate');
      this.expression();
      const value = this.take('=') ? this.value() : null;
      return { kind: 'annotate', target: first, value, at };
    }
    if (!this.is('=')) {
      if (first.kind === 'starred') this.fail("can't use starred expression here", first.at);
      if (text === 'print' && ['name', 'string', 'number', 'format'].includes(type))
        this.fail("Missing parentheses in call to 'print'. Did you mean print(...)?", at);
      return { kind: 'expression', value: first, at };
    }
    const targets: Expr[] = [];
    let value = first;
    while (this.take('=')) {
      targets.push(value);
      value = this.value();
    }
    for (const target of targets) {
      if (target.kind === 'starred')
        this.fail('starred assignment target must be in a list or tuple', target.at);
      this.checkTarget(target, 'assign');
    }
    if (value.kind === 'starred') this.fail("can't use starred expression here", value.at);
    return { kind: 'assign', targets, value, at };
  }

  private value(): Expr {
    return this.is('yield') ? this.yielded() : this.expressionsOrStar();
  }

  /** `*a, b` may stand alone: whether it may be there at all is known when the whole statement is. */
  private expressionsOrStar(): Expr {
    if (!this.is('*')) return this.expressions();
    const { at } = this.token;
    const first = this.starOrNamed();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.take(',')) {
      if (!this.startsExpression()) break;
      items.push(this.starOrNamed());
    }
    return { kind: 'tuple', items, at };
  }

  private compound(): Stmt {
    switch (this.token.text) {
      case 'if':
        return this.if();
      case 'while': {
        const { at } = this.next();
        const test = this.named();
        const body = this.block("'while' statement", at);
        return { kind: 'while', test, body, otherwise: this.else(), at };
      }
      case 'for':
        return this.for();
      case 'try':
        return this.try();
      case 'with':
        return this.with();
      case 'def':
        return this.function([]);
      case 'class':
        return this.class([]);
      case '@':
        return this.decorated();
      default:
        return this.fail('async is not available: a program runs from its beginning to its end');
    }
  }

  private at(type: Token['type']): boolean {
    return this.token.type === type;
  }

  /** `: body`, on the same line or indented. */
  private block(after: string, at: number): Stmt[] {
    this.expect(':', "expected ':'");
    const body: Stmt[] = [];
    if (this.token.type !== 'newline') {
      if (this.token.type === 'keyword' && compound.has(this.token.text)) this.unexpected();
      this.simple(body);
      return body;
    }
    this.next();
    if (!this.at('indent')) {
      this.fail(`expected an indented block after ${after} on line ${this.line(at)}`);
    }
    this.next();
    while (!this.at('dedent') && !this.at('end')) this.statement(body);
    if (this.at('dedent')) this.next();
    return body;
  }

  private else(): Stmt[] {
    const { at } = this.token;
    return this.take('else') ? this.block("'else' statement", at) : [];
  }

  private if(): Stmt {
    const { at } = this.token;
    const branches: { test: Expr; body: Stmt[] }[] = [];
    while (this.is('if') || this.is('elif')) {
      if (this.is('if') && branches.length > 0) break;
      const { text, at: where } = this.next();
      const test = this.named();
      if (this.is('=')) {
        this.fail("invalid syntax. Maybe you meant '==' or ':=' instead of '='?", test.at);
      }
      branches.push({ test, body: this.block(`'${text}' statement`, where) });
    }
    return { kind: 'if', branches, otherwise: this.else(), at };
  }

  /** `match` is a name like any other where no `match` statement begins: then null. */
  private match(): Stmt | null {
    const start = this.index;
    const { at } = this.next();
    const subject = this.attempt(() => {
      const { at: where } = this.token;
      const value = this.expressionsOrStar();
      if (value.kind === 'starred') this.fail("can't use starred expression here", where);
      return this.take(':') && this.token.type === 'newline' ? value : null;
    });
    if (subject === null) {
      this.index = start;
      return null;
    }
    return this.nested(() => {
      this.next();
      if (!this.at('indent'))
        this.fail(`expected an indented block after 'match' statement on line ${this.line(at)}`);
      this.next();
      const cases: Case[] = [];
      while (!this.at('dedent') && !this.at('end')) {
        cases.push(this.case());
      }
      if (this.at('dedent')) this.next();
      checkCases(cases, (message, where) => this.fail(message, where));
      return { kind: 'match', subject, cases, at };
    });
  }

  private case(): Case {
    const { at, type, text } = this.token;
    if (type !== 'name' || text !== 'case') this.unexpected();
    this.next();
    const pattern = this.casePattern();
    const guard = this.take('if') ? this.named() : null;
    return { pattern, guard, body: this.block("'case' statement", at), at };
  }

  private line(at: number): number {
    return this.source.place(at).line;
  }

  private for(): Stmt {
    const { at } = this.next();
    const target = this.targets();
    this.expect('in');
    const iterable = this.expressionsOrStar();
    const body = this.block("'for' statement", at);
    return { kind: 'for', target, iterable, body, otherwise: this.else(), at };
  }

  private try(): Stmt {
    const { at } = this.next();
    const body = this.block("'try' statement", at);
    const handlers: Handler[] = [];
    while (this.is('except')) {
      const { at: where } = this.next();
      if (this.is('*')) this.fail('exception groups are not available');
      let type: Expr | null = null;
      let name: string | null = null;
      if (!this.is(':')) {
        type = this.expression();
        if (this.is(',')) this.fail('multiple exception types must be parenthesized', type.at);
        if (this.take('as')) name = this.identifier().text;
      }
      const bare = handlers.find((handler) => handler.type === null);
      if (bare) this.fail("default 'except:' must be last", bare.at);
      handlers.push({ type, name, body: this.block("'except' statement", where), at: where });
    }
    const otherwise = handlers.length > 0 ? this.else() : [];
    const { at: where } = this.token;
    const ends = this.take('finally');
    const last = ends ? this.block("'finally' statement", where) : [];
    if (handlers.length === 0 && !ends) this.fail("expected 'except' or 'finally' block");
    return { kind: 'try', body, handlers, otherwise, last, at };
  }

  private with(): Stmt {
    const { at } = this.next();
    const items = (this.is('(') ? this.bracketedItems() : null) ?? this.items(() => this.is(':'));
    return { kind: 'with', items, body: this.block("'with' statement", at), at };
  }

  private items(done: () => boolean): { context: Expr; target: Expr | null }[] {
    const items: { context: Expr; target: Expr | null }[] = [];
    do {
      if (items.length > 0 && done()) break;
      const context = this.expression();
      let target: Expr | null = null;
      if (this.take('as')) {
        target = this.operators(0);
        this.checkTarget(target, 'with');
      }
      items.push({ context, target });
    } while (this.take(','));
    return items;
  }

  /** `with (a as b, c as d):`; null where the bracket belongs to an expression. */
  private bracketedItems(): { context: Expr; target: Expr | null }[] | null {
    const start = this.index;
    const items = this.attempt(() => {
      this.next();
      const found = this.items(() => this.is(')'));
      return this.take(')') && this.is(':') ? found : null;
    });
    if (items === null) this.index = start;
    return items;
  }

  private decorated(): Stmt {
    const decorators: Expr[] = [];
    while (this.take('@')) {
      decorators.push(this.named());
      if (this.token.type !== 'newline') this.unexpected();
      while (this.token.type === 'newline') this.next();
    }
    if (this.is('def')) return this.function(decorators);
    if (this.is('class')) return this.class(decorators);
    return this.is('async')
      ? this.fail('async is not available: a program runs from its beginning to its end')
      : this.unexpected();
  }

  private function(decorators: Expr[]): Stmt {
    const { at } = this.next();
    const { text: name } = this.identifier();
    this.expect('(', "expected '('");
    const parameters = this.parameters(')', true);
    this.next();
    if (this.take('->')) this.expression();
    const body = this.block('function definition', at);
    return { kind: 'function', name, parameters, body, decorators, at };
  }

  private class(decorators: Expr[]): Stmt {
    const { at } = this.next();
    const { text: name, at: nameAt } = this.identifier();
    let bases: readonly Expr[] = [];
    let keywords: CallExpr['keywords'] = [];
    if (this.is('(')) {
      const call = this.arguments({ kind: 'name', name, at: nameAt });
      bases = call.positional;
      keywords = call.keywords;
    }
    this.classes.push(name);
    const body = this.block('class definition', at);
    this.classes.pop();
    return { kind: 'class', name, bases, keywords, body, decorators, at };
  }
}

/**
 * Reads a program.
 *
 * @throws GraddError `syntax-error` with line and column, `limit-exceeded`
 */
export function parseProgram(source: Source, limits: ProgramLimits): Ast {
  source.checkLength(limits.maxLength);
  const nul = source.text.indexOf('\0');
  if (nul >= 0) throw source.syntaxError('source code string cannot contain null bytes', nul);
  return new Parser(source, new Lexer(source, limits).program(), limits).program();
}
