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
