import { RecursionError, raise, typeError } from './exceptions.ts';
import type { FunctionCode, PyFunction } from './function.ts';
import { PyGenerator } from './generator.ts';
import { Cell, Frame, type Machine, machine, type Slot } from './machine.ts';
import { PyDict } from './mappings.ts';
import type { Keywords, Py } from './object.ts';
import { PyTuple } from './sequences.ts';

/** Calls a function of the program. */
export function callFunction(callee: PyFunction, args: Py[], keywords: Keywords | null): Py {
  const { code } = callee;
  const m = machine;
  if (--m.fuel < 0) m.refuel();
  if (m.depth >= m.limits.maxRecursion) throw raise(RecursionError, 'maximum recursion depth exceeded');
  const simple =
    keywords === null &&
    args.length === code.positional &&
    code.names.length === code.positional &&
    !code.star &&
    !code.doubleStar;
  const slots: Slot[] = simple ? args : bound(callee, args, keywords);
  for (let i = slots.length; i < code.slots; i++) slots.push(undefined);
  const { cellParameters, cellLocals, freeSlots } = code;
  for (let i = 0; i < cellParameters.length; i++) {
    const cell = new Cell();
    cell.value = slots[cellParameters[i] as number] as Py | undefined;
    slots[cellParameters[i] as number] = cell;
  }
  for (let i = 0; i < cellLocals.length; i++) slots[cellLocals[i] as number] = new Cell();
  for (let i = 0; i < freeSlots.length; i++) slots[freeSlots[i] as number] = callee.closure[i];
  const back = m.frame;
  const frame = new Frame(slots, callee.globals, code.name, back);
  if (code.generator) return new PyGenerator(code, frame);
  m.frame = frame;
  m.depth++;
  try {
    return code.body(frame);
  } catch (error) {
    // At the end of the stack nothing more can be called.
    if (error instanceof RangeError) throw error;
    throw placed(m.errorOf(error) ?? error, m, frame);
  } finally {
    m.frame = back;
    m.depth--;
  }
}

/** Gives an error of the engine the place of the call that failed, while the frame is known. */
export function placed(error: unknown, { source, globals }: Machine, frame: Frame): unknown {
  return frame.globals === globals ? source.located(error, frame.at) : error;
}

/** Arguments in the slots of parameters, by Python's rules. */
function bound(callee: PyFunction, args: Py[], keywords: Keywords | null): Slot[] {
  const { code, defaults, keywordDefaults } = callee;
  const { names, positional } = code;
  machine.spend((names.length * (1 + (keywords?.size ?? 0)) + args.length) >> 5);
  const slots: Slot[] = new Array(names.length).fill(undefined);
  const given = Math.min(args.length, positional);
  for (let i = 0; i < given; i++) slots[i] = args[i];
  const extra = code.doubleStar ? new PyDict() : null;
  if (keywords !== null) named(code, slots, keywords, extra);
  if (args.length > positional && !code.star) throw tooMany(callee, args.length, slots);
  const first = positional - defaults.length;
  const missing: string[] = [];
  for (let i = given; i < positional; i++) {
    if (slots[i] !== undefined) continue;
    if (i >= first) slots[i] = defaults[i - first];
    else missing.push(names[i] as string);
  }
  if (missing.length > 0) throw missed(code, missing, 'positional');
  for (let i = positional; i < names.length; i++) {
    if (slots[i] !== undefined) continue;
    const value = keywordDefaults?.get(names[i] as string);
    if (value === undefined) missing.push(names[i] as string);
    else slots[i] = value;
  }
  if (missing.length > 0) throw missed(code, missing, 'keyword-only');
  if (code.star) slots.push(new PyTuple(args.slice(positional)));
  if (extra !== null) slots.push(extra);
  return slots;
}

function named(code: FunctionCode, slots: Slot[], keywords: Keywords, extra: PyDict | null): void {
  const refused: string[] = [];
  for (const [name, value] of keywords) {
    const i = code.names.indexOf(name);
    if (i >= code.positionalOnly) {
      if (slots[i] !== undefined)
        throw typeError(`${code.qualname}() got multiple values for argument '${name}'`);
      slots[i] = value;
    } else if (extra !== null) extra.set(name, value);
    else if (i >= 0) refused.push(name);
    else throw typeError(`${code.qualname}() got an unexpected keyword argument '${name}'`);
  }
  if (refused.length === 0) return;
  throw typeError(
    `${code.qualname}() got some positional-only arguments passed as keyword arguments: '${refused.join(', ')}'`,
  );
}

function tooMany(callee: PyFunction, given: number, slots: readonly Slot[]): unknown {
  const { code, defaults } = callee;
  const { positional, names } = code;
  const least = positional - defaults.length;
  const range = least === positional ? `${positional}` : `from ${least} to ${positional}`;
  const plural = least === positional ? positional !== 1 : true;
  const only = names.slice(positional).filter((_, i) => slots[positional + i] !== undefined).length;
  const beside =
    only === 0
      ? ''
      : ` positional argument${given === 1 ? '' : 's'} (and ${only} keyword-only argument${only === 1 ? '' : 's'})`;
  const were = given === 1 && only === 0 ? 'was' : 'were';
  return typeError(
    `${code.qualname}() takes ${range} positional argument${plural ? 's' : ''} but ${given}${beside} ${were} given`,
  );
}

function missed(code: FunctionCode, names: readonly string[], kind: string): unknown {
  const list = names.map((name) => `'${name}'`);
  const last = list.pop() as string;
  const before = list.length > 1 ? `${list.join(', ')}, and ` : list.length === 1 ? `${list[0]} and ` : '';
  return typeError(
    `${code.qualname}() missing ${names.length} required ${kind} argument${names.length === 1 ? '' : 's'}: ${before}${last}`,
  );
}
