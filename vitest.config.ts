/**
 * Three projects: "unit" runs everything that needs no model; "real" runs the tests that load a model, one file at a
 * time, because two engines on the same cores measure each other; "pages" runs the webviews in a real browser.
 */
import { defineConfig } from 'vitest/config';

const pages = 'test/media/*.real.test.ts';
/** Engines load models, and a bare machine installs a browser first. */
const patience = { testTimeout: 120_000, hookTimeout: 300_000 };
/** One file for each core; by default one core is left to nobody. */
const maxWorkers = '100%';
const outsideVitest = ['node_modules/**', 'test/host/**', 'test/e2e/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...outsideVitest, 'test/**/*.real.test.ts'],
          maxWorkers,
          testTimeout: 30_000, // some take three seconds, and a busy machine ten times as long
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts'],
          exclude: [...outsideVitest, pages],
          fileParallelism: false,
          ...patience,
        },
      },
      { test: { name: 'pages', include: [pages], maxWorkers, ...patience } },
    ],
  },
});
