import type {
  ClassStmt,
  ComprehensionExpr,
  Expr,
  FunctionStmt,
  Parameters,
  Pattern,
  Replacement,
  Stmt,
} from '../syntax/ast.ts';
import { boundBy } from '../syntax/patterns.ts';
import type { Source } from '../syntax/source.ts';
import { ordered, Scope } from './scope.ts';

export type Scoped = FunctionStmt | ClassStmt | ComprehensionExpr | (Expr & { kind: 'lambda' });

/** The scopes of a program: who binds what, and which variables functions share. */
export class Scopes {
  readonly module = new Scope('module', null, '<module>');
  readonly of = new Map<Scoped, Scope>();
  private readonly source: Source;
  private readonly uses: { readonly scope: Scope; readonly name: string; readonly at: number }[] = [];
  private scope = this.module;
  private loops = 0;

  constructor(source: Source, body: readonly Stmt[]) {
    this.source = source;
    this.block(body);
    // Variables of outer functions may be bound after the inner function: all scopes are known only now.
    for (const { scope, name, at } of this.checks) {
      if (scope.find(name) === null) this.fail(`no binding for nonlocal '${name}' found`, at);
      this.uses.push({ scope, name, at });
    }
    for (const { scope, name } of this.uses) this.share(scope, name);
    for (const scope of [this.module, ...this.of.values()]) if (scope.kind !== 'comprehension') place(scope);
    for (const scope of this.of.values()) if (scope.kind === 'comprehension') placeInner(scope);
    for (const scope of this.of.values())
      for (const variable of scope.free.keys()) scope.free.set(variable, scope.slots++);
  }

  private fail(message: string, at: number): never {
    throw this.source.syntaxError(message, at);
  }

  /** Makes a variable one of the functions between its scope and where it is used. */
  private share(from: Scope, name: string): void {
    const variable = from.find(name);
    if (variable === null) return;
    const home = variable.scope.owner;
    if (home === from.owner) return;
    variable.shared = true;
    for (let scope: Scope = from.owner; scope !== home; scope = (scope.parent as Scope).owner) {
      if (!scope.free.has(variable)) scope.free.set(variable, -1);
    }
  }

  private within<T>(node: Scoped, scope: Scope, body: () => T): T {
    this.of.set(node, scope);
    const { scope: before, loops } = this;
    this.scope = scope;
    if (scope.kind !== 'comprehension') this.loops = 0;
    try {
      return body();
    } finally {
      this.scope = before;
      this.loops = loops;
    }
  }

  private use(name: string, at: number): void {
    this.scope.used.add(name);
    this.uses.push({ scope: this.scope, name, at });
    if (name === 'super' && this.scope.owner.kind === 'function') {
      this.uses.push({ scope: this.scope, name: '__class__', at });
    }
  }

  private bind(name: string, at: number): void {
    const { scope } = this;
    if (scope.globals.has(name) || scope.nonlocals.has(name)) this.use(name, at);
    else scope.bind(name);
  }

  private declared(kind: 'global' | 'nonlocal', name: string, at: number): void {
    const { scope } = this;
    if (scope.parameters.some((parameter) => parameter.name === name))
      this.fail(`name '${name}' is parameter and ${kind}`, at);
    if (scope.bound.has(name) && scope.kind !== 'module')
      this.fail(`name '${name}' is assigned to before ${kind} declaration`, at);
    if (scope.kind !== 'module' && scope.used.has(name))
      this.fail(`name '${name}' is used prior to ${kind} declaration`, at);
    if (kind === 'global') {
      if (scope.nonlocals.has(name)) this.fail(`name '${name}' is nonlocal and global`, at);
      scope.globals.add(name);
      return;
    }
    if (scope.kind === 'module') this.fail('nonlocal declaration not allowed at module level', at);
    if (scope.globals.has(name)) this.fail(`name '${name}' is nonlocal and global`, at);
    scope.nonlocals.add(name);
    this.checks.push({ scope, name, at });
  }

  private readonly checks: { readonly scope: Scope; readonly name: string; readonly at: number }[] = [];

  private block(body: readonly Stmt[]): void {
    for (const statement of body) this.statement(statement);
  }

  private loop(body: readonly Stmt[]): void {
    this.loops++;
    this.block(body);
    this.loops--;
  }

