import { GraddError } from '../../../engine/index.ts';
import { PyInstance } from './instance.ts';
import { late } from './late.ts';
import { machine } from './machine.ts';
import { hostType, type Py, type PyObject, PyType, type Visit } from './object.ts';

/** An exception of Python. */
export class PyException extends PyInstance {
  args: readonly Py[] = [];
  cause: PyException | null = null;
  context: PyException | null = null;
  /** Whether `raise … from …` said what led to it. */
  explained = false;
  /** The offset in the source where it was raised. */
  at: number | undefined = undefined;
  /** The error of the engine that it stands for. */
  origin: GraddError | null = null;

  override plainRepr(): string {
    return `${this.type.name}(${late.join(this.args)})`;
  }

  override plainStr(): string {
    const [first] = this.args;
    if (first === undefined) return '';
    if (this.args.length > 1) return `(${late.join(this.args)})`;
    return this.type.isSubclassOf(KeyError) ? late.repr(first) : late.str(first);
  }

  override visit(see: Visit): void {
    super.visit(see);
    for (const arg of this.args) see(arg);
    see(this.cause);
    see(this.context);
  }
}

/** What is thrown in JavaScript for an exception in Python. It has no stack of JavaScript's: that takes long to make. */
export class Raised {
  readonly exception: PyException;

  constructor(exception: PyException) {
    this.exception = exception;
    if (exception.at !== undefined) return;
    exception.at = machine.at;
    const current = machine.handled.at(-1);
    if (current instanceof PyException && current !== exception) exception.context = current;
  }
}

const allocate = (type: PyType): PyObject => new PyException(type);

export const BaseException = hostType('BaseException', { allocate, base: true });

const byName = new Map<string, PyType>([['BaseException', BaseException]]);

function define(name: string, base: PyType, ...more: PyType[]): PyType {
  const type = new PyType(name, [base, ...more]);
  byName.set(name, type);
  return type;
}

export const Exception = define('Exception', BaseException);
export const ArithmeticError = define('ArithmeticError', Exception);
export const LookupError = define('LookupError', Exception);
export const AssertionError = define('AssertionError', Exception);
export const AttributeError = define('AttributeError', Exception);
export const ImportError = define('ImportError', Exception);
export const ModuleNotFoundError = define('ModuleNotFoundError', ImportError);
export const IndexError = define('IndexError', LookupError);
export const KeyError = define('KeyError', LookupError);
export const NameError = define('NameError', Exception);
export const UnboundLocalError = define('UnboundLocalError', NameError);
export const OverflowError = define('OverflowError', ArithmeticError);
export const ZeroDivisionError = define('ZeroDivisionError', ArithmeticError);
export const FloatingPointError = define('FloatingPointError', ArithmeticError);
export const RuntimeError = define('RuntimeError', Exception);
export const RecursionError = define('RecursionError', RuntimeError);
export const NotImplementedError = define('NotImplementedError', RuntimeError);
export const StopIteration = define('StopIteration', Exception);
export const TypeError_ = define('TypeError', Exception);
export const ValueError = define('ValueError', Exception);
export const UnicodeError = define('UnicodeError', ValueError);
export const EOFError = define('EOFError', Exception);
export const MemoryError = define('MemoryError', Exception);
export const OSError = define('OSError', Exception);
export const SystemExit = define('SystemExit', BaseException);
export const KeyboardInterrupt = define('KeyboardInterrupt', BaseException);
export const GeneratorExit = define('GeneratorExit', BaseException);
export const Warning = define('Warning', Exception);
define('UserWarning', Warning);
define('DeprecationWarning', Warning);
define('RuntimeWarning', Warning);
define('FileNotFoundError', OSError);
define('TimeoutError', OSError);
byName.set('IOError', OSError);
byName.set('EnvironmentError', OSError);

/** Python's own exceptions by name. */
export const exceptionTypes: ReadonlyMap<string, PyType> = byName;

/** An exception with one argument (or none), to be thrown. */
export function raise(type: PyType, message?: string): Raised {
  const exception = new PyException(type);
  if (message !== undefined) exception.args = [message];
  return new Raised(exception);
}

export const typeError = (message: string): Raised => raise(TypeError_, message);
export const valueError = (message: string): Raised => raise(ValueError, message);

/** Which exception an error of the engine is; RuntimeError for those without an entry. */
const typeOfCode = new Map<string, PyType>([
  ['unknown-op', AttributeError],
  ['unknown-name', NameError],
  ['invalid-request', ValueError],
  ['syntax-error', ValueError],
]);

type Classifier = (error: GraddError) => PyType | undefined;

let classify: Classifier = () => undefined;

/** Says which exceptions errors of the engine are, for those that the table of codes does not know well enough. */
export function classifyErrors(classifier: Classifier): void {
  classify = classifier;
}

const uncatchable = new Set([
  'limit-exceeded',
  'not-traceable',
  'deadline-exceeded',
  'internal',
  'overloaded',
  'rate-limited',
]);

/**
 * What a program catches where JavaScript caught `error`; null for what no program may catch: limits, deadlines and
 * faults of the service.
 */
export function caught(error: unknown): PyException | null {
  if (error instanceof Raised) return error.exception;
  if (error instanceof RangeError && /call stack/i.test(error.message)) {
    return raise(RecursionError, 'maximum recursion depth exceeded').exception;
  }
  if (!(error instanceof GraddError) || uncatchable.has(error.code)) return null;
  const named = /^([A-Z]\w+): /.exec(error.message);
  const known = named === null ? undefined : byName.get(named[1] as string);
  const message =
    known === undefined ? error.message : error.message.slice((named as RegExpExecArray)[0].length);
  const raised = raise(known ?? classify(error) ?? typeOfCode.get(error.code) ?? RuntimeError, message);
  raised.exception.origin = error;
  return raised.exception;
}
