/** Median wall time of `body` in milliseconds, after warming up. */
export function median(body, { rounds = 11, warmup = 3, before = () => undefined } = {}) {
  const times = [];
  for (let i = -warmup; i < rounds; i++) {
    before();
    const start = performance.now();
    body();
    const time = performance.now() - start;
    if (i >= 0) times.push(time);
  }
  return middle(times);
}

/** As `median`, of as many rounds as fit `budget` milliseconds after warming up for a quarter of it. */
export function settled(body, { before = () => undefined, budget = 1000 } = {}) {
  timesWithin(body, before, 2, budget / 4);
  return middle(timesWithin(body, before, 3, budget));
}

/** Milliseconds of each round: at least so many, and more while they fit. */
function timesWithin(body, before, least, budget) {
  const times = [];
  let spent = 0;
  while (times.length < least || spent < budget) {
    before();
    const start = performance.now();
    body();
    const time = performance.now() - start;
    times.push(time);
    spent += time;
  }
  return times;
}

/** The middle of some numbers. */
export function middle(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Prints rows of cells as a table with aligned columns. */
export function printTable(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => String(cell).padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
}

/** A number as a cell; the cell of none is empty. */
export const fixed = (value, digits = 1) =>
  value === undefined || value === null ? '' : value.toFixed(digits);

/** What `body` returns, or `{ missing: reason }` where it throws. */
export function attempt(body) {
  try {
    return body();
  } catch (error) {
    return { missing: error.message };
  }
}
