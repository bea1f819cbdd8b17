import { type Buffer, operandsOf, resultsOf, type StaticGraph } from './ir.ts';

/**
 * What must hold of every graph: each computed buffer is written once, before it is read.
 *
 * @throws Error naming the fault, which is one of the compiler
 */
export function verify(graph: StaticGraph): void {
  const written = new Set<Buffer>();
  const read = (buffer: Buffer, what: string): void => {
    if (buffer.source.kind === 'computed' && !written.has(buffer))
      throw new Error(`${what} reads buffer ${buffer.id} before it is written`);
  };
  graph.instrs.forEach((instr, i) => {
    for (const { buffer } of operandsOf(instr))
      if (buffer.numel > 0) read(buffer, `instruction ${i} (${instr.from})`);
    for (const { buffer } of resultsOf(instr)) {
      if (written.has(buffer)) throw new Error(`buffer ${buffer.id} is written twice`);
      written.add(buffer);
    }
  });
  for (const { buffer } of graph.results) if (buffer.numel > 0) read(buffer, 'a result');
}
