import type { Layout } from '../../tensor/layout.ts';
import type { Prepared } from './compile.ts';
import { type Cost, costOf, flopsOf, instrsOf, trafficOf } from './cost.ts';
import { type Buffer, type Instr, operandsOf, resultsOf, uniformOf, View } from './ir.ts';
import { readsOf, type Unit, writesOf } from './schedule.ts';
import type { Recorded } from './symbolic.ts';

/** Instructions beyond this many are counted, not printed. */
const MAX_PRINTED = 2000;

/** A unit as the plan shows it. */
export interface PlannedUnit {
  readonly unit: number;
  /** `loop` for fused instructions, else the operation. */
  readonly kind: string;
  /** Units of one stage do not need each other: they could run side by side. */
  readonly stage: number;
  readonly instructions: readonly string[];
  readonly flops: number;
  readonly bytes: number;
}

/** What the compiler did with a graph, for people to read. */
export interface PlanPage {
  readonly recorded: number;
  readonly kept: number;
  readonly stages: readonly {
    readonly name: string;
    readonly changes: readonly { readonly why: string; readonly times: number }[];
  }[];
  readonly inputs: readonly string[];
  readonly units: readonly PlannedUnit[];
  readonly parallel_stages: readonly (readonly number[])[];
  readonly results: readonly string[];
  readonly memory: { readonly peak: number; readonly temporary: number; readonly without_reuse: number };
  readonly cost: Cost;
  /** Instructions that were too many to print. */
  readonly not_printed: number;
}

/** Gives buffers names: those of leaves and nodes, else numbers in the order in which they are met. */
class Names {
  private readonly names: ReadonlyMap<Buffer, string>;
  private readonly numbers = new Map<Buffer, number>();

  constructor(names: ReadonlyMap<Buffer, string>) {
    this.names = names;
  }

  buffer(buffer: Buffer): string {
    const name = this.names.get(buffer);
    if (name !== undefined) return name;
    const number = this.numbers.get(buffer) ?? this.numbers.size;
    this.numbers.set(buffer, number);
    return `%${number}`;
  }

  view(view: View): string {
    const value = uniformOf(view);
    if (value !== undefined) return Object.is(value, -0) ? '-0' : String(value);
    const { buffer, layout, offset } = view;
    const whole = offset === 0 && layout.contiguous && layout.numel === buffer.numel;
    return whole ? this.buffer(buffer) : `${this.buffer(buffer)}${place(layout, offset)}`;
  }

  result(view: View): string {
    return `${this.buffer(view.buffer)}: ${view.dtype}[${view.layout.shape.join(', ')}]`;
  }
}

const place = ({ shape, strides }: Layout, offset: number): string =>
  `{[${shape.join(', ')}] by [${strides.join(', ')}]${offset === 0 ? '' : ` from ${offset}`}}`;

/** What an instruction is called. */
function labelOf(instr: Instr): string {
  if (instr.kind === 'elementwise') return instr.e.kernel;
  if (instr.kind === 'reduce') return `${instr.kernel} over [${instr.dims.join(', ')}]`;
  if (instr.kind === 'copy') return instr.operands[0]?.dtype === instr.out.dtype ? 'copy' : 'cast';
  return instr.kind === 'guard' ? `guard ${String(instr.expected)} =` : instr.op.name;
}

/** Attributes that an instruction has besides its operands. */
function extrasOf(instr: Instr): string[] {
  if (instr.kind === 'elementwise' || instr.kind === 'reduce') return instr.extra.map(String);
  if (instr.kind !== 'call') return [];
  return Object.entries(instr.args).flatMap(([name, value]) => {
    const shown = value instanceof View || value === null || value === undefined || typeof value === 'object';
    return shown && !isPlainList(value)
      ? []
      : [`${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`];
  });
}

const isPlainList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

function textOf(instr: Instr, names: Names): string {
  const operands = [...operandsOf(instr).map((view) => names.view(view)), ...extrasOf(instr)].join(', ');
  const results = resultsOf(instr).map((view) => names.result(view));
  const head = results.length === 0 ? '' : `${results.join(', ')} = `;
  return `${head}${labelOf(instr)} ${operands}`.trimEnd();
}

