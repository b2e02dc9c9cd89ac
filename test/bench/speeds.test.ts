import { expect, test } from 'vitest';
import { compared } from './speeds.ts';

test('Speeds measured side by side are compared pair by pair, so a slow moment of both does not count', () => {
  expect(compared([98, 49, 196], [100, 50, 200])).toEqual({ ratio: 0.98, uncertainty: 0 });
});

test('One disturbed pair moves the uncertainty, not the ratio', () => {
  expect(compared([97, 97, 50], [100, 100, 100])).toEqual({ ratio: 0.97, uncertainty: 0.235 });
});

test('A sample without its counterpart is left out; without any pair nothing is known', () => {
  expect(compared([90, 10], [100])).toEqual({ ratio: 0.9, uncertainty: 0 });
  expect(compared([], [100])).toBeUndefined();
});
