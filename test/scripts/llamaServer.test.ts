/** Reading what llama-bench prints. */
import { expect, it } from 'vitest';
import { parseLlamaBench } from '../../scripts/lib/llamaServer.mjs';

it('finds speed and spread of each row, after whatever else was printed', () => {
  const rows = [
    {
      build_commit: 'abc',
      build_number: 9,
      n_prompt: 256,
      n_gen: 0,
      n_depth: 0,
      n_threads: 2,
      avg_ts: 181.5,
      stddev_ts: 2,
      samples_ts: [180, 183],
    },
    {
      build_commit: 'abc',
      build_number: 9,
      n_prompt: 0,
      n_gen: 32,
      n_depth: 0,
      n_threads: 2,
      avg_ts: 93,
      stddev_ts: 1,
      samples_ts: [93],
    },
  ];
  expect(parseLlamaBench(`loaded a backend\n${JSON.stringify(rows)}`)).toEqual({
    version: '9 (abc)',
    rows: [
      {
        promptTokens: 256,
        generateTokens: 0,
        depth: 0,
        threads: 2,
        tokensPerSecond: 181.5,
        deviation: 2,
        samples: [180, 183],
      },
      { promptTokens: 0, generateTokens: 32, depth: 0, threads: 2, tokensPerSecond: 93, deviation: 1, samples: [93] },
    ],
  });
});
