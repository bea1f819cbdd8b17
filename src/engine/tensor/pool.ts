/** Bytes that were handed out and came back, as `[address, size]` of size classes: powers of two. */
export class Pool {
  private readonly classes: { at: number; bytes: number }[][] = Array.from({ length: 33 }, () => []);
  /** All bytes that are here. */
  bytes = 0;

  /** Takes bytes back. */
  put(at: number, bytes: number): void {
    if (bytes === 0) return;
    (this.classes[classOf(bytes)] as { at: number; bytes: number }[]).push({ at, bytes });
    this.bytes += bytes;
  }

  /** The address of so many bytes, or -1 where there are none in one piece. What is left over of a piece stays. */
  take(bytes: number): number {
    if (bytes > this.bytes) return -1;
    const own = classOf(bytes);
    const fit = this.search(own, bytes);
    if (fit >= 0) return this.cut(own, fit, bytes);
    for (let k = own + 1; k < this.classes.length; k++) {
      const { length } = this.classes[k] as unknown[];
      if (length > 0) return this.cut(k, length - 1, bytes);
    }
    return -1;
  }

  /** A piece of a class that is large enough, looked for among the newest. */
  private search(k: number, bytes: number): number {
    const list = this.classes[k] as { bytes: number }[];
    const last = Math.max(0, list.length - LOOK);
    for (let i = list.length - 1; i >= last; i--) if ((list[i] as { bytes: number }).bytes >= bytes) return i;
    return -1;
  }

  private cut(k: number, i: number, bytes: number): number {
    const list = this.classes[k] as { at: number; bytes: number }[];
    const piece = list[i] as { at: number; bytes: number };
    const end = list.pop() as { at: number; bytes: number };
    if (end !== piece) list[i] = end;
    this.bytes -= piece.bytes;
    this.put(piece.at + bytes, piece.bytes - bytes);
    return piece.at;
  }

  /** Forgets everything. */
  clear(): void {
    for (const list of this.classes) list.length = 0;
    this.bytes = 0;
  }
}

/** So many pieces of the fitting class are looked at before a larger one is cut. */
const LOOK = 16;

const classOf = (bytes: number): number => 31 - Math.clz32(bytes);
