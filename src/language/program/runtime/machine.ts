import type { GraddError } from '../../../engine/index.ts';
import { Source } from '../syntax/source.ts';
import type { Py, Visit } from './object.ts';
import { PyObject } from './object.ts';

/** What a run may use. */
export interface RunLimits {
  /** Rounds of loops, calls and statements. */
  readonly maxSteps: number;
  /** Bytes that strings, ints and containers may take together. */
  readonly maxBytes: number;
  /** Bytes of UTF-8 that may be printed. */
  readonly maxOutput: number;
  /** Calls within each other. */
  readonly maxRecursion: number;
}

/** A variable that functions share. */
export class Cell {
  value: Py | undefined = undefined;
}

/** A variable, a variable that functions share, or values that an expression keeps while it computes others. */
export type Slot = Py | Cell | Slot[] | undefined;

function visitSlot(slot: Slot, see: Visit): void {
  if (slot instanceof Cell) see(slot.value);
  else if (Array.isArray(slot)) for (const part of slot) visitSlot(part, see);
  else see(slot);
}

/** A call that runs: of the program itself, of a function, or of the body of a class. */
export class Frame {
  readonly slots: Slot[];
  readonly globals: (Py | undefined)[];
  readonly name: string;
  back: Frame | null;
  /** The offset of what is being done; set before whatever may fail or call. */
  at = 0;
  /** What a `return` gives. */
  result: Py = null;
  /** The names of a class body. */
  readonly names: Map<string, Py> | null;

  constructor(
    slots: Slot[],
    globals: (Py | undefined)[],
    name: string,
    back: Frame | null,
    names: Map<string, Py> | null = null,
  ) {
    this.slots = slots;
    this.globals = globals;
    this.name = name;
    this.back = back;
    this.names = names;
  }

  /** A frame for what runs within this one. */
  inner(slots: Slot[], name: string, names: Map<string, Py> | null = null): Frame {
    return new Frame(slots, this.globals, name, this, names);
  }

  visit(see: Visit): void {
    for (const slot of this.slots) visitSlot(slot, see);
    for (const value of this.names?.values() ?? []) see(value);
    see(this.result);
  }
}

/** Steps between two looks at the clock. */
const CHUNK = 2000;
/** Bytes that need no count of what is still in use. */
const LEAST = 2 ** 20;

const noModules: ReadonlyMap<string, Py> = new Map();

/** The state of a run. */
export class Machine {
  readonly source: Source;
  readonly limits: RunLimits;
  /** Steps until `refuel` must be called. */
  fuel = CHUNK;
  private left: number;
  frame: Frame | null = null;
  /** Calls within each other. */
  depth = 0;
  /** Exceptions that `except` deals with, the innermost last. */
  readonly handled: PyObject[] = [];
  /** Values that functions of the host keep while they call back. */
  readonly held: (Py | undefined)[] = [];
  readonly globals: (Py | undefined)[] = [];
  /** Values that are being printed. */
  readonly printing = new Set<PyObject>();
  /** What can be imported. */
  modules: ReadonlyMap<string, Py> = noModules;
  /** Modules written in Python that the host brings, by their globals. */
  readonly moduleOf = new Map<readonly (Py | undefined)[], string>();
  /** The value of the last statement of a module that is an expression. */
  last: Py = null;
  /** Other roots: modules, and what the host adds. */
  readonly roots: ((see: Visit) => void)[] = [];
  readonly out: string[] = [];
  private printed = 0;
  private bytes = 0;
  /** What an error of the host is in a program, where it is one; null for all others. */
  errorOf: (thrown: unknown) => GraddError | null = () => null;
  private readonly check: () => void;

  constructor(source: Source, limits: RunLimits, check: () => void) {
    this.source = source;
    this.limits = limits;
    this.left = limits.maxSteps - CHUNK;
    this.check = check;
  }

  /** The offset of what is being done in the program's own text, however deep it is in modules of the host. */
  get at(): number {
    let { frame } = this;
    while (frame !== null && frame.globals !== this.globals) frame = frame.back;
    return frame?.at ?? 0;
  }

  /** Gives errors the place of what is being done now, whenever they come. */
  locator(): (thrown: unknown) => unknown {
    const { source, at } = this;
    return (thrown) => source.located(thrown, at);
  }

  /** An error of a limit: no program can catch it. The message begins with what the text is called. */
  exceeded(message: string, hint?: string): GraddError {
    return this.source.exceeded(message, this.at, hint);
  }

