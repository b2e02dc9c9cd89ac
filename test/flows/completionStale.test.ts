/**
 * Random editing against a model that answers late, in pieces, out of order and after it was stopped: whatever comes
 * out extends the document it was asked for, with text the model wrote for exactly that document.
 *
 * 3,000 edits in every run, 100,000 with PADDOCK_SOAK=1.
 */
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/completion/snapshot.ts';
import { Suggester, type Outcome } from '../../src/completion/suggest.ts';
import type { Ask, Chunk } from '../../src/models/model.ts';
import { Chance } from '../support/chance.ts';
import { FakeClock, settle } from '../support/clock.ts';
import { LogLines } from '../support/log.ts';

const edits = process.env.PADDOCK_SOAK === '1' ? 100_000 : 3000;

interface Written {
  readonly snapshot: Snapshot;
  readonly answer: string;
}

/** One editor, one model, and everything that happened between them. */
class World {
  readonly clock = new FakeClock();
  readonly chance: Chance;
  readonly written: Written[] = [];
  readonly suggester: Suggester;
  snapshot: Snapshot = { uri: 'a', language: 'typescript', version: 1, text: 'top();\n\nend();\n', cursorOffset: 7 };
  shown: Outcome | undefined;
  readonly failures: unknown[] = [];
  counts = { suggestions: 0, recalled: 0, joined: 0, superseded: 0 };
  /** The snapshot that is being asked about. */
  private asking: Snapshot | undefined;
  private call = new AbortController();

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.suggester = new Suggester({
      ask: this.ask,
      settings: () => ({ enabled: true, trigger: 'automatic', disabledLanguages: [], pausedUntilMs: undefined }),
      model: () => ({ id: 'm', hasInfillTokens: true, prefillTokPerS: 100, decodeTokPerS: 20, contextTokens: 2048 }),
      readAhead: () => undefined,
      clock: this.clock,
      log: new LogLines(),
    });
  }

  /** A model that writes in pieces, some time later; half the time it does not care that it was stopped. */
  private readonly ask: Ask = (_, request, signal) => {
    const { chance, clock } = this;
    if (request.kind !== 'infill') throw new Error('completions ask for infill');
    const snapshot = this.snapshotAt(request.line);
    const pieces = Array.from({ length: 1 + chance.below(6) }, () =>
      chance.pick(['a', 'b', 'ab', '(', ')', ';', ' ', '\n', '\n  ', '{', '}', '🐎']),
    );
    this.written.push({ snapshot, answer: pieces.join('') });
    const isStubborn = chance.below(2) === 0;
    return (async function* (): AsyncGenerator<Chunk> {
      for (const text of pieces) {
        await new Promise<void>((resolve) => void clock.schedule(chance.below(90), resolve));
        if (signal.aborted && !isStubborn) throw Object.assign(new Error('stopped'), { name: 'AbortError' });
        yield { kind: 'text', text };
      }
    })();
  };

  /** Requests begin while a snapshot is asked about, or later for the newest that was. */
  private snapshotAt(line: string): Snapshot {
    const { asking } = this;
    if (asking === undefined || !asking.text.slice(0, asking.cursorOffset).endsWith(line)) throw new Error('lost');
    return asking;
  }

  /** One random thing a user does. */
  edit(): void {
    const { text, cursorOffset } = this.snapshot;
    const rest = this.shown?.kind === 'suggestion' ? this.shown : undefined;
    switch (this.chance.below(13)) {
      case 0:
      case 1:
        return this.change(cursorOffset, cursorOffset, this.chance.pick(['a', 'b', '(', ' ', ';', '\n', '\n  ', '{']));
      case 2:
      case 3:
      case 4:
      case 5:
        return this.change(cursorOffset, cursorOffset, characters(rest?.text ?? 'a', 1));
      case 6:
        return this.change(cursorOffset, rest?.replaceUntilOffset ?? cursorOffset, rest?.text ?? 'b');
      case 7:
        return this.change(cursorOffset, cursorOffset, characters(rest?.text ?? 'ab', 3));
      case 8:
        return this.change(betweenCharacters(text, cursorOffset - 1), cursorOffset, '');
      case 9:
        return this.change(cursorOffset, cursorOffset, '()', 1);
      case 10:
        return this.change(cursorOffset, cursorOffset, this.chance.pick(['\nq', 'q();', ' q)']), 0);
      case 11: {
        const moved = betweenCharacters(text, this.chance.below(text.length + 1));
        this.snapshot = { ...this.snapshot, cursorOffset: moved };
        return;
      }
      default: {
        const above = text.length > 400 ? text.slice(200) : `//\n${text}`;
        const offset = betweenCharacters(above, cursorOffset + above.length - text.length);
        this.snapshot = { ...this.snapshot, text: above, cursorOffset: offset };
        return this.change(offset, offset, '');
      }
    }
  }

  private change(start: number, end: number, insert: string, cursorIn = insert.length): void {
    const { text, version, uri } = this.snapshot;
    const kind = insert === '' ? 'backward' : 'forward';
    this.snapshot = {
      ...this.snapshot,
      text: text.slice(0, start) + insert + text.slice(end),
      cursorOffset: start + cursorIn,
      version: version + 1,
    };
    this.suggester.noteEdit({ uri, version: version + 1, kind });
  }

  /** Asks about the document as it is; the older call is cancelled, or not. */
  suggest(): void {
    if (this.chance.below(5) > 0) this.call.abort();
    this.call = new AbortController();
    const { snapshot, call } = this;
    this.asking = snapshot;
    this.shown = undefined;
    const why = this.chance.below(8) === 0 ? 'invoked' : 'automatic';
    const answered = this.suggester.suggest(snapshot, why, { cursors: 1 }, call.signal).then((outcome) => {
      this.check(snapshot, outcome);
      if (snapshot === this.snapshot && !call.signal.aborted) this.shown = outcome;
    });
    answered.catch((error: unknown) => this.failures.push(error));
  }

  private check(snapshot: Snapshot, outcome: Outcome): void {
    if (outcome.kind === 'none') {
      if (outcome.reason === 'superseded') this.counts.superseded += 1;
      return;
    }
    this.counts.suggestions += 1;
    if (outcome.from === 'recall') this.counts.recalled += 1;
    if (outcome.from === 'flight') this.counts.joined += 1;
    const { text, cursorOffset } = snapshot;
    const replaced = text.slice(cursorOffset, outcome.replaceUntilOffset);
    const before = text.slice(0, cursorOffset);
    expect(outcome.text.trim()).not.toBe('');
    expect(outcome.text.isWellFormed()).toBe(true);
    expect(replaced).not.toContain('\n');
    expect(isInOrder(replaced, outcome.text), `${JSON.stringify(replaced)} in ${outcome.text}`).toBe(true);
    const isWritten = this.written.some(
      (each) =>
        wholeOf(each).startsWith(before + outcome.text) &&
        before.startsWith(beforeOf(each.snapshot)) &&
        afterOf(each.snapshot) === afterOf(snapshot),
    );
    expect(isWritten, `${JSON.stringify(before)} + ${JSON.stringify(outcome.text)}`).toBe(true);
  }
}

