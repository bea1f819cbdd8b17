import { placed } from './call.ts';
import {
  caught,
  GeneratorExit,
  Raised,
  RecursionError,
  RuntimeError,
  raise,
  StopIteration,
  typeError,
  ValueError,
} from './exceptions.ts';
import { type Frame, machine } from './machine.ts';
import { hostType, type Py, PyIterator, type PyObject, type PyType, type Visit } from './object.ts';

export const generatorType = hostType('generator');

/** What a generator's body is: JavaScript's own, which gives what Python's `yield` gives. */
export type Steps = Generator<Py, Py, Py>;

/** A call of a generator function, or a generator expression. */
export class PyGenerator extends PyIterator {
  private readonly frame: Frame;
  private readonly name: string;
  private readonly start: (frame: Frame) => Steps;
  private steps: Steps | null = null;
  private state: 'fresh' | 'waiting' | 'running' | 'done' = 'fresh';
  /** Exceptions that its handlers deal with while it waits. */
  private handled: PyObject[] = [];
  /** What the function returned: the value of `yield from`. */
  returned: Py = null;

  constructor(code: { readonly name: string; readonly steps?: (frame: Frame) => Steps }, frame: Frame) {
    super();
    this.name = code.name;
    this.frame = frame;
    this.start = code.steps as (frame: Frame) => Steps;
  }

  get type(): PyType {
    return generatorType;
  }

  override visit(see: Visit): void {
    if (this.state !== 'done') this.frame.visit(see);
    for (const exception of this.handled) see(exception);
    see(this.returned);
  }

  next(): Py | undefined {
    return this.resume((steps) => steps.next(null));
  }

  /** `send(value)`; undefined at the end. */
  send(value: Py): Py | undefined {
    if (this.state === 'fresh' && value !== null) {
      throw typeError("can't send non-None value to a just-started generator");
    }
    return this.resume((steps) => steps.next(value));
  }

  /** Where it waits, in the text of the program. */
  get at(): number | undefined {
    return this.frame.globals === machine.globals ? this.frame.at : undefined;
  }

  throw(error: Raised): Py | undefined {
    return this.resume((steps) => steps.throw(error));
  }

  close(): void {
    if (this.state === 'fresh') this.state = 'done';
    if (this.state === 'done') return;
    try {
      if (this.throw(raise(GeneratorExit)) !== undefined)
        throw raise(RuntimeError, 'generator ignored GeneratorExit');
    } catch (error) {
      const exception = caught(error);
      if (exception === null || !exception.type.isSubclassOf(GeneratorExit)) throw error;
    }
  }

  private resume(step: (steps: Steps) => IteratorResult<Py, Py>): Py | undefined {
    if (this.state === 'done') return undefined;
    if (this.state === 'running') throw raise(ValueError, 'generator already executing');
    const m = machine;
    if (m.depth >= m.limits.maxRecursion) throw raise(RecursionError, 'maximum recursion depth exceeded');
    this.steps ??= this.start(this.frame);
    this.state = 'running';
    const before = m.frame;
    this.frame.back = before;
    m.frame = this.frame;
    m.depth++;
    // What its handlers deal with is handled while it runs, and not while it waits.
    const { handled } = m;
    const { length } = handled;
    handled.push(...this.handled);
    try {
      const { value, done } = step(this.steps);
      this.state = done ? 'done' : 'waiting';
      if (!done) return value;
      this.returned = value;
      return undefined;
    } catch (error) {
      this.state = 'done';
      m.frame = before;
      throw this.translated(placed(error, m, this.frame));
    } finally {
      this.handled = handled.splice(length);
      this.frame.back = null;
      m.frame = before;
      m.depth--;
    }
  }

  /** A StopIteration that leaves a generator would end its loop silently. */
  private translated(error: unknown): unknown {
    if (!(error instanceof Raised) || !error.exception.type.isSubclassOf(StopIteration)) return error;
    const raised = raise(RuntimeError, 'generator raised StopIteration');
    raised.exception.cause = error.exception;
    return raised;
  }

  override repr(): string {
    return `<generator object ${this.name}>`;
  }
}
