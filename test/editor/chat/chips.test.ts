import { describe, expect, it, onTestFinished } from 'vitest';
import { Chips, type ChipsNeeds } from '../../../src/editor/chat/chips.ts';
import type { Source } from '../../../src/editor/chat/context/gather.ts';
import type { Gathered, Piece } from '../../../src/editor/chat/context/piece.ts';
import { repo, uri } from '../../support/chatContext.ts';
import { settle } from '../../support/clock.ts';

const file = (name: string): Source => ({ kind: 'file', uri: uri(`${repo}/${name}`) });
const piece = (name: string, text: string): Piece => ({ uri: `${repo}/${name}`, label: name, text });
const selection = (text: string, line = 3): Source => ({
  kind: 'selection',
  piece: { ...piece('a.ts', text), lines: [line, line + 1] },
});

/** @param texts what is in the files now, by name; `undefined`: it is no text. */
function chipsOn(texts: Record<string, string | undefined> = {}, gatherOther?: ChipsNeeds['gather']) {
  const kept = new Map<string, string>();
  let ids = 0;
  const gather = (source: Source): Promise<Gathered> => {
    if (source.kind === 'selection' && !('sha256' in source))
      return Promise.resolve({ pieces: [source.piece], missing: [] });
    if (source.kind === 'folder') {
      const all = Object.entries(texts);
      const pieces = all.flatMap(([name, text]) => (text === undefined ? [] : [piece(name, text)]));
      const missing = all.flatMap(([label, text]) => (text === undefined ? [{ label, why: 'is no text' }] : []));
      return Promise.resolve({ pieces, missing });
    }
    const name = 'uri' in source ? String(source.uri?.path.split('/').at(-1)) : '';
    const text = texts[name];
    return Promise.resolve(
      text === undefined
        ? { pieces: [], missing: [{ label: name, why: 'is no text' }] }
        : { pieces: [piece(name, text)], missing: [] },
    );
  };
  const keptBack = (each: string) => Promise.resolve(kept.get(each.slice(repo.length + 1)));
  const count = (all: readonly string[]) => Promise.resolve(all.map((text) => text.length));
  const chips = new Chips({ gather: gatherOther ?? gather, keptBack, count, newId: () => String((ids += 1)) });
  onTestFinished(() => chips.dispose());
  const shown = () => chips.views.map(({ name, state, tokens }) => [name, state, tokens]);
  const idOf = (name: string): string => chips.views.find((each) => each.name === name)?.id ?? 'none';
  return { chips, shown, idOf, kept };
}

