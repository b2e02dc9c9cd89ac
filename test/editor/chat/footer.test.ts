import { expect, it } from 'vitest';
import { footerWords, type Forecast } from '../../../src/editor/chat/footer.ts';

const here: Forecast = { tokens: 2_312, isExact: true, place: 'this computer', cost: 'unmetered' };
const there: Forecast = { ...here, isExact: false, place: 'api.openai.com' };

it.each([
  [{ ...here, readSeconds: 4.2 }, '2.3k tokens → this computer, about 4 s to read'],
  [{ ...here, tokens: 1, readSeconds: 0.2 }, '1 token → this computer, less than 1 s to read'],
  [{ ...here, tokens: 120_400, readSeconds: 600 }, '120k tokens → this computer, about 10 min to read'],
  [here, '2.3k tokens → this computer'],
  [{ ...there, cost: { lowNanoUsd: 6_000_000, highNanoUsd: 6_000_000 } }, '≈2.3k tokens → api.openai.com ≈ $0.006'],
  [
    { ...there, cost: { lowNanoUsd: 2_000_000, highNanoUsd: 31_000_000 } },
    '≈2.3k tokens → api.openai.com ≈ $0.002 to $0.031',
  ],
  [{ ...there, cost: { lowNanoUsd: 0, highNanoUsd: 31_000_000 } }, '≈2.3k tokens → api.openai.com, up to $0.031'],
  [{ ...there, cost: { lowNanoUsd: 0, highNanoUsd: 0 } }, '≈2.3k tokens → api.openai.com, no charge'],
  [{ ...there, cost: 'unknown' }, '≈2.3k tokens → api.openai.com, price unknown'],
] as const)('%j is "%s"', (forecast, words) => {
  expect(footerWords(forecast)).toBe(words);
});
