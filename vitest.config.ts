import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Tests of what is computed: they run on the dynamic graph, and once more on compiled ones. */
const inEveryMode = [
  'test/conformance/**/*.test.ts',
  'test/language/expressions.test.ts',
  'test/routes/**/*.test.ts',
  'test/engine/{control,convolution,decomposition,gradients,random-graphs,symmetric}.test.ts',
  'test/engine/{arrangement,products}/*.test.ts',
];

/** Tests of documents, of stores and of what the dynamic graph takes, and those that call static graphs themselves. */
const inOneMode = ['test/routes/graphs-{docs,hostile,store}.test.ts', 'test/routes/estimate.test.ts'];

export default defineConfig({
  test: {
    // By default one core is left idle.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'dynamic', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'static',
          include: inEveryMode,
          exclude: inOneMode,
          setupFiles: ['test/support/static-mode.ts'],
        },
      },
    ],
  },
});