describe('a chip', () => {
  it('has the size of its text, and none until that is read', async () => {
    const { chips, shown } = chipsOn({ 'a.ts': 'four' });
    const added = chips.add(file('a.ts'));
    expect(shown()).toEqual([['a.ts', 'attached', undefined]]);
    await added;
    expect(shown()).toEqual([['a.ts', 'attached', 4]]);
  });

  it('is there once, however often it is added', async () => {
    const { chips } = chipsOn({ 'a.ts': 'x' });
    await Promise.all([chips.add(file('a.ts')), chips.add(file('a.ts'))]);
    expect(chips.views).toHaveLength(1);
  });

  it('is read again when it is sent, and gone then', async () => {
    const texts: Record<string, string> = { 'a.ts': 'old' };
    const { chips } = chipsOn(texts);
    await chips.add(file('a.ts'));
    texts['a.ts'] = 'newer';
    const { attachments, missing } = await chips.takeAll();
    expect(attachments.map(({ parts, tokens }) => [parts[0]?.text, tokens])).toEqual([['newer', 5]]);
    expect(missing).toEqual([]);
    expect(chips.views).toEqual([]);
  });

  it('that a rule keeps here says which, and is not sent', async () => {
    const { chips, kept } = chipsOn({ '.env': 'KEY=1' });
    kept.set('.env', 'stays here: policy.json has ".env"');
    await chips.add(file('.env'));
    expect(chips.views[0]).toMatchObject({ state: 'keptBack', why: 'it stays here: policy.json has ".env".' });
    expect(await chips.takeAll()).toMatchObject({
      attachments: [],
      missing: ['.env stays here: policy.json has ".env".'],
    });
  });

  it('stays here where a rule keeps any of the documents it may be of', async () => {
    const whole = { ...piece('changes', '+KEY=1'), mayBeOf: [`${repo}/a.ts`, `${repo}/.env`] };
    const gather = () => Promise.resolve({ name: 'staged changes', pieces: [whole], missing: [] });
    const { chips, kept } = chipsOn({}, gather);
    await chips.add({ kind: 'diff' });
    expect(chips.views[0]).toMatchObject({ name: 'staged changes', state: 'attached' });
    expect(chips.attachments[0]?.parts[0]?.mayBeOf).toEqual([`${repo}/a.ts`, `${repo}/.env`]);
    kept.set('.env', 'stays here');
    expect(await chips.takeAll()).toMatchObject({ attachments: [], missing: ['changes stays here.'] });
  });

  it('of a folder sends what may be sent of it, and names the rest', async () => {
    const { chips, kept } = chipsOn({ 'a.ts': 'a', '.env': 'KEY=1' });
    kept.set('.env', 'stays here: policy.json has ".env"');
    await chips.add({ kind: 'folder', uri: uri(repo) });
    expect(chips.views[0]).toMatchObject({ state: 'attached', tokens: 1, name: 'repo/', isEditable: false });
    expect(chips.views[0]?.hover).toBe('a.ts\n.env stays here: policy.json has ".env".');
    expect(chips.views[0]?.why).toBe('.env stays here: policy.json has ".env".');
  });

  it('of a folder names at most three of what is not sent, what a rule keeps here first', async () => {
    const { chips, kept } = chipsOn({
      'logo.png': undefined,
      'icon.png': undefined,
      'mark.png': undefined,
      '.env': 'KEY',
    });
    kept.set('.env', 'stays here');
    await chips.add({ kind: 'folder', uri: uri(repo) });
    expect(chips.views[0]?.why).toBe('.env stays here. logo.png is no text. icon.png is no text. And 1 more.');
  });

  it('follows the rules when they change', async () => {
    const { chips, kept, shown } = chipsOn({ 'a.sql': 'x' });
    await chips.add(file('a.sql'));
    kept.set('a.sql', 'stays here');
    await chips.refresh();
    expect(shown()).toEqual([['a.sql', 'keptBack', 0]]);
  });

  it('of what is no text says so', async () => {
    const { chips } = chipsOn();
    await chips.add(file('logo.png'));
    expect(chips.views[0]).toMatchObject({ state: 'keptBack', why: 'it is no text.', isEditable: false });
  });

  it('that was changed is counted anew', async () => {
    const { chips, idOf, shown } = chipsOn({ 'a.ts': 'text' });
    await chips.add(file('a.ts'));
    chips.edit(idOf('a.ts'), 'longer text');
    expect(shown()).toEqual([['a.ts', 'attached', undefined]]);
    await settle();
    expect(shown()).toEqual([['a.ts', 'attached', 11]]);
  });

  it('can be changed where it is one text, and then that is sent', async () => {
    const { chips, idOf } = chipsOn({ 'a.ts': 'text' });
    await chips.add(file('a.ts'));
    expect(chips.textOf(idOf('a.ts'))).toBe('text');
    chips.edit(idOf('a.ts'), 'mine');
    const { attachments } = await chips.takeAll();
    expect(attachments[0]?.parts[0]?.text).toBe('mine');
  });

  it.each([
    ['an override of the direction', 'a\u202eb', true],
    ['tag characters', 'a\u{e0041}', true],
    ['a joined picture', '👩‍👩‍👧', false],
  ])('with %s in it', async (_, text, hasHiddenCharacters) => {
    const { chips } = chipsOn({ 'a.ts': text });
    await chips.add(file('a.ts'));
    expect(chips.views[0]).toMatchObject({ hasHiddenCharacters });
  });
});

