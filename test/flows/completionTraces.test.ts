/**
 * A file is typed from start to end against a model that is right as often as a small one is; counted is how many
 * keystrokes were answered without a request of their own, and how many requests there were.
 */
import { expect, onTestFinished, test } from 'vitest';
import { Suggester } from '../../src/completion/suggest.ts';
import { FakeClock } from '../support/clock.ts';
import { LogLines } from '../support/log.ts';
import { ScriptedAsk } from '../support/scriptedAsk.ts';
import { Typist } from '../support/typist.ts';

const file = `import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Account {
  readonly id: string;
  readonly owner: string;
  readonly balanceCents: number;
  readonly openedAt: Date;
}

export class Accounts {
  private readonly folder: string;
  private readonly byId = new Map<string, Account>();

  constructor(folder: string) {
    this.folder = folder;
  }

  async load(): Promise<void> {
    const text = await readFile(join(this.folder, 'accounts.json'), 'utf8');
    for (const each of JSON.parse(text) as Account[]) {
      this.byId.set(each.id, { ...each, openedAt: new Date(each.openedAt) });
    }
  }

  find(id: string): Account | undefined {
    return this.byId.get(id);
  }

  total(): number {
    let totalCents = 0;
    for (const { balanceCents } of this.byId.values()) {
      totalCents += balanceCents;
    }
    return totalCents;
  }

  ownedBy(owner: string): readonly Account[] {
    return [...this.byId.values()].filter((account) => account.owner === owner);
  }
}
`;

interface Tally {
  keys: number;
  /** Requests to the model. */
  calls: number;
  accepted: number;
  /** Accepted, and the next suggestion stood there without a further request. */
  acceptedAndMore: number;
  /** Keystrokes with a suggestion from what was known, or from a request an earlier keystroke had started. */
  answered: number;
}

/** A model that knows the file: 42 of 100 lines it gets right to their end, the others up to somewhere. */
function knowing(model: ScriptedAsk, clock: FakeClock, typed: () => number): void {
  model.onCall = (call) => {
    const from = typed();
    const rest = file.slice(from);
    const lineLength = rest.indexOf('\n') + 1;
    const lot = (from * 2654435761) % 100;
    const isRight = lot < 42;
    const text = isRight ? rest.slice(0, lineLength + 60) : `${rest.slice(0, (lineLength * lot) / 150)}zzz;\n`;
    const pieces = text.match(/[^]{1,4}/g) ?? [];
    for (const [index, each] of pieces.entries()) clock.schedule(100 + index * 40, () => call.write(each));
    clock.schedule(100 + pieces.length * 40, () => call.end());
  };
}

/** Types the whole file. */
async function typeFile(options: { readonly takes: boolean; readonly mistakes: boolean }): Promise<Tally> {
  const clock = new FakeClock();
  const model = new ScriptedAsk();
  const suggester = new Suggester({
    ask: model.ask,
    settings: () => ({ enabled: true, trigger: 'automatic', disabledLanguages: [], pausedUntilMs: undefined }),
    model: () => ({ id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 25, contextTokens: 2048 }),
    readAhead: () => undefined,
    clock,
    log: new LogLines(),
  });
  const typist = new Typist(suggester, clock, '█');
  const typed = (): number => typist.now.cursorOffset;
  knowing(model, clock, typed);
  const tally = { keys: 0, calls: 0, accepted: 0, acceptedAndMore: 0, answered: 0 };
  const count = (): void => {
    tally.keys += 1;
    if (typist.shown?.kind === 'suggestion' && typist.shown.from !== 'model') tally.answered += 1;
  };
  while (typed() < file.length) {
    const rest = file.slice(typed());
    const ghost = typist.shown?.kind === 'suggestion' ? typist.shown.text : '';
    if (options.takes && ghost.length > 3 && rest.startsWith(ghost)) {
      const before = model.calls.length;
      await typist.accept(Infinity, 300);
      tally.accepted += 1;
      if (typist.shown?.kind === 'suggestion' && model.calls.length === before) tally.acceptedAndMore += 1;
    } else if (options.mistakes && (typed() * 7919) % 29 === 0 && rest[0] !== '\n') {
      await typist.type('q', 130);
      count();
      await typist.backspace(130);
      count();
      await typist.type(rest[0] ?? '', 130);
    } else {
      // Enter comes with the indentation of the next line, as an editor puts it there.
      const key = /^\n[ ]*|[^]/.exec(rest)?.[0] ?? '';
      if (key.length > 1) await typist.enter(key.slice(1), 250);
      else await typist.type(key, /\w/.test(key) ? 130 : 220);
    }
    count();
  }
  suggester.dispose();
  expect(typist.now.text).toBe(file);
  return { ...tally, calls: model.calls.length };
}

test('somebody who takes what is right: half of the keystrokes are answered from what is known, few ask', async () => {
  const { keys, calls, answered, accepted, acceptedAndMore } = await typeFile({ takes: true, mistakes: false });
  expect(keys).toBeLessThan(file.length * 0.6);
  expect(calls / keys).toBeLessThan(0.2);
  expect(answered / keys).toBeGreaterThan(0.5);
  expect(acceptedAndMore / accepted).toBeGreaterThan(0.25);
});

test('somebody who types everything, with mistakes: the same', async () => {
  const { keys, calls, answered } = await typeFile({ takes: false, mistakes: true });
  expect(keys).toBeGreaterThan(900);
  expect(calls / keys).toBeLessThan(0.15);
  expect(answered / keys).toBeGreaterThan(0.5);
});

test('a keystroke costs in a file of 20,000 lines what it costs in one of 200', async () => {
  const small = keysIn(200);
  const large = keysIn(20_000);
  const tookMs = { small: [] as number[], large: [] as number[] };
  for (let key = 0; key < 1000; key += 1) {
    tookMs.small.push(await small.next());
    tookMs.large.push(await large.next());
  }
  expect(large.calls()).toBeGreaterThan(200); // so what is remembered is as much as ever is
  // Work that grows with the file would take a hundred times as long.
  expect(median(tookMs.large)).toBeLessThan(10 * median(tookMs.small));
});

/** Keys at line ends all over a file; each takes so many ms of the editor's time. */
function keysIn(lineCount: number) {
  const lines = Array.from(
    { length: lineCount },
    (_, index) => `export const value${index} = compute(first, [${index}])`,
  );
  const text = `${lines.join('\n')}\n`;
  const model = new ScriptedAsk();
  model.onCall = (call) => {
    call.write(';\n');
    call.end();
  };
  const suggester = new Suggester({
    ask: model.ask,
    settings: () => ({ enabled: true, trigger: 'automatic', disabledLanguages: [], pausedUntilMs: undefined }),
    model: () => ({ id: 'm', hasInfillTokens: true, prefillTokPerS: 40, decodeTokPerS: 15, contextTokens: 2048 }),
    readAhead: () => undefined,
    clock: new FakeClock(),
    log: new LogLines(),
  });
  onTestFinished(() => suggester.dispose());
  let key = 0;
  return {
    calls: () => model.calls.length,
    async next(): Promise<number> {
      const cursorOffset = text.indexOf('\n', (key * 7919) % (text.length - 1));
      key += 1;
      const snapshot = { uri: 'a', language: 'typescript', version: key, text, cursorOffset };
      const startMs = performance.now();
      const answer = suggester.suggest(snapshot, 'automatic', { cursors: 1 }, new AbortController().signal);
      const tookMs = performance.now() - startMs;
      expect(await answer).toMatchObject({ kind: 'suggestion', text: ';' });
      return tookMs;
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