  private statement(node: Stmt): void {
    switch (node.kind) {
      case 'expression':
        this.expression(node.value);
        return;
      case 'assign':
        this.expression(node.value);
        for (const target of node.targets) this.target(target);
        return;
      case 'annotate':
        if (node.value) this.expression(node.value);
        this.target(node.target);
        return;
      case 'augment':
        this.expression(node.target);
        this.expression(node.value);
        this.target(node.target);
        return;
      case 'if':
        for (const { test, body } of node.branches) {
          this.expression(test);
          this.block(body);
        }
        this.block(node.otherwise);
        return;
      case 'match':
        this.expression(node.subject);
        for (const { pattern, guard, body } of node.cases) {
          this.pattern(pattern);
          for (const [name, at] of boundBy(pattern)) this.bind(name, at);
          if (guard) this.expression(guard);
          this.block(body);
        }
        return;
      case 'while':
        this.expression(node.test);
        this.loop(node.body);
        this.block(node.otherwise);
        return;
      case 'for':
        this.expression(node.iterable);
        this.target(node.target);
        this.loop(node.body);
        this.block(node.otherwise);
        return;
      case 'function':
        for (const decorator of node.decorators) this.expression(decorator);
        this.bind(node.name, node.at);
        this.function(node, node.name, node.parameters, () => this.block(node.body));
        return;
      case 'class':
        this.class(node);
        return;
      case 'return':
        if (this.scope.kind !== 'function') this.fail("'return' outside function", node.at);
        if (node.value) this.expression(node.value);
        return;
      case 'break':
        if (this.loops === 0) this.fail("'break' outside loop", node.at);
        return;
      case 'continue':
        if (this.loops === 0) this.fail("'continue' not properly in loop", node.at);
        return;
      case 'raise':
        if (node.value) this.expression(node.value);
        if (node.cause) this.expression(node.cause);
        return;
      case 'try':
        this.block(node.body);
        for (const { type, name, body, at } of node.handlers) {
          if (type) this.expression(type);
          if (name !== null) this.bind(name, at);
          this.block(body);
        }
        this.block(node.otherwise);
        this.block(node.last);
        return;
      case 'with':
        for (const { context, target } of node.items) {
          this.expression(context);
          if (target) this.target(target);
        }
        this.block(node.body);
        return;
      case 'delete':
        for (const target of node.targets) {
          this.target(target);
        }
        return;
      case 'global':
      case 'nonlocal':
        for (const name of node.names) this.declared(node.kind, name, node.at);
        return;
      case 'assert':
        this.expression(node.test);
        if (node.message) this.expression(node.message);
        return;
      case 'import':
        for (const { path, as } of node.modules) this.bind(as ?? (path.split('.')[0] as string), node.at);
        return;
      case 'from':
        for (const { name, as } of node.names) {
          if (name !== '*') this.bind(as ?? name, node.at);
          else if (this.scope.kind !== 'module') this.fail('import * only allowed at module level', node.at);
        }
        return;
      default:
    }
  }

  private class(node: ClassStmt): void {
    for (const decorator of node.decorators) this.expression(decorator);
    for (const base of node.bases) this.expression(base);
    for (const { value } of node.keywords) this.expression(value);
    this.bind(node.name, node.at);
    const scope = new Scope('class', this.scope, node.name);
    scope.bind('__class__');
    this.within(node, scope, () => this.block(node.body));
  }

  private function(node: Scoped, name: string, parameters: Parameters, body: () => void): void {
    for (const { default: value } of parameters) if (value) this.expression(value);
    const scope = new Scope('function', this.scope, name, parameters);
    this.within(node, scope, () => {
      for (const parameter of ordered(parameters)) scope.bind(parameter.name);
      body();
    });
  }

  /** What a pattern computes. */
  private pattern(node: Pattern): void {
    switch (node.kind) {
      case 'value':
        this.expression(node.value);
        return;
      case 'as':
        this.pattern(node.pattern);
        return;
      case 'or':
        for (const inner of node.alternatives) this.pattern(inner);
        return;
      case 'sequence':
        for (const item of node.items) this.pattern(item);
        return;
      case 'mapping':
        for (const { key, pattern } of node.entries) {
          this.expression(key);
          this.pattern(pattern);
        }
        return;
      case 'class':
        this.expression(node.type);
        for (const inner of node.positional) this.pattern(inner);
        for (const { pattern } of node.keywords) this.pattern(pattern);
        return;
      default:
    }
  }

