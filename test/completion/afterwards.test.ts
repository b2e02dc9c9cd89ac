import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Afterwards, keptAfterMs, type Afterward } from '../../src/completion/afterwards.ts';
import { FakeClock } from '../support/clock.ts';

const uri = 'file:///a.ts';
const origin = { modelId: 'm', requestId: 'r', endsAt: 10 };

let clock: FakeClock;
let told: Afterward[];
let afterwards: Afterwards;
/** The document and its text; `undefined`: not open. */
let text: string | undefined;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  text = '';
  afterwards = new Afterwards({
    clock,
    textIn: (_uri, { start, end }) => text?.slice(start, end),
    report: (afterward) => told.push(afterward),
  });
});

afterEach(() => {
  afterwards.dispose();
  expect(clock.waiting).toBe(0);
});

/** Edits the document as the editor tells it. */
function edit(offset: number, length: number, fresh: string, isUndo = false): void {
  text = (text ?? '').slice(0, offset) + fresh + (text ?? '').slice(offset + length);
  afterwards.edit(uri, [{ offset, length, text: fresh }], isUndo);
}

/** What stands in the document is offered to be continued at its end. */
function offer(fresh: string, more: Partial<typeof origin> = {}): string {
  const offset = (text ?? '').length;
  const id = afterwards.offer({ origin: { ...origin, ...more }, uri, language: 'typescript', offset, text: fresh });
  return id ?? 'none';
}

/** Tab: the editor inserts the suggestion and says so. */
function takeAll(fresh: string, more?: Partial<typeof origin>): void {
  const id = offer(fresh, more);
  edit((text ?? '').length, 0, fresh);
  afterwards.accept(id);
}

const kinds = () => told.map((each) => (each.kind === 'accepted' ? `${each.how} ${each.chars}` : each.kind));
const judged = () => told.flatMap((each) => (each.kind === 'judged' ? [each] : []));

describe('what was offered', () => {
  it('counts once, however often it is offered again while it is typed through', () => {
    offer('const x');
    edit(0, 0, 'c');
    offer('onst x');
    offer('next', { endsAt: 20 });
    expect(told).toMatchObject([
      { kind: 'offered', modelId: 'm', language: 'typescript', count: 1 },
      { kind: 'offered' },
    ]);
  });

  it('is not counted where nobody knows its request', () => {
    const unknown = { ...origin, requestId: undefined };
    expect(afterwards.offer({ origin: unknown, uri, language: 'x', offset: 0, text: 'a' })).toBeUndefined();
    expect(told).toEqual([]);
  });
});

describe('what was taken', () => {
  it('is told with its request, its model and its size', () => {
    takeAll('const x = 1;\n\nconst y = 2;');
    expect(told.at(-1)).toEqual({
      kind: 'accepted',
      atMs: clock.now(),
      id: 'r.10',
      requestId: 'r',
      modelId: 'm',
      language: 'typescript',
      how: 'whole',
      lines: 2,
      chars: 26,
    });
  });

  it('is the rest where the beginning was typed', () => {
    const id = offer('const x');
    for (const key of 'con') edit((text ?? '').length, 0, key);
    edit(3, 0, 'st x');
    afterwards.accept(id);
    expect(kinds()).toEqual(['offered', 'whole 4']);
  });

  it('in words counts as taken in part, and as a whole once nothing is left', () => {
    const id = offer('const x = 1;');
    edit(0, 0, 'const');
    edit(5, 0, ' x');
    edit(7, 0, ' = 1;');
    afterwards.accept(id);
    expect(kinds()).toEqual(['offered', 'part 5', 'part 7', 'whole 12']);
  });

  it.each<[string, string, () => void]>([
    ['typed key by key', 'const x', () => [...'const'].forEach((key, at) => edit(at, 0, key))],
    ['closed by the editor', '();', () => edit(0, 0, '()')],
    ['put back by undo', 'const x', () => edit(0, 0, 'const', true)],
    ['written over something', 'const x', () => edit(0, 1, 'const')],
    ['written elsewhere', 'const x', () => edit(1, 0, 'const')],
    ['something else', 'const x', () => edit(0, 0, 'let x')],
  ])('is not what was %s', (_what, offered, act) => {
    offer(offered);
    text = 'z';
    act();
    expect(kinds()).toEqual(['offered']);
  });

  it('is nothing the editor was not offered, or long ago', () => {
    const id = offer('a');
    for (let index = 0; index < 8; index += 1) offer('b', { endsAt: 100 + index });
    told = [];
    afterwards.accept(id);
    afterwards.accept('other');
    expect(told).toEqual([]);
  });
});

