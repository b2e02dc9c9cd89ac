import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/engine/worker/pace.ts';

const cpu = (prefillTokPerS: number) => new Pace({ prefillTokPerS, decodeTokPerS: 20 }, false);

describe('a chunk', () => {
  it.each([
    [40, 16], // 90 ms would be four: never that few
    [250, 23],
    [1000, 90],
    [100_000, 256],
  ])('at %i tokens per second is %i tokens long at first: about 90 ms', (speed, tokens) => {
    expect(cpu(speed).chunkTokens(0)).toBe(tokens);
  });

  it.each([
    [40, 16], // 64 would take 1.6 s
    [150, 64],
    [250, 64],
    [300, 128],
    [1000, 128],
  ])('at %i tokens per second is %i tokens long once a request has been read for a while', (speed, tokens) => {
    expect(cpu(speed).chunkTokens(300)).toBe(tokens);
  });

  it('is up to 512 tokens long on a GPU, early and late', () => {
    const gpu = new Pace({ prefillTokPerS: 50_000, decodeTokPerS: 100 }, true);
    expect([gpu.chunkTokens(0), gpu.chunkTokens(1000)]).toEqual([512, 512]);
  });
});

it('follows what is measured, and takes reading one token to cost what writing one does', () => {
  const pace = cpu(100);
  pace.didRead(100, 500);
  expect(pace.prefillTokPerS).toBe(125);
  pace.didRead(2, 1000); // too few to say anything
  expect(pace.prefillTokPerS).toBe(125);
  expect(pace.readMs(0)).toBe(0);
  expect(pace.readMs(1)).toBe(50);
  expect(pace.readMs(125)).toBe(1000);
});
