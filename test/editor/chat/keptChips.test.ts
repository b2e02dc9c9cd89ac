import { describe, expect, it, onTestFinished } from 'vitest';
import { Chips } from '../../../src/editor/chat/chips.ts';
import { gather, type GatherNeeds, type Source } from '../../../src/editor/chat/context/gather.ts';
import { KeptChips, lostWords, type Kept } from '../../../src/editor/chat/keptChips.ts';
import { reader, repo, uri } from '../../support/chatContext.ts';
import { FakeFiles } from '../../support/vscodeFiles.ts';

const file = (name: string): Source => ({ kind: 'file', uri: uri(`${repo}/${name}`) });
/** `two\nth` of a file of four lines. */
const selection: Source = {
  kind: 'selection',
  piece: { uri: `${repo}/a.ts`, label: 'a.ts', lines: [1, 2], column: 4, language: 'typescript', text: 'two\nth' },
};

/** Windows one after the other, with what outlives them. */
function windows() {
  const files = new FakeFiles().open(repo).set(`${repo}/a.ts`, 'one two\nthree\nfour\n').set(`${repo}/b.ts`, 'bee');
  const stays = new Map<string, string>();
  const kept: { value: unknown } = { value: undefined };
  const open = () => {
    let ids = 0;
    const chips = new Chips({
      gather: (source) => gather(reader(files) as GatherNeeds, source),
      count: (texts) => Promise.resolve(texts.map((text) => text.length)),
      keptBack: (each) => Promise.resolve(stays.get(each)),
      newId: () => String((ids += 1)),
    });
    const memory = {
      get: () => kept.value,
      set: (value: readonly Kept[]) => void (kept.value = JSON.parse(JSON.stringify(value))),
    };
    const keptChips = new KeptChips({ chips, memory, uriOf: uri });
    onTestFinished(() => {
      keptChips.dispose();
      chips.dispose();
    });
    const shown = () => chips.views.map(({ name, state, why }) => [name, state, ...(why === undefined ? [] : [why])]);
    const sent = () => chips.attachments.map(({ kind, parts }) => [kind, parts.map(({ text }) => text).join()]);
    return {
      chips,
      keptChips,
      shown,
      sent,
      idOf: (name: string) => chips.views.find((each) => each.name === name)?.id ?? '',
    };
  };
  return { open, files, stays, kept };
}

describe('after a reload', () => {
  it('what was attached is attached again, once, in its order', async () => {
    const { open } = windows();
    const { chips } = open();
    const search: Source = { kind: 'search', uri: uri(`${repo}/a.ts`), lines: [2, 3] };
    for (const source of [file('b.ts'), selection, search]) await chips.add(source);
    const after = open();
    expect(await after.keptChips.restore()).toEqual([]);
    const all = [
      ['file', 'bee'],
      ['selection', 'two\nth'],
      ['search', 'three\nfour'],
    ];
    expect(after.sent()).toEqual(all);
    await after.keptChips.restore();
    await after.chips.offer(selection);
    expect(after.sent()).toEqual(all);
    expect(after.shown()).toHaveLength(3);
  });

  it('it says so of what is gone, changed, or may not be sent any more', async () => {
    const { open, files, stays } = windows();
    const { chips } = open();
    for (const source of [file('b.ts'), file('a.ts'), selection]) await chips.add(source);
    files.entries.delete(`${repo}/b.ts`);
    files.set(`${repo}/a.ts`, 'one too\nthree\n');
    const after = open();
    stays.set(`${repo}/a.ts`, 'stays here: policy.json has "a.ts"');
    await after.keptChips.restore();
    expect(after.shown()).toEqual([
      ['b.ts', 'keptBack', 'it is not there any more.'],
      ['a.ts', 'keptBack', 'it stays here: policy.json has "a.ts".'],
      ['a.ts:1-2', 'keptBack', 'a.ts has changed since it was selected.'],
    ]);
  });

  it('what was sent, taken away, only offered, or of another conversation is not there', async () => {
    const { open, kept } = windows();
    const { chips, idOf } = open();
    await chips.add(file('a.ts'));
    await chips.takeAll();
    await chips.add(file('b.ts'));
    chips.remove(idOf('b.ts'));
    await chips.offer(selection);
    expect(kept.value).toEqual([]);
    await chips.add(file('a.ts'));
    const after = open();
    after.keptChips.forget();
    await after.keptChips.restore();
    expect([after.shown(), kept.value]).toEqual([[], []]);
  });

  it('what is added before the chat is shown stands behind it', async () => {
    const { open } = windows();
    await open().chips.add(file('a.ts'));
    const { chips, keptChips, shown } = open();
    await chips.add(file('b.ts'));
    await keptChips.restore();
    expect(shown().map(([name]) => name)).toEqual(['a.ts', 'b.ts']);
    const after = open();
    await after.keptChips.restore();
    expect(after.shown()).toEqual(shown());
  });

  it('a changed selection has its text; what is the text of a file is not kept, and named', async () => {
    const { open, kept } = windows();
    const { chips, idOf } = open();
    for (const source of [selection, file('b.ts')]) await chips.add(source);
    chips.edit(idOf('a.ts:1-2'), 'mine');
    chips.edit(idOf('b.ts'), 'secret');
    expect(JSON.stringify(kept.value)).not.toMatch(/secret|bee|two|three/);
    const after = open();
    const lost = await after.keptChips.restore();
    expect(after.sent()).toEqual([['selection', 'mine']]);
    expect(lostWords(lost)).toContain('over the reload: b.ts.');
  });

  it('of a selection that is longer than is kept, and of chips beyond fifty, only names are there', async () => {
    const { open } = windows();
    const { chips, idOf } = open();
    await chips.add(selection);
    chips.edit(idOf('a.ts:1-2'), 'x'.repeat(20_001));
    for (let index = 0; index < 50; index += 1) await chips.add(file(`${index}.ts`));
    const after = open();
    expect(await after.keptChips.restore()).toEqual(['a.ts:1-2', '49.ts']);
    expect(after.shown()).toHaveLength(49);
  });

  it.each([
    ['nothing', undefined],
    ['no list', { kind: 'file', uri: `${repo}/a.ts` }],
    ['a kind that there is not', [{ kind: 'web', uri: 'https://example.com' }]],
    ['rules, which the user has to have seen', [{ kind: 'rules', uri: `${repo}/AGENTS.md` }]],
    ['lines that are none', [{ kind: 'search', uri: `${repo}/a.ts`, lines: ['1', 2] }]],
    ['a selection of nothing known', [{ kind: 'selection', uri: `${repo}/a.ts`, label: 'a.ts', lines: [1, 2] }]],
    ['a file of nowhere', [{ kind: 'file' }]],
    ['too many', Array.from({ length: 101 }, () => ({ kind: 'diff' }))],
  ])('%s is no chips', async (_, value) => {
    const { open, kept } = windows();
    kept.value = value;
    const { keptChips, shown } = open();
    expect(await keptChips.restore()).toEqual([]);
    expect(shown()).toEqual([]);
  });
});
