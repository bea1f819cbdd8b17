import { GraddError, type Shape } from '../../engine/index.ts';
import type { Input } from './definition.ts';

type Sizes = Input['shape'];

const shown = (shape: Sizes): string => `[${shape.join(', ')}]`;

/** The sizes of named dimensions, as the leaves of one evaluation have them. */
export class Dimensions {
  private readonly sizes = new Map<string, { size: number; leaf: string }>();

  /**
   * Whether a leaf has the shape that was registered.
   *
   * @param rows how many rows the shape has in front; null where there are none
   * @throws GraddError `shape-mismatch`
   */
  check(leaf: string, expected: Sizes, found: Shape, path: readonly (string | number)[]): void {
    if (
      expected.length === found.length &&
      expected.every((size, i) => this.fits(size, found[i] as number))
    ) {
      expected.forEach((size, i) => {
        if (typeof size === 'string' && !this.sizes.has(size))
          this.sizes.set(size, { size: found[i] as number, leaf });
      });
      if (this.agrees(expected, found)) return;
    }
    const message = `expected shape ${shown(expected)}${this.legend(expected)}, got ${shown(found)}`;
    throw new GraddError('shape-mismatch', message, { path });
  }

  private fits(size: number | string, found: number): boolean {
    return typeof size === 'number' ? size === found : (this.sizes.get(size)?.size ?? found) === found;
  }

  /** A name may stand twice in one shape. */
  private agrees(expected: Sizes, found: Shape): boolean {
    return expected.every((size, i) => this.fits(size, found[i] as number));
  }

  /** What the names in a shape are so far. */
  private legend(expected: Sizes): string {
    const names = new Set(expected.filter((size) => typeof size === 'string'));
    const known = [...names].flatMap((name) => {
      const found = this.sizes.get(name);
      return found === undefined ? [] : [`${name} = ${found.size} as in "${found.leaf}"`];
    });
    return known.length === 0 ? '' : ` with ${known.join(', ')}`;
  }
}

/** The names of dimensions of some inputs, in order. */
export function dimensionNames(inputs: ReadonlyMap<string, Input>): string[] {
  const names = new Set<string>();
  for (const { shape } of inputs.values())
    for (const size of shape) if (typeof size === 'string') names.add(size);
  return [...names];
}

/** A shape with its named dimensions filled in. */
export const sized = (shape: Sizes, sizeOf: (name: string) => number): number[] =>
  shape.map((size) => (typeof size === 'string' ? sizeOf(size) : size));
