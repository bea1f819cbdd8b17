/** A node of a graph as a client writes it. */
export const node = (name: string, op: string, inputs: unknown[], attrs?: Record<string, unknown>) => ({
  name,
  op,
  inputs,
  ...(attrs && { attrs }),
});

/** A function as an argument of a node; its results are those of the last node unless others are named. */
export const fn = (inputs: string[], nodes: unknown[], outputs?: string[]) => ({
  graph: { inputs, nodes, ...(outputs && { outputs }) },
});

/** A function of one node. */
export const call = (inputs: string[], op: string, args: unknown[] = inputs) =>
  fn(inputs, [node('result', op, args)]);
