/** Typing real code, key by key, as requests to the engine: what does it have to read for each key? */
import { infillRequest } from '../../src/completion/prompt.ts';
import { placeOf } from '../../src/completion/place.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { answered } from './engineUnderTest.ts';
import { holeIn, typedFiles, type Hole } from './material.ts';

/** Enough to be generation; each further token only costs time here. */
const maxTokens = 2;

/** What replaying brought. */
export interface Replay {
  /** Prompt tokens evaluated, one sample per key. */
  readonly evaluated: readonly number[];
  /** Of these, the samples of keys that began a new line. */
  readonly lineBreaks: readonly number[];
}

/**
 * Types into the middle of real files, asking the engine after each key with the request that the product makes for
 * it. The first key in a file finds nothing read and is left out; indentation comes with the line break, as in an
 * editor. Nothing is read ahead, and every key asks, although many need not in the editor: the worst case.
 */
export async function replayKeystrokes(engine: Engine, count: number): Promise<Replay> {
  const evaluated: number[] = [];
  const lineBreaks: number[] = [];
  const perFile = Math.ceil(count / typedFiles.length);
  for (const hole of typedFiles.map(holeIn)) {
    let keys = 0;
    for (const { typed, isLineBreak } of keysOf(hole)) {
      if (keys > perFile) break;
      const tokens = await evaluatedFor(engine, hole, typed, keys === 0);
      keys += 1;
      if (keys === 1) continue;
      evaluated.push(tokens);
      if (isLineBreak) lineBreaks.push(tokens);
    }
  }
  return { evaluated, lineBreaks };
}

async function evaluatedFor(engine: Engine, hole: Hole, typed: string, isFirst: boolean): Promise<number> {
  const { state } = engine;
  if (state.kind !== 'ready') throw new Error(`The engine is ${state.kind}.`);
  const before = hole.before + typed;
  const snapshot = { uri: `bench:/${hole.name}`, language: 'javascript', version: 1, text: before + hole.after };
  const place = placeOf({ ...snapshot, cursorOffset: before.length });
  if (place === undefined) throw new Error(`A line of ${hole.name} is too long.`);
  const request = infillRequest({ place, model: { ...state.facts, id: hole.name }, maxTokens, isFirst });
  const { usage } = await answered(engine, request);
  if (usage.cachedTokens === undefined) throw new Error('The engine did not say what it had read before.');
  return usage.promptTokens - usage.cachedTokens;
}

/** The typed text after each key. */
function* keysOf({ lines }: Hole): Generator<{ readonly typed: string; readonly isLineBreak: boolean }> {
  let typed = '';
  for (const line of lines) {
    const text = line.trimStart();
    typed += line.slice(0, line.length - text.length);
    if (text !== '') yield { typed, isLineBreak: true };
    for (const key of text) {
      typed += key;
      yield { typed, isLineBreak: false };
    }
    typed += '\n';
  }
}
