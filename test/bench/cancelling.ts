/** How soon the engine is free again after a prompt that it is reading has been given up. */
import { isAbort } from '../../src/base/failure.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Bare } from './bare.ts';
import { requestFor } from './engineUnderTest.ts';
import { distinctTexts } from './material.ts';

const promptTokens = 2000;
const fewestWaitMs = 150;
const mostWaitMs = 900;

/**
 * Begins to read 2,000 tokens, gives up after a while that differs each time, and waits for the engine's answer to the
 * cancel. Gives back the times from giving up to the answer, ms. Throws when the engine answers anything else.
 */
export async function measureCancelling(engine: Engine, bare: Bare, count: number): Promise<number[]> {
  const texts = distinctTexts({ stepLines: 13 });
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const { head } = await bare.cut(String(texts.next().value), promptTokens);
    // Golden-ratio steps: evenly spread over the range and over the phases of a chunk, whatever the count.
    const waitMs = fewestWaitMs + ((index * 0.618) % 1) * (mostWaitMs - fewestWaitMs);
    samples.push(await cancelAfter(engine, head, waitMs));
  }
  return samples;
}

async function cancelAfter(engine: Engine, head: string, waitMs: number): Promise<number> {
  const controller = new AbortController();
  let abortedMs = 0;
  const timer = setTimeout(() => {
    abortedMs = performance.now();
    controller.abort();
  }, waitMs);
  try {
    for await (const chunk of engine.infill(requestFor({ head, suffix: '' }, 8), () => undefined, controller.signal)) {
      throw new Error(
        `The engine had read 2,000 tokens within ${Math.round(waitMs)} ms: nothing to cancel (${chunk.kind}).`,
      );
    }
    throw new Error('The engine ended an answer without its end.');
  } catch (error) {
    if (!isAbort(error)) throw error;
    return performance.now() - abortedMs;
  } finally {
    clearTimeout(timer);
  }
}