/** The stage of each unit: one more than the latest of those that it reads from. */
function stagesOf(units: readonly Unit[]): number[] {
  const madeIn = new Map<Buffer, number>();
  return units.map((unit) => {
    const stage = 1 + Math.max(0, ...readsOf(unit).map(({ buffer }) => madeIn.get(buffer) ?? 0));
    for (const { buffer } of writesOf(unit)) madeIn.set(buffer, stage);
    return stage;
  });
}

/** The plan as data. */
export function planPage(recorded: Recorded, prepared: Prepared): PlanPage {
  const { graph, units, placement, report } = prepared;
  const names = new Names(recorded.names());
  const held = new Set([...placement.offsets.keys(), ...placement.results]);
  const stages = stagesOf(units);
  let left = MAX_PRINTED;
  let notPrinted = 0;
  const planned = units.map((unit, i): PlannedUnit => {
    const instrs = instrsOf(unit);
    const printed = instrs.slice(0, left);
    left -= printed.length;
    notPrinted += instrs.length - printed.length;
    return {
      unit: i,
      kind: unit.kind === 'loop' ? `loop ${unit.lane}[${unit.layout.shape.join(', ')}]` : labelOf(unit.instr),
      stage: stages[i] as number,
      instructions: printed.map((instr) => textOf(instr, names)),
      flops: instrs.reduce((sum, instr) => sum + flopsOf(instr), 0),
      bytes: trafficOf(unit, (buffer) => held.has(buffer)),
    };
  });
  const last = Math.max(0, ...stages);
  const cost = costOf(prepared);
  return {
    recorded: report.recorded,
    kept: report.kept,
    stages: report.stages.map(({ name, changes }) => ({
      name,
      changes: changes.map(([why, times]) => ({ why, times })),
    })),
    inputs: graph.inputs.map((view) => names.result(view)),
    units: planned,
    parallel_stages: Array.from({ length: last }, (_, s) =>
      stages.flatMap((stage, i) => (stage === s + 1 ? [i] : [])),
    ),
    results: namedResults(recorded, prepared, names),
    memory: { peak: cost.peak_memory, temporary: placement.bytes, without_reuse: placement.total },
    cost,
    not_printed: notPrinted,
  };
}

function namedResults({ outputs, gradients }: Recorded, { graph }: Prepared, names: Names): string[] {
  const shown = (i: number): string => names.view(graph.results[i] as View);
  return [
    ...outputs.map(([name, i]) => `${name} = ${shown(i)}`),
    ...(gradients ?? []).map(([name, i]) => `d ${name} = ${i === null ? 'None' : shown(i)}`),
  ];
}

/** The plan as text. */
export function planText(page: PlanPage): string {
  const lines = [`${page.recorded} instructions recorded, ${page.kept} kept`];
  for (const { name, changes } of page.stages) {
    lines.push(`  ${name}${changes.length === 0 ? ': nothing' : ''}`);
    for (const { why, times } of changes) lines.push(`    ${times} × ${why}`);
  }
  lines.push('inputs', ...page.inputs.map((input) => `  ${input}`), 'units');
  for (const { unit, kind, stage, instructions, flops, bytes } of page.units) {
    lines.push(`  ${unit}: ${kind}, stage ${stage}, ${flops} flops, ${bytes} bytes`);
    for (const text of instructions) lines.push(`      ${text}`);
  }
  if (page.not_printed > 0) lines.push(`  … ${page.not_printed} instructions more`);
  lines.push('results', ...page.results.map((result) => `  ${result}`));
  const { memory, cost, parallel_stages: parallel } = page;
  const widest = Math.max(0, ...parallel.map((stage) => stage.length));
  lines.push(`stages: ${parallel.length}, the widest of ${widest} units that could run side by side`);
  lines.push(
    `memory: peak ${memory.peak} bytes; ${memory.temporary} temporary, ${memory.without_reuse} without reuse`,
    `cost: ${cost.instructions} instructions, ${cost.flops} flops, ${cost.bytes} bytes read and written`,
  );
  return `${lines.join('\n')}\n`;
}
