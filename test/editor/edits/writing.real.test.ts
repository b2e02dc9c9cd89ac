/** One edit with a model that people use: what it answers becomes lines that fit where they are to stand. */
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { editRequest } from '../../../src/chat/edit.ts';
import { EditSession } from '../../../src/editor/edits/session.ts';
import { write } from '../../../src/editor/edits/writing.ts';
import type { Ask } from '../../../src/models/model.ts';
import { realEngine } from '../../support/realEngine.ts';
import { textLines } from '../../support/textLines.ts';

const real = await realEngine({ name: 'infill' }, { device: 'cpu' });

afterAll(() => real.engine.dispose());

/** A model of this size writes some tokens a second where much else runs. */
const limitMs = 300_000;

test(
  'an edit of a line inside a function comes back as that line, indented, and nothing around it',
  { timeout: limitMs },
  async () => {
    const file = [
      'import requests',
      '',
      'def fetch(url):',
      '    response = requests.get(url)',
      '    data = response.json()',
      '    return data["items"]',
    ];
    const ask: Ask = (_purpose, request, signal) => {
      if (request.kind !== 'chat') throw new Error('only chat is asked');
      return real.engine.chat(request, () => undefined, signal);
    };
    const lines = { start: 3, end: 4 };
    const place = {
      before: file.slice(0, lines.start),
      selected: file.slice(lines.start, lines.end),
      after: file.slice(lines.end),
    };
    const subject = { ...place, uri: 'file:///fetch.py', name: 'fetch.py', language: 'python' };
    const instruction = 'add a timeout of ten seconds';
    const request = editRequest({ subject, instruction, contextTokens: 4_096, aroundChars: 3_000 });
    const session = new EditSession(textLines(file), lines);
    const { signal } = new AbortController();
    const say = (): void => undefined;
    const written = await write(
      { ask, clock: systemClock },
      { session, place, request, say, modelId: 'infill' },
      signal,
    );
    expect(written.isCut).toBe(false);
    expect(session.hunks).toEqual([
      { oldStart: 0, oldLines: place.selected, newLines: [expect.stringMatching(/^ {4}\S.*requests\.get\(.*timeout/)] },
    ]);
  },
);
