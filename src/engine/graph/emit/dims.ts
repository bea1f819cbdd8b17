/** The strides of one operand over the dimensions of a loop. */
type Strides = readonly number[];

/** Something stored once per iteration of the outermost `depth` dimensions. */
export interface Scope {
  /** Over all dimensions; 0 over those summed. */
  readonly strides: Strides;
  readonly depth: number;
}

export interface Dims {
  readonly shape: readonly number[];
  /** In the order given. */
  readonly scopes: readonly Scope[];
}

const unit = (stride: number): boolean => stride === 0 || stride === 1;

/** Without dimension d; a depth that counted it is one less. */
function drop({ shape, scopes }: Dims, d: number): Dims {
  return {
    shape: shape.toSpliced(d, 1),
    scopes: scopes.map(({ strides, depth }) => ({
      strides: strides.toSpliced(d, 1),
      depth: d < depth ? depth - 1 : depth,
    })),
  };
}

/** Dimensions of size 1, except where the next one out could not be the innermost. */
function dropOnes(dims: Dims): Dims {
  for (let d = dims.shape.length - 1; d >= 0 && dims.shape.length > 1; d--) {
    const innermost = d === dims.shape.length - 1;
    const fits = !innermost || dims.scopes.every(({ strides }) => unit(strides[d - 1] as number));
    if (dims.shape[d] === 1 && fits) dims = drop(dims, d);
  }
  return dims;
}

/** Dimensions d and d + 1 as one, where every operand steps through them evenly. */
function merge(dims: Dims, d: number): Dims {
  const [outer, inner] = [dims.shape[d] as number, dims.shape[d + 1] as number];
  const even = dims.scopes.every(
    ({ strides, depth }) => strides[d] === (strides[d + 1] as number) * inner && depth !== d + 1,
  );
  if (!even) return dims;
  const dropped = drop(dims, d);
  return { ...dropped, shape: dropped.shape.with(d, outer * inner) };
}

/** As few dimensions as step through the same elements in the same order, at least one. */
export function collapse(dims: Dims): Dims {
  if (dims.shape.every((size) => size === 1)) {
    return { shape: [1], scopes: dims.scopes.map(() => ({ strides: [0], depth: 1 })) };
  }
  dims = dropOnes(dims);
  for (let d = dims.shape.length - 2; d >= 0; d--) dims = merge(dims, d);
  return dims;
}
