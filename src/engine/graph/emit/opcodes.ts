/** Value types as the binary format writes them. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
/** The type of a block that leaves nothing. */
export const EMPTY = 0x40;

/** Opcodes by their names in the text format, dots and slashes as underscores. */
export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  selectTyped: 0x1c,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  i32Store: 0x36,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i32Store16: 0x3b,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32LtU: 0x49,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32ShrU: 0x76,
  f64Add: 0xa0,
  f32DemoteF64: 0xb6,
  /** Bulk memory and saturating truncation. */
  misc: 0xfc,
  simd: 0xfd,
} as const;

/** The opcodes behind the prefix 0xfd. */
export const simd = {
  load: 0x00,
  load8Splat: 0x07,
  load32Splat: 0x09,
  load64Splat: 0x0a,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  f64x2ExtractLane: 0x21,
  i8x16GtS: 0x27,
  i32x4GtS: 0x3b,
  f32x4Eq: 0x41,
  f64x2Eq: 0x47,
  and: 0x4e,
  bitselect: 0x52,
  load8Lane: 0x54,
  load16Lane: 0x55,
  load32Lane: 0x56,
  store32Lane: 0x5a,
  store64Lane: 0x5b,
  load32Zero: 0x5c,
  load64Zero: 0x5d,
  promoteLow: 0x5f,
  i16x8ExtendLowU: 0x89,
  i32x4ExtendLowU: 0xa9,
  i32x4Bitmask: 0xa4,
  i64x2Bitmask: 0xc4,
  f32x4Add: 0xe4,
  f32x4Sub: 0xe5,
  f64x2Add: 0xf0,
  f64x2Sub: 0xf1,
} as const;
