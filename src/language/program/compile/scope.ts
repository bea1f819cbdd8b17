import type { Parameters } from '../syntax/ast.ts';

/** A name where it is bound. */
export interface Variable {
  readonly name: string;
  readonly scope: Scope;
  /** Whether inner functions use it. */
  shared: boolean;
  slot: number;
}

/**
 * A scope of names. `comprehension` is one for a list, set or dict: its variables live in the frame around it. A
 * generator expression is a function.
 */
export class Scope {
  readonly kind: 'module' | 'function' | 'class' | 'comprehension';
  readonly parent: Scope | null;
  readonly name: string;
  readonly bound = new Map<string, Variable>();
  readonly globals = new Set<string>();
  readonly nonlocals = new Set<string>();
  readonly used = new Set<string>();
  readonly parameters: Parameters;
  /** Variables of outer functions that this frame uses or hands on, and their slots here. */
  readonly free = new Map<Variable, number>();
  /** Slots of the frame; of temporaries, as many as are in use at once. */
  slots = 0;
  private readonly spare: number[] = [];
  generator = false;

  constructor(kind: Scope['kind'], parent: Scope | null, name: string, parameters: Parameters = []) {
    this.kind = kind;
    this.parent = parent;
    this.name = name;
    this.parameters = parameters;
  }

  /** The scope whose frame holds the variables of this one. */
  get owner(): Scope {
    return this.kind === 'comprehension' ? (this.parent as Scope).owner : this;
  }

  bind(name: string): Variable {
    let variable = this.bound.get(name);
    if (variable === undefined) {
      variable = { name, scope: this, shared: false, slot: -1 };
      this.bound.set(name, variable);
    }
    return variable;
  }

  /** A slot for a value that is kept for a while. */
  take(): number {
    return this.spare.pop() ?? this.slots++;
  }

  give(slot: number): void {
    this.spare.push(slot);
  }

  /** Where a name leads from here; null for a global one. */
  find(name: string): Variable | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      if (scope.globals.has(name)) return null;
      if (scope.kind === 'class' && scope !== this && name !== '__class__') continue;
      if (scope.nonlocals.has(name)) continue;
      const variable = scope.bound.get(name);
      if (variable !== undefined && scope.kind !== 'module') return variable;
    }
    return null;
  }

  /** `f.<locals>.g`, `C.method`. */
  get qualname(): string {
    const { parent } = this;
    if (parent === null) return '';
    const outer = parent.owner.qualname;
    if (outer === '') return this.name;
    return parent.owner.kind === 'class' ? `${outer}.${this.name}` : `${outer}.<locals>.${this.name}`;
  }
}

/** Parameters in the order of their slots: by position, by keyword, `*args`, `**kwargs`. */
export function ordered(parameters: Parameters): Parameters {
  const many = (kind: string): boolean => kind === 'star' || kind === 'double-star';
  return [
    ...parameters.filter(({ kind }) => kind === 'positional-only' || kind === 'positional'),
    ...parameters.filter(({ kind }) => kind === 'keyword-only'),
    ...parameters.filter(({ kind }) => many(kind)),
  ];
}
