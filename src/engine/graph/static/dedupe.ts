import type { Layout } from '../../tensor/layout.ts';
import type { NamedArgs } from '../../tensor/value.ts';
import { type Instr, isStateful, resultsOf, type StaticGraph, View } from './ir.ts';
import { type Journal, rewriteAll, type Visit } from './rewrite.ts';

/** Kernels whose operands may change places. */
const commutative = new Set(['add', 'mul', 'eq', 'ne', 'logical_and', 'logical_or', 'logical_xor']);

const layoutTexts = new WeakMap<Layout, string>();

/** A text that only equal layouts have in common; most are shared, so it is made once for each. */
function layoutText(layout: Layout): string {
  const known = layoutTexts.get(layout);
  if (known !== undefined) return known;
  const text = `[${layout.shape}|${layout.contiguous ? '' : layout.strides}]`;
  layoutTexts.set(layout, text);
  return text;
}

/** A text that two views have in common where they show the same elements. */
const keyOf = ({ buffer, layout, offset }: View): string => {
  const { source } = buffer;
  if (source.kind === 'uniform')
    return `=${String(source.value)}${Object.is(source.value, -0) ? '-' : ''}${buffer.dtype}[${layout.shape}]`;
  return `${buffer.id}+${offset}${layoutText(layout)}`;
};

const numberKey = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** As text, or null where an argument is no plain value. */
function argumentKey(value: unknown): string | null {
  if (value instanceof View) return keyOf(value);
  if (Array.isArray(value)) {
    const keys = value.map(argumentKey);
    return keys.includes(null) ? null : `(${keys.join(',')})`;
  }
  if (typeof value === 'object' && value !== null) return null;
  return typeof value === 'number' ? numberKey(value) : `${typeof value}${String(value)}`;
}

function callKey(name: string, args: NamedArgs): string | null {
  const key = argumentKey(Object.values(args));
  return key === null ? null : `call ${name} ${key}`;
}

/** What an instruction computes, as text; null where it has to run by itself. */
function instrKey(instr: Instr): string | null {
  switch (instr.kind) {
    case 'elementwise': {
      const { e, dtype, operands, extra, out } = instr;
      let key = `${e.kernel} ${dtype}${layoutText(out.layout)}`;
      const keys = operands.map(keyOf);
      for (const each of commutative.has(e.kernel) ? keys.sort() : keys) key += ` ${each}`;
      return extra.length === 0 ? key : `${key} ${extra.map(numberKey)}`;
    }
    case 'copy':
      return `copy ${keyOf(instr.operands[0] as View)} ${instr.out.dtype}${layoutText(instr.out.layout)}`;
    case 'reduce':
      return `reduce ${instr.kernel} ${keyOf(instr.operands[0] as View)} ${instr.dims} ${instr.extra.map(numberKey)} ${instr.out.dtype}${layoutText(instr.out.layout)}`;
    case 'call':
      return isStateful(instr) ? null : callKey(instr.op.name, instr.args);
    case 'guard':
      return `guard ${typeof instr.expected} ${keyOf(instr.operands[0] as View)}`;
  }
}

/** Computes what is computed twice only once: but for those that draw random numbers, operations have no side effects. */
export function repeatedWork(journal: Journal): Visit {
  const known = new Map<string, Instr>();
  return (instr, substitution) => {
    const key = instrKey(instr);
    const first = key === null ? undefined : known.get(key);
    if (first === undefined) {
      if (key !== null) known.set(key, instr);
      return instr;
    }
    const results = resultsOf(first);
    resultsOf(instr).forEach((out, i) => {
      substitution.put(out, results[i] as View);
    });
    journal.note('it was computed before');
    return null;
  };
}

export const removeRepeated = (graph: StaticGraph, journal: Journal): void =>
  rewriteAll(graph, [repeatedWork(journal)]);