  private target(node: Expr): void {
    switch (node.kind) {
      case 'name':
        this.bind(node.name, node.at);
        return;
      case 'tuple':
      case 'list':
        for (const item of node.items) this.target(item);
        return;
      case 'starred':
        this.target(node.value);
        return;
      default:
        this.expression(node);
        return;
    }
  }

  private expression(node: Expr): void {
    switch (node.kind) {
      case 'constant':
        return;
      case 'name':
        this.use(node.name, node.at);
        return;
      case 'attribute':
        this.expression(node.object);
        return;
      case 'subscript':
        this.expression(node.object);
        this.expression(node.index);
        return;
      case 'slice':
        for (const part of [node.start, node.stop, node.step]) if (part) this.expression(part);
        return;
      case 'call':
        this.expression(node.callee);
        for (const value of node.positional) this.expression(value);
        for (const { value } of node.keywords) this.expression(value);
        return;
      case 'binary':
        this.expression(node.left);
        this.expression(node.right);
        return;
      case 'unary':
      case 'not':
        this.expression(node.operand);
        return;
      case 'boolean':
        for (const operand of node.operands) this.expression(operand);
        return;
      case 'compare':
        this.expression(node.first);
        for (const { operand } of node.rest) this.expression(operand);
        return;
      case 'conditional':
        this.expression(node.test);
        this.expression(node.then);
        this.expression(node.otherwise);
        return;
      case 'list':
      case 'tuple':
      case 'set':
        for (const item of node.items) this.expression(item);
        return;
      case 'dict':
        for (const { key, value } of node.entries) {
          if (key) this.expression(key);
          this.expression(value);
        }
        return;
      case 'starred':
        this.expression(node.value);
        return;
      case 'lambda':
        this.function(node, '<lambda>', node.parameters, () => this.expression(node.body));
        return;
      case 'comprehension':
        this.comprehension(node);
        return;
      case 'format':
        this.format(node.parts);
        return;
      case 'walrus':
        this.walrus(node);
        return;
      case 'yield': {
        const scope = this.scope;
        if (scope.kind === 'comprehension') this.fail("'yield' inside list comprehension", node.at);
        if (scope.kind !== 'function') this.fail("'yield' outside function", node.at);
        if (scope.name === '<genexpr>') this.fail("'yield' inside generator expression", node.at);
        scope.generator = true;
        if (node.value) this.expression(node.value);
        return;
      }
      default:
    }
  }

  private format(parts: readonly (string | Replacement)[]): void {
    for (const part of parts) {
      if (typeof part === 'string') continue;
      this.expression(part.value);
      if (part.spec) this.format(part.spec);
    }
  }

  /** In a comprehension, `:=` binds in the scope around it. */
  private walrus(node: Expr & { kind: 'walrus' }): void {
    this.expression(node.value);
    const { name, at } = node.target;
    let scope = this.scope;
    while (scope.kind === 'comprehension' || scope.name === '<genexpr>') {
      if (scope.bound.has(name))
        this.fail(`assignment expression cannot rebind comprehension iteration variable '${name}'`, at);
      scope = scope.parent as Scope;
    }
    if (scope !== this.scope && scope.kind === 'class')
      this.fail('assignment expression within a comprehension cannot be used in a class body', at);
    if (scope.globals.has(name) || scope.nonlocals.has(name)) this.use(name, at);
    else {
      scope.bind(name);
      if (scope !== this.scope) this.use(name, at);
    }
  }

  private comprehension(node: ComprehensionExpr): void {
    const [first, ...rest] = node.clauses;
    if (first === undefined) return;
    this.expression(first.iterable);
    const body = (): void => {
      this.target(first.target);
      for (const condition of first.conditions) this.expression(condition);
      for (const { target, iterable, conditions } of rest) {
        this.expression(iterable);
        this.target(target);
        for (const condition of conditions) this.expression(condition);
      }
      this.expression(node.element);
      if (node.value) this.expression(node.value);
    };
    if (node.of === 'generator') {
      const scope = new Scope('function', this.scope, '<genexpr>');
      scope.generator = true;
      this.within(node, scope, () => {
        scope.bind('.0');
        body();
      });
    } else this.within(node, new Scope('comprehension', this.scope, '<comprehension>'), body);
  }
}

function place(scope: Scope): void {
  if (scope.kind === 'module') return;
  for (const variable of scope.bound.values()) {
    if (scope.kind === 'function' || variable.name === '__class__') variable.slot = scope.slots++;
  }
}

function placeInner(scope: Scope): void {
  for (const variable of scope.bound.values()) variable.slot = scope.owner.slots++;
}
