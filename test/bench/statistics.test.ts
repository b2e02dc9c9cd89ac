import { expect, test } from 'vitest';
import { median, percentile, rounded, summaryOf } from './statistics.ts';

test('The median is the middle sample, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
});

test('The median of an even number of samples lies halfway between the two in the middle', () => {
  expect(median([4, 1, 3, 100])).toBe(3.5);
});

test('One sample is its own median and its own p95', () => {
  expect(summaryOf([7])).toEqual({ median: 7, p95: 7, n: 1 });
});

test.each([
  { n: 1, p95: 1 },
  { n: 19, p95: 19 },
  { n: 20, p95: 19 },
  { n: 21, p95: 20 },
  { n: 100, p95: 95 },
  { n: 200, p95: 190 },
])('Of the samples 1 to $n, $p95 is the smallest that 95 % do not exceed', ({ n, p95 }) => {
  const samples = Array.from({ length: n }, (_, index) => n - index);
  expect(percentile(samples, 95)).toBe(p95);
});

test('Numbers are compared as numbers, not as texts', () => {
  expect(median([10, 9, 100])).toBe(10);
});

test('Without samples nothing is known, which is not 0', () => {
  expect(summaryOf([])).toBeUndefined();
  expect(median([])).toBeUndefined();
});

test('The samples given are left in their order', () => {
  const samples = [3, 1, 2];
  summaryOf(samples);
  expect(samples).toEqual([3, 1, 2]);
});

test('Rounding keeps significant digits, not decimals', () => {
  expect(rounded(1234.567)).toBe(1235);
  expect(rounded(0.0123456)).toBe(0.01235);
});
