/** An answer as JSON text, and how long its parts took in milliseconds. */
export interface Timed {
  text: string;
  timings: readonly [parse: number, evaluate: number, format: number];
}
