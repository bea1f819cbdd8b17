/** Merge sort of places by `less` alone; stable. JavaScript's own sort may not be trusted with a comparison that fails. */
export function merge(places: number[], less: (a: number, b: number) => boolean): number[] {
  let from = places;
  let to = new Array<number>(places.length);
  for (let width = 1; width < places.length; width *= 2) {
    for (let start = 0; start < places.length; start += 2 * width) {
      mergeRuns(
        from,
        to,
        start,
        Math.min(start + width, places.length),
        Math.min(start + 2 * width, places.length),
        less,
      );
    }
    [from, to] = [to, from];
  }
  return from;
}

function mergeRuns(
  from: readonly number[],
  to: number[],
  start: number,
  middle: number,
  end: number,
  less: (a: number, b: number) => boolean,
): void {
  let [a, b] = [start, middle];
  for (let i = start; i < end; i++) {
    const left = a < middle && (b >= end || !less(from[b] as number, from[a] as number));
    to[i] = from[left ? a++ : b++] as number;
  }
}
