const SIZE = 624;
const SHIFT = 397;

/** The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), which CPython and NumPy seed and read each its own way. */
export class MersenneTwister {
  /** Bytes that its state takes. */
  static readonly bytes = 4 * SIZE;
  private readonly state = new Uint32Array(SIZE);
  private place = SIZE;

  /** `init_genrand`: from one word. */
  start(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    this.place = SIZE;
  }

  /** `init_by_array`: from any number of words. */
  startFrom(key: readonly number[]): void {
    this.start(19650218);
    const { state } = this;
    let i = 1;
    const step = (factor: number, added: number): void => {
      const before = state[i - 1] as number;
      state[i] = ((state[i] as number) ^ Math.imul(before ^ (before >>> 30), factor)) + added;
      if (++i < SIZE) return;
      state[0] = state[SIZE - 1] as number;
      i = 1;
    };
    for (let k = 0, j = 0; k < Math.max(SIZE, key.length); k++, j = (j + 1) % key.length) {
      step(1664525, (key[j] as number) + j);
    }
    for (let k = 1; k < SIZE; k++) step(1566083941, -i);
    state[0] = 0x80000000;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < SIZE; i++) {
      const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % SIZE] as number) & 0x7fffffff);
      state[i] = (state[(i + SHIFT) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.place = 0;
  }

  /** 32 bits. */
  word(): number {
    if (this.place >= SIZE) this.twist();
    let y = this.state[this.place++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** 53 bits between 0 and 1. */
  double(): number {
    const high = this.word() >>> 5;
    return (high * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }
}
