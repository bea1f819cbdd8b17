/** A leaf of a sample: given data, or random numbers in a domain. */
export interface SampleLeaf {
  shape: number[];
  /** Where random numbers are drawn from; [-2, 2] by default. */
  domain?: [number, number];
  dtype?: string;
  data?: unknown;
  /** False for an argument that no gradient may be asked of. */
  requiresGrad?: false;
}

/** A row of the gradient matrix: one call of an operation, in the form of a graph node. */
export interface Sample {
  op: string;
  inputs: unknown[];
  attrs?: Record<string, unknown>;
  leaves: Record<string, SampleLeaf>;
  /** How many derivatives are checked; 2 by default. */
  order?: 1 | 2;
  /** False where the operation is not differentiable: only its value is computed. */
  grad?: false;
}