  /** Steps that were taken so far. */
  get taken(): number {
    return this.limits.maxSteps - this.left - this.fuel;
  }

  /** Called when `fuel` is below zero. */
  refuel(): void {
    this.check();
    if (this.left <= 0) {
      this.fuel = -1;
      throw this.exceeded(`takes more steps than the limit of ${this.limits.maxSteps} (MAX_STEPS)`);
    }
    const chunk = Math.min(this.left, CHUNK);
    this.left -= chunk;
    this.fuel += chunk;
    if (this.fuel < 0) this.spend(0);
  }

  /** Takes the steps of something long. */
  spend(steps: number): void {
    this.fuel -= steps;
    if (this.fuel >= 0) return;
    const needed = -this.fuel;
    if (needed > this.left) {
      this.left = 0;
      this.refuel();
    }
    this.left -= needed;
    this.fuel = 0;
    this.check();
  }

  /** Takes bytes before they are allocated. */
  allocate(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.limits.maxBytes) this.measure(bytes);
  }

  private measure(wanted: number): void {
    const used = wanted > this.limits.maxBytes ? 0 : this.used();
    this.bytes = used + wanted;
    if (this.bytes <= this.limits.maxBytes - Math.min(LEAST, this.limits.maxBytes / 4)) return;
    throw this.exceeded(
      `needs more memory for its values than the limit of ${this.limits.maxBytes} bytes (MAX_PROGRAM_BYTES)`,
    );
  }

  /** Bytes of everything that is still in use. */
  private used(): number {
    let bytes = 0;
    this.walk((value) => {
      if (typeof value === 'string') bytes += 16 + 2 * value.length;
      else if (typeof value === 'bigint') bytes += 16 + bitLength(value) / 8;
      else if (value instanceof PyObject) bytes += value.bytes;
    });
    return bytes;
  }

  /** Shows the values that are in use from without: frames with their temporaries, globals, what the host holds. */
  visitRoots(see: Visit): void {
    for (let frame = this.frame; frame !== null; frame = frame.back) frame.visit(see);
    see(this.last);
    for (const value of this.globals) see(value);
    for (const value of this.handled) see(value);
    for (const value of this.held) see(value);
    for (const root of this.roots) root(see);
  }

  /** Shows every value that is in use, each object once. */
  walk(see: (value: Py) => void): void {
    const known = new Set<PyObject>();
    const open: PyObject[] = [];
    const visit: Visit = (value) => {
      if (value === undefined) return;
      if (value instanceof PyObject) {
        if (known.has(value)) return;
        known.add(value);
        open.push(value);
      }
      see(value);
    };
    this.visitRoots(visit);
    for (let value = open.pop(); value !== undefined; value = open.pop()) value.visit(visit);
  }

  /** Keeps values in use while `body` calls back into the program. */
  holding<T>(values: readonly (Py | undefined)[], body: () => T): T {
    const { length } = this.held;
    this.held.push(...values);
    try {
      return body();
    } finally {
      this.held.length = length;
    }
  }

  print(text: string): void {
    this.printed += Buffer.byteLength(text);
    if (this.printed > this.limits.maxOutput) {
      throw this.exceeded(`prints more than the limit of ${this.limits.maxOutput} bytes (MAX_OUTPUT_BYTES)`);
    }
    this.out.push(text);
  }

  get stdout(): string {
    return this.out.join('');
  }
}

/** Bits of an int without its sign. */
export function bitLength(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude === 0n) return 0;
  if (magnitude < 0x20000000000000n)
    return Math.floor(Math.log2(Number(magnitude))) + 1 - correction(magnitude);
  const hex = magnitude.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] as string, 16)));
}

/** `log2` may round up to the next power. */
function correction(magnitude: bigint): number {
  const bits = Math.floor(Math.log2(Number(magnitude)));
  return magnitude < 1n << BigInt(bits) ? 1 : 0;
}

const idle = new Machine(
  new Source('', 'program'),
  { maxSteps: 0, maxBytes: 2 ** 30, maxOutput: 0, maxRecursion: 100 },
  () => undefined,
);

/** The run that is going on: programs run one at a time, from beginning to end. */
export let machine: Machine = idle;

/** Runs `body` on a machine. */
export function onMachine<T>(next: Machine, body: () => T): T {
  const before = machine;
  machine = next;
  try {
    return body();
  } finally {
    machine = before;
  }
}