describe('what is attached while all is taken', () => {
  it('stays for the next question', async () => {
    const { chips, shown } = chipsOn({ 'a.ts': 'a', 'b.ts': 'b' });
    await chips.add(file('a.ts'));
    const taking = chips.takeAll();
    const adding = chips.add(file('b.ts'));
    expect((await taking).attachments.map(({ name }) => name)).toEqual(['a.ts']);
    await adding;
    expect(shown()).toEqual([['b.ts', 'attached', 1]]);
  });

  it('is waited for where it was being looked for before', async () => {
    const { chips, shown } = chipsOn({ 'a.ts': 'a', 'b.ts': 'b' });
    const search = Promise.withResolvers<readonly Source[]>();
    const adding = chips.addFound(search.promise);
    const taking = chips.untilFound().then(() => chips.takeAll());
    search.resolve([file('a.ts'), file('b.ts')]);
    expect((await taking).attachments.map(({ name }) => name)).toEqual(['a.ts', 'b.ts']);
    await adding;
    expect(shown()).toEqual([]);
  });

  it('is not waited for any more where looking for it failed', async () => {
    const { chips } = chipsOn();
    const adding = chips.addFound(Promise.reject(new Error('Canceled')));
    await chips.untilFound();
    await expect(adding).rejects.toThrow('Canceled');
  });
});

it('what was looked for in one conversation is not attached in the next', async () => {
  const { chips, shown } = chipsOn({ 'a.ts': 'a' });
  const search = Promise.withResolvers<readonly Source[]>();
  const adding = chips.addFound(search.promise);
  chips.clear();
  search.resolve([file('a.ts')]);
  await adding;
  expect(shown()).toEqual([]);
});

describe('what is offered', () => {
  it('is not sent until it is taken', async () => {
    const { chips, shown, idOf } = chipsOn();
    await chips.offer(selection('one'));
    expect(shown()).toEqual([['a.ts:3-4', 'offered', 3]]);
    expect(chips.attachments).toEqual([]);
    chips.take(idOf('a.ts:3-4'));
    expect(shown()).toEqual([['a.ts:3-4', 'attached', 3]]);
    expect(chips.attachments).toHaveLength(1);
  });

  it('gives way to the next, and goes when there is none', async () => {
    const { chips, shown } = chipsOn();
    await chips.offer(selection('one'));
    await chips.offer(selection('two', 7));
    expect(shown()).toEqual([['a.ts:7-8', 'offered', 3]]);
    await chips.offer(undefined);
    expect(shown()).toEqual([]);
  });

  it('is not offered again once it was taken away or is attached', async () => {
    const { chips, shown, idOf } = chipsOn();
    await chips.offer(selection('one'));
    chips.remove(idOf('a.ts:3-4'));
    await chips.offer(selection('one'));
    expect(shown()).toEqual([]);
    await chips.add(selection('one'));
    await chips.offer(selection('one'));
    expect(shown()).toEqual([['a.ts:3-4', 'attached', 3]]);
  });

  it('stays when what is attached is sent', async () => {
    const { chips, shown } = chipsOn({ 'b.ts': 'b' });
    await chips.offer(selection('one'));
    await chips.add(file('b.ts'));
    await chips.takeAll();
    expect(shown()).toEqual([['a.ts:3-4', 'offered', 3]]);
  });
});

describe('what is attached by itself', () => {
  const rules: Source = { kind: 'rules', uri: uri(`${repo}/AGENTS.md`) };

  it('stays away once it was taken away, until the next conversation', async () => {
    const { chips, shown, idOf } = chipsOn({ 'AGENTS.md': 'rules' });
    await chips.attachByItself(rules);
    chips.remove(idOf('AGENTS.md'));
    await chips.attachByItself(rules);
    expect(shown()).toEqual([]);
    chips.clear();
    await chips.attachByItself(rules);
    expect(shown()).toEqual([['AGENTS.md', 'attached', 5]]);
  });

  it('can be offered only: it stays beside what is selected, and goes along once it is taken', async () => {
    const { chips, shown, idOf } = chipsOn({ 'AGENTS.md': 'rules' });
    await chips.offerByItself(rules);
    await chips.offer(selection('one'));
    await chips.offer(undefined);
    await chips.offerByItself(rules);
    expect(shown()).toEqual([['AGENTS.md', 'offered', 5]]);
    expect(chips.attachments).toEqual([]);
    chips.take(idOf('AGENTS.md'));
    expect(chips.attachments).toHaveLength(1);
    chips.remove(idOf('AGENTS.md'));
    await chips.offerByItself(rules);
    expect(shown()).toEqual([]);
  });
});