describe('what was left', () => {
  it('is told after five minutes, wherever it stands by then', async () => {
    takeAll('const x = 1;\nconst y = 2;');
    edit(0, 0, '// above\n');
    edit('// above\nconst x = 1;\n'.length, 'const y = 2;'.length, 'something else');
    await clock.advance(keptAfterMs - 1);
    expect(judged()).toEqual([]);
    await clock.advance(1);
    expect(judged()).toMatchObject([{ id: 'r.10', when: 'due', afterMs: keptAfterMs, keptLines: 1 }]);
  });

  it('of several is told for each at its own time', async () => {
    takeAll('one();\n');
    await clock.advance(60_000);
    takeAll('two();\n', { requestId: 's' });
    edit(0, 7, '');
    await clock.advance(keptAfterMs - 60_000);
    expect(judged()).toMatchObject([{ id: 'r.10', keptLines: 0 }]);
    await clock.advance(60_000);
    expect(judged()).toMatchObject([{ id: 'r.10' }, { id: 's.10', keptLines: 1 }]);
  });

  it('of one that was taken in words is of all of them, five minutes after the last', async () => {
    const id = offer('const x = 1;');
    edit(0, 0, 'const');
    await clock.advance(60_000);
    edit(5, 0, ' x = 1;');
    afterwards.accept(id);
    edit(0, 5, 'return something that is much longer');
    await clock.advance(keptAfterMs);
    expect(judged()).toMatchObject([{ afterMs: keptAfterMs, keptLines: 0 }]);
  });

  it('is nothing after an undo, and all of it after a redo', async () => {
    takeAll('const x = 1;');
    edit(0, 12, '', true);
    edit(0, 0, 'const x = 1;', true);
    await clock.advance(keptAfterMs);
    expect(judged()).toMatchObject([{ keptLines: 1 }]);
  });

  it('is told when its document is closed, if that was saved, else unknown', () => {
    takeAll('const x = 1;');
    afterwards.noteSaved(uri);
    afterwards.close(uri, ({ start, end }) => (text ?? '').slice(start, end));
    expect(judged()).toMatchObject([{ when: 'closed', keptLines: 1 }]);
    takeAll('const y = 1;', { requestId: 's' });
    afterwards.noteSaved(uri);
    edit(0, 0, 'not saved');
    afterwards.close(uri, ({ start, end }) => (text ?? '').slice(start, end));
    expect(judged().at(-1)).toMatchObject({ id: 's.10', when: 'closed', keptLines: undefined });
  });

  it('is not followed where the editor put something else there', async () => {
    const id = offer('const x');
    edit(0, 0, 'Const X');
    afterwards.accept(id);
    await clock.advance(keptAfterMs);
    expect(kinds()).toEqual(['offered', 'whole 7']);
  });

  it('is told of what several edits at once moved', async () => {
    text = 'head\n';
    takeAll('const x = 1;');
    text = 'HEAD\n\n\nconst x = 1;// end';
    const edits = [
      { offset: 17, length: 0, text: '// end' },
      { offset: 4, length: 0, text: '\n\n' },
      { offset: 0, length: 4, text: 'HEAD' },
    ];
    afterwards.edit(uri, edits, false);
    await clock.advance(keptAfterMs);
    expect(judged()).toMatchObject([{ keptLines: 1 }]);
  });

  it('is forgotten when everything is', async () => {
    takeAll('const x');
    afterwards.forget();
    await clock.advance(keptAfterMs);
    expect(judged()).toEqual([]);
  });
});
