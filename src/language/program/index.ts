/** Programs in Python's syntax: compiled to JavaScript closures, run within limits. */
import { GraddError, suggestion } from '../../engine/index.ts';
import type { Context, Exec } from './compile/context.ts';
import { Scopes } from './compile/scopes.ts';
import { block } from './compile/statements.ts';
import { builtinNames } from './library/builtins.ts';
import { standardModules } from './library/index.ts';
import { LibraryModule } from './library/python.ts';
import { placed } from './runtime/call.ts';
import { caught, type PyException, Raised } from './runtime/exceptions.ts';
import type { PyModule } from './runtime/function.ts';
import { Frame, Machine, onMachine, type RunLimits } from './runtime/machine.ts';
import type { Py } from './runtime/object.ts';
import { str } from './runtime/operations.ts';
import { parseProgram } from './syntax/parse.ts';
import { type ProgramLimits, Source } from './syntax/source.ts';

export type { ProgramLimits, RunLimits };

/** A program, ready to run any number of times; it has no state. */
export interface Code {
  readonly source: Source;
  /** Places of global names. */
  readonly globals: ReadonlyMap<string, number>;
  readonly run: Exec;
  /** Slots of the frame. */
  readonly slots: () => number;
}

/**
 * Compiles a program.
 *
 * @throws GraddError `syntax-error` with line and column, `limit-exceeded`
 */
export function compileProgram(text: string, limits: ProgramLimits): Code {
  const source = new Source(text, 'program');
  const ast = parseProgram(source, limits);
  const scopes = new Scopes(source, ast.body);
  const globals = new Map<string, number>();
  const context: Context = {
    source,
    scopes,
    builtins: builtinNames,
    globals,
    last: ast.body.at(-1),
    block: (body, scope) => block(context, scope, body),
  };
  const run = block(context, scopes.module, ast.body);
  return { source, globals, run, slots: () => scopes.module.slots };
}

export interface RunOptions {
  readonly limits: RunLimits;
  /** Variables that the program finds, by name. */
  readonly globals?: ReadonlyMap<string, Py>;
  /** What can be imported beside the library, by dotted name. */
  readonly modules?: ReadonlyMap<string, PyModule>;
  /** Called every few thousand steps; throws to end the run, as at a deadline. */
  readonly check?: () => void;
  /** Called once the program has come to its end, as if it went on there. */
  readonly after?: (globals: (name: string) => Py | undefined) => void;
  /** What else may end a run, as an error that is given the place; null for all else. */
  readonly errorOf?: Machine['errorOf'];
  /** Called with the machine before the program starts: a host adds its roots. */
  readonly begin?: (machine: Machine) => void;
}

/** What a program has left behind. */
export interface Finished {
  readonly stdout: string;
  /** Its global variables. */
  readonly globals: ReadonlyMap<string, Py>;
  /** What ended it before its end; null where it came there. */
  readonly error: GraddError | null;
  /** Runs `body` as if the program went on with it, on what its limits have left. Throws what would have ended it. */
  readonly resume: <T>(body: () => T) => T;
}

/** Runs a program to its end, or to the error that ends it. What it printed is there in both cases. */
export function runProgram(code: Code, options: RunOptions): Finished {
  const machine = new Machine(code.source, options.limits, options.check ?? (() => undefined));
  const modules = new Map<string, Py>(standardModules());
  machine.roots.push((see) => {
    for (const module of modules.values()) if (module instanceof LibraryModule) see(module);
  });
  for (const [name, module] of options.modules ?? []) modules.set(name, module);
  machine.modules = modules;
  if (options.errorOf !== undefined) machine.errorOf = options.errorOf;
  for (const [name, index] of code.globals) machine.globals[index] = options.globals?.get(name);
  options.begin?.(machine);
  let error: GraddError | null = null;
  onMachine(machine, () => {
    machine.frame = new Frame(new Array(code.slots()).fill(undefined), machine.globals, '<module>', null);
    try {
      code.run(machine.frame);
      options.after?.((name) => {
        const index = code.globals.get(name);
        return index === undefined ? undefined : machine.globals[index];
      });
    } catch (thrown) {
      error = ended(machine.errorOf(thrown) ?? thrown, machine, modules, code);
    }
  });
  const globals = new Map<string, Py>();
  for (const [name, index] of code.globals) {
    const value = machine.globals[index];
    if (value !== undefined) globals.set(name, value);
  }
  const resume = <T>(body: () => T): T =>
    onMachine(machine, () => {
      try {
        return body();
      } catch (thrown) {
        throw ended(machine.errorOf(thrown) ?? thrown, machine, modules, code) ?? thrown;
      }
    });
  return { stdout: machine.stdout, globals, error, resume };
}

/** What ended a program, as an error with the place. */
function ended(
  thrown: unknown,
  machine: Machine,
  modules: ReadonlyMap<string, Py>,
  code: Code,
): GraddError | null {
  if (thrown instanceof GraddError) {
    thrown.exception ??= caught(thrown)?.type.name;
    return located(thrown, machine);
  }
  const exception = thrown instanceof Raised ? thrown.exception : caught(thrown);
  if (exception === null) throw thrown;
  if (exception.type.name === 'SystemExit') return null;
  return uncaught(exception, machine, modules, code);
}

/** Errors of the engine get the place of the operation, and keep their code. */
const located = (error: GraddError, machine: Machine): GraddError =>
  placed(error, machine, machine.frame as Frame) as GraddError;

function uncaught(
  exception: PyException,
  machine: Machine,
  modules: ReadonlyMap<string, Py>,
  code: Code,
): GraddError {
  if (exception.origin !== null) {
    exception.origin.exception = exception.type.name;
    return located(exception.origin, machine);
  }
  let message: string;
  try {
    message = str(exception);
  } catch (error) {
    if (error instanceof GraddError) return located(error, machine);
    message = '<exception str() failed>';
  }
  const name = exception.type.name;
  const detail = message === '' ? name : `${name}: ${message}`;
  const hint = hintFor(exception, message, modules, code.globals.keys());
  return machine.source.error('program-error', detail, exception.at ?? 0, hint);
}

function hintFor(
  exception: PyException,
  message: string,
  modules: ReadonlyMap<string, Py>,
  names: Iterable<string>,
): string | undefined {
  if (exception.type.name === 'ModuleNotFoundError') {
    const roots = [...modules.keys()].filter((name) => !name.includes('.') && !name.startsWith('_'));
    return `These modules can be imported: ${roots.sort().join(', ')}.`;
  }
  const unknown =
    exception.type.name === 'NameError' ? /^name '(.+)' is not defined$/.exec(message)?.[1] : undefined;
  if (unknown === undefined) return undefined;
  return suggestion(unknown, [...names, ...builtinNames.keys()]);
}
