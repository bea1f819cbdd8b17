import type { ByteReader } from './bytes.ts';
import { op } from './opcodes.ts';

/** What the immediates of an instruction say that matters to a copy. */
export interface Immediates {
  /** Of a local, a global, a function. */
  readonly index: number;
  /** Where a branch goes: how many blocks it leaves. */
  readonly labels: readonly number[];
  /** Whether a block's type is one of the module's. */
  readonly ownType: boolean;
}

const NONE: Immediates = { index: 0, labels: [], ownType: false };

function skipMemory(reader: ByteReader): void {
  reader.unsigned();
  reader.unsigned();
}

function skipBytes(reader: ByteReader, n: number): void {
  reader.at += n;
}

/** A block's type: none, a value type (both one byte, negative as LEB128), or a type of the module. */
function blockType(reader: ByteReader): Immediates {
  const first = reader.byte();
  if (first >= 0x40 && first < 0x80) return NONE;
  if (first >= 0x80) reader.skipInteger();
  return { ...NONE, ownType: true };
}

function branchTable(reader: ByteReader): Immediates {
  const labels = reader.vector(() => reader.unsigned());
  return { ...NONE, labels: [...labels, reader.unsigned()] };
}

/** Bulk memory operations; truncations have no immediates. */
function skipMisc(reader: ByteReader): void {
  const code = reader.unsigned();
  if (code < 8) return;
  if (code > 11) throw new Error(`unknown opcode 0xfc ${code}`);
  reader.unsigned();
  if (code === 8 || code === 10) reader.unsigned();
}

const LAST_SIMD = 0x113;

function skipSimd(reader: ByteReader): void {
  const code = reader.unsigned();
  if (code <= 0x0b || code === 0x5c || code === 0x5d) skipMemory(reader);
  else if (code === 0x0c || code === 0x0d) skipBytes(reader, 16);
  else if (code >= 0x15 && code <= 0x22) skipBytes(reader, 1);
  else if (code >= 0x54 && code <= 0x5b) {
    skipMemory(reader);
    skipBytes(reader, 1);
  } else if (code > LAST_SIMD) throw new Error(`unknown opcode 0xfd ${code}`);
}

const isMemory = (opcode: number): boolean => opcode >= op.i32Load && opcode < op.memorySize;
const isIndexed = (opcode: number): boolean =>
  opcode === op.call || (opcode >= op.localGet && opcode <= op.globalSet);
/** Numeric instructions, and those of control and stack without immediates. */
const isBare = (opcode: number): boolean =>
  (opcode >= 0x45 && opcode <= 0xc4) || [0x00, 0x01, op.else, op.end, op.return, 0x1a, 0x1b].includes(opcode);

/** Passes one instruction. Throws for one that is not of WebAssembly 2.0 or relaxed SIMD. */
export function skipInstruction(reader: ByteReader): Immediates {
  const opcode = reader.byte();
  if (isIndexed(opcode)) return { ...NONE, index: reader.unsigned() };
  if (isBare(opcode)) return NONE;
  if (isMemory(opcode)) skipMemory(reader);
  else if (opcode === op.simd) skipSimd(reader);
  else if (opcode === op.misc) skipMisc(reader);
  else if (opcode === op.block || opcode === op.loop || opcode === op.if) return blockType(reader);
  else if (opcode === op.br || opcode === op.brIf) return { ...NONE, labels: [reader.unsigned()] };
  else if (opcode === op.brTable) return branchTable(reader);
  else if (opcode === op.i32Const || opcode === op.i64Const) reader.skipInteger();
  else if (opcode === op.f32Const) skipBytes(reader, 4);
  else if (opcode === op.f64Const) skipBytes(reader, 8);
  else if (opcode === op.memorySize || opcode === op.memoryGrow) skipBytes(reader, 1);
  else if (opcode === op.selectTyped) reader.vector(() => reader.byte());
  else if (opcode === op.callIndirect) skipMemory(reader);
  else throw new Error(`unknown opcode 0x${opcode.toString(16)}`);
  return NONE;
}
