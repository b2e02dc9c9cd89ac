/**
 * Two projects: "unit" runs everything that needs no model; "real" runs the tests that load a model, one file at a
 * time, because two engines on the same cores measure each other.
 */
import { defineConfig } from 'vitest/config';

const outsideVitest = ['node_modules/**', 'test/host/**', 'test/e2e/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...outsideVitest, 'test/**/*.real.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          exclude: outsideVitest,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
