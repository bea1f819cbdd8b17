/** A small generator of random choices with a seed (mulberry32 over a mixed seed), so that a request is made again alike. */
export class Random {
  private state: number;

  constructor(...seeds: number[]) {
    this.state = seeds.reduce(
      (mixed, seed) => Math.imul(mixed ^ seed, 0x9e3779b1) ^ (mixed >>> 13),
      0x2545f491,
    );
    for (let i = 0; i < 4; i++) this.unit();
  }

  /** A number in [0, 1). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** A whole number in [least, most]. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** One of several makers of a value, by weight. */
  weighted<T>(...choices: [weight: number, make: () => T][]): T {
    let at = this.unit() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of choices) {
      at -= weight;
      if (at < 0) return make();
    }
    return (choices[0] as [number, () => T])[1]();
  }

  times<T>(most: number, make: (i: number) => T): T[] {
    return Array.from({ length: this.between(0, most) }, (_, i) => make(i));
  }
}
