import { keyOf } from '../runtime/keys.ts';
import { machine } from '../runtime/machine.ts';
import type { Py } from '../runtime/object.ts';

/** CPython's modulus of hashes of numbers. */
const HASH_MODULUS = 2n ** 61n - 1n;

/** A hash that is equal for equal values; of ints as in CPython. */
export function hashOf(value: Py): bigint {
  const key = keyOf(value);
  if (typeof key === 'number' && Number.isInteger(key)) return hashInt(BigInt(key));
  if (typeof key === 'bigint') return hashInt(key);
  const text =
    typeof key === 'object' && key !== null && 'hash' in key ? String((key as { hash: Py }).hash) : null;
  if (text !== null) return BigInt(text);
  const content =
    typeof key === 'object' && key !== null && 'text' in key
      ? String((key as { text: string }).text)
      : `${typeof key}${String(key)}`;
  let hash = 0xcbf29ce484222325n;
  machine.spend(content.length);
  for (let i = 0; i < content.length; i++)
    hash = BigInt.asUintN(61, (hash ^ BigInt(content.charCodeAt(i))) * 0x100000001b3n);
  return hash;
}

function hashInt(value: bigint): bigint {
  const rest = (value < 0n ? -value : value) % HASH_MODULUS;
  const signed = value < 0n ? -rest : rest;
  return signed === -1n ? -2n : signed;
}