/** The first characters, none of them split. */
function characters(text: string, count: number): string {
  return [...text].slice(0, count).join('');
}

/** The offset, or the one before where it would split a character. */
function betweenCharacters(text: string, offset: number): number {
  const isSplit = /[\udc00-\udfff]/.test(text[offset] ?? '');
  return Math.max(0, isSplit ? offset - 1 : offset);
}

function beforeOf({ text, cursorOffset }: Snapshot): string {
  return text.slice(0, cursorOffset);
}

/** Whether all characters of the one text come in the other, in their order: the editor can show no other change. */
function isInOrder(few: string, text: string): boolean {
  let from = 0;
  for (const each of few) {
    from = text.indexOf(each, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

/** What follows the cursor, without what an editor closes by itself. */
function afterOf({ text, cursorOffset }: Snapshot): string {
  return text
    .slice(cursorOffset)
    .replaceAll(/[\s)\]}'"`>;,]/g, '')
    .slice(0, 100);
}

function wholeOf({ snapshot, answer }: Written): string {
  return beforeOf(snapshot) + answer;
}

test(`over ${edits} random edits no suggestion is stale`, { timeout: 600_000 }, async () => {
  const totals = { suggestions: 0, recalled: 0, joined: 0, superseded: 0 };
  for (let round = 0; round * 100 < edits; round += 1) {
    const world = new World(1 + round * 7919);
    for (let step = 0; step < 100; step += 1) {
      world.edit();
      if (world.chance.below(4) > 0) world.suggest();
      await world.clock.advance(world.chance.pick([0, 10, 40, 120, 300]));
    }
    world.suggester.dispose();
    await settle();
    expect(world.failures.slice(0, 1)).toEqual([]);
    for (const key of ['suggestions', 'recalled', 'joined', 'superseded'] as const) totals[key] += world.counts[key];
  }
  // The test is worth something only where all of it happens.
  expect(totals.suggestions).toBeGreaterThan(edits / 20);
  expect(totals.recalled).toBeGreaterThan(edits / 100);
  expect(totals.joined).toBeGreaterThan(edits / 1000);
  expect(totals.superseded).toBeGreaterThan(edits / 20);
});
