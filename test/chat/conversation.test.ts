import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thisHolder } from '../../src/base/holder.ts';
import { Chance } from '../support/chance.ts';
import { clockOf, exchange, file, llama, openChats, question, shownIn } from '../support/chats.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { outputOf, source, startNode } from '../support/nodeChild.ts';

const journalsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
const linesIn = (folder: string) =>
  journalsIn(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));

/** The conversation as a window finds it that is opened now. */
function readAgain(folder: string, id: string) {
  const conversation = openChats(folder, clockOf('f')).chats.find(id);
  if (conversation === undefined) throw new Error('it is not there');
  return conversation;
}

describe('a conversation', () => {
  it('is nothing on disk before something is asked', () => {
    const folder = temporaryFolder();
    openChats(folder).chats.begin();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has a question on disk when asking returns, and the answer within a second', async () => {
    const folder = temporaryFolder();
    const { chats, clock } = openChats(folder);
    const conversation = chats.begin();
    const { id } = conversation.ask(question('why?', file('a.ts', 'const a = 1;')), llama, undefined);
    expect(shownIn(readAgain(folder, conversation.id))).toEqual(['why?: ']);
    conversation.say(id, 'Be', 'hm');
    conversation.say(id, 'cause', '');
    expect(shownIn(readAgain(folder, conversation.id))).toEqual(['why?: ']);
    await (clock as FakeClock).advance(999);
    expect(shownIn(readAgain(folder, conversation.id))).toEqual(['why?: Because']);
    conversation.end(id, { ending: 'finished' });
    expect(readAgain(folder, conversation.id).branch).toEqual(conversation.branch);
    chats.dispose();
    expect((clock as FakeClock).waiting).toBe(0);
  });

  it('is the same after a restart: branches, the one that is shown, title, what was deleted', () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder);
    const conversation = chats.begin();
    const first = exchange(conversation, 'one', '1');
    const second = exchange(conversation, 'two', '2');
    exchange(conversation, 'three', '3');
    conversation.ask(question('zwei'), llama, first.id);
    conversation.show(second.id);
    conversation.deleteTurn(first.id);
    conversation.rename('  Numbers\n ');
    conversation.pin(true);
    const { head, branch, turns } = conversation;
    chats.dispose();
    const again = readAgain(folder, conversation.id);
    expect(shownIn(again)).toEqual(['two: 2', 'three: 3']);
    expect([again.head, again.branch]).toEqual([head, branch]);
    expect(again.turns.map(({ id }) => id)).toEqual(turns.map(({ id }) => id));
    expect(again.head).toMatchObject({ title: 'Numbers', isPinned: true, turnCount: 3 });
    expect(again.versionsOf(second.id)).toHaveLength(2);
  });

  it('shows an answer as interrupted whose window ended, with what had come of it', async () => {
    const folder = temporaryFolder();
    const child = startNode(`
      import { Conversations } from ${source('chat/conversations.ts')};
      import { systemClock } from ${source('base/clock.ts')};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const clock = { ...systemClock, schedule: (ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); } };
      const chats = new Conversations({ folder: ${JSON.stringify(folder)}, clock, log });
      const chat = chats.begin();
      const { id } = chat.ask({ text: 'why?', attachments: [] }, { id: 'm', name: 'M' }, undefined);
      chat.say(id, 'Because', '');
      await new Promise((resolve) => setTimeout(resolve, 700));
      process.stdout.write(chat.id, () => process.kill(process.pid, 'SIGKILL'));`);
    await expect(outputOf(child)).rejects.toThrow('SIGKILL');
    const [name = ''] = journalsIn(folder);
    const { chats } = openChats(folder);
    const conversation = chats.find(name.slice(0, 32));
    const [turn] = conversation?.branch ?? [];
    expect(turn && [turn.text, conversation?.stateOf(turn)]).toEqual(['Because', 'interrupted']);
  });

  it('ends as interrupted what is being answered when its window closes', () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder);
    const conversation = chats.begin();
    const { id } = conversation.ask(question('why?'), llama, undefined);
    conversation.say(id, 'Be', '');
    chats.dispose();
    expect(readAgain(folder, conversation.id).turn(id)).toMatchObject({ text: 'Be', ended: { ending: 'interrupted' } });
  });

  it('takes nothing more into an answer that has ended here, or that another window gives', () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder);
    const conversation = chats.begin();
    const { id } = conversation.ask(question('why?'), llama, undefined);
    conversation.say(id, 'Be', '');
    chats.dispose();
    const there = readAgain(folder, conversation.id);
    for (const each of [conversation, there]) {
      each.didSend(id, { firstTurnId: id, keptChars: {}, leftOut: [] });
      each.didOpen(id, 'r1');
      each.say(id, 'cause', '');
      each.end(id, { ending: 'stopped' });
    }
    expect(journalsIn(folder)).toHaveLength(1);
    expect(readAgain(folder, conversation.id).turn(id)).toMatchObject({
      ...{ text: 'Be', sent: undefined, requestIds: [] },
      ended: { ending: 'interrupted' },
    });
  });

  it('asks nothing while the disk is full, leaves no part of a line on it, and keeps what came', async () => {
    const folder = temporaryFolder();
    // Files may have 4 blocks of 512 bytes.
    const child = startNode(
      `
      import { Conversations } from ${source('chat/conversations.ts')};
      import { systemClock } from ${source('base/clock.ts')};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const chats = new Conversations({ folder: ${JSON.stringify(folder)}, clock: systemClock, log });
      const chat = chats.begin();
      const { id } = chat.ask({ text: 'why?', attachments: [] }, { id: 'm', name: 'M' }, undefined);
      chat.say(id, 'x'.repeat(3000), '');
      const failed = [];
      const attempt = (work) => { try { work(); } catch (error) { failed.push(error.kind); } };
      attempt(() => chat.end(id, { ending: 'finished' }));
      attempt(() => chat.ask({ text: 'more?', attachments: [] }, { id: 'm', name: 'M' }, id));
      console.log(JSON.stringify({ failed, shown: chat.branch.length, text: chat.branch[0].text.length }));`,
      { mostFileBlocks: 4 },
    );
    const printed = JSON.parse(await outputOf(child)) as unknown;
    expect(printed).toEqual({ failed: ['diskFailed', 'diskFailed'], shown: 1, text: 3000 });
    const lines = linesIn(folder).map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(lines).toEqual(['begun', 'asked']);
  });

  it('costs nothing but itself where a line is cut or damaged at any byte', async () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder);
    const conversation = chats.begin();
    for (const name of ['one', 'two', 'three']) exchange(conversation, name, `${name}!`);
    chats.dispose();
    const [name = ''] = journalsIn(folder);
    const whole = readFileSync(join(folder, name));
    const chance = new Chance(3);
    for (let round = 0; round < 300; round += 1) {
      const damaged = Buffer.from(whole);
      const at = chance.below(whole.length);
      damaged[at] = chance.below(256);
      writeFileSync(join(folder, name), round % 2 === 0 ? damaged : whole.subarray(0, at));
      const lost = round % 2 === 0 ? 2 : whole.subarray(at).toString().split('\n').length;
      const again = openChats(folder, clockOf('f')).chats.find(conversation.id);
      if (again === undefined) {
        expect(lost, `byte ${at}`).toBeGreaterThanOrEqual(9);
        const [head] = await openChats(folder, clockOf('f')).chats.list();
        expect(head?.unreadable).toBe(at === 0 ? undefined : 'damaged');
        continue;
      }
      // A question, an answer and its end are a line each; a damaged line break makes two lines one.
      const found = again.turns.flatMap((turn) => [turn.question.text, turn.text, turn.ended?.ending]);
      const right = found.filter((each) => /^(one|two|three)!?$|^finished$/.test(each ?? ''));
      expect(right.length, `byte ${at}`).toBeGreaterThanOrEqual(9 - lost);
      expect(() => exchange(again, 'four', 'four!')).not.toThrow();
      expect(shownIn(readAgain(folder, conversation.id)).at(-1)).toBe('four: four!');
      for (const other of journalsIn(folder)) if (other !== name) rmSync(join(folder, other));
    }
  });
});

describe('a conversation that cannot be read', () => {
  const id = 'c'.repeat(32);
  const asked = { kind: 'asked', atMs: 2, turnId: 'f1', question: question('why?'), model: llama };
  const linesOf = (...records: readonly object[]) => records.map((each) => `${JSON.stringify(each)}\n`).join('');
  const laterOn = { kind: 'begun', atMs: 1, version: 2, holder: 'x' };

  it.each([
    ['a later version wrote', 'later', linesOf(laterOn, asked)],
    ['a later version wrote beside this one', 'later', linesOf({ ...laterOn, version: 1 }, asked, laterOn)],
    ['was overwritten', 'damaged', 'x'.repeat(500)],
    ['was cut off in its first line', 'damaged', linesOf(asked).slice(0, 30)],
    ['holds only what nobody knows', 'damaged', linesOf({ kind: 'knitted', atMs: 1, pattern: 'round' })],
  ] as const)('because its journal %s is listed and left as it is', async (_, why, text) => {
    const folder = temporaryFolder();
    const journal = join(folder, `${id}-a.jsonl`);
    writeFileSync(journal, text);
    const clock = new FakeClock(Date.now());
    const { chats } = openChats(folder, clock);
    exchange(chats.begin(), 'another', '');
    expect((await chats.list()).map(({ unreadable }) => unreadable)).toEqual([undefined, why]);
    expect(chats.find(id)).toBeUndefined();
    await clock.advance(365 * 86_400_000);
    await chats.sweep();
    chats.dispose();
    expect(readFileSync(journal, 'utf8')).toBe(text);
    expect(journalsIn(folder).filter((name) => name.startsWith(id))).toHaveLength(1);
  });

  it('because the system does not give it is listed, hides no other, and is there again when it does', async () => {
    const folder = temporaryFolder();
    const journal = join(folder, `${id}-a.jsonl`);
    mkdirSync(journal);
    const { chats } = openChats(folder);
    exchange(chats.begin(), 'another', '');
    const list = async () => (await chats.list()).map(({ title, unreadable }) => [title, unreadable]);
    expect(await list()).toEqual([
      ['another', undefined],
      ['New chat', 'refused'],
    ]);
    expect(chats.find(id)).toBeUndefined();
    rmdirSync(journal);
    writeFileSync(journal, linesOf({ ...laterOn, version: 1 }, asked));
    expect(await list()).toContainEqual(['why?', undefined]);
    chats.dispose();
  });

  it('is not one that holds something which nobody knows beside what can be read', async () => {
    const folder = temporaryFolder();
    const text = linesOf({ ...laterOn, version: 1 }, asked, { kind: 'knitted', atMs: 3 });
    writeFileSync(join(folder, `${id}-a.jsonl`), text);
    const { chats } = openChats(folder);
    expect((await chats.list()).map(({ title, unreadable }) => [title, unreadable])).toEqual([['why?', undefined]]);
    expect(chats.find(id)?.branch).toHaveLength(1);
  });

  it('is not removed where this version deleted what a later one wrote to since', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock(Date.now());
    const { chats } = openChats(folder, clock);
    const conversation = chats.begin();
    exchange(conversation, 'why?', 'because');
    conversation.delete();
    writeFileSync(join(folder, `${conversation.id}-b.jsonl`), linesOf(laterOn));
    await clock.advance(11 * 60_000);
    await chats.sweep();
    expect(journalsIn(folder)).toHaveLength(2);
    chats.dispose();
  });
});

describe('the workspace of a conversation', () => {
  const open = (folder: string, window: string, name: string | undefined) =>
    openChats(folder, clockOf(window), name === undefined ? undefined : { id: `hash-of-${name}`, name });

  it('is the one of the window that asked first, whichever goes on with it and is read first', async () => {
    const folder = temporaryFolder();
    const { chats } = open(folder, 'b', 'shop');
    const conversation = chats.begin();
    exchange(conversation, 'why?', 'because');
    expect(conversation.head.workspace?.name).toBe('shop');
    for (const [window, name] of [
      ['a', 'bank'],
      ['c', undefined],
    ] as const) {
      const other = open(folder, window, name).chats;
      const there = other.find(conversation.id);
      if (there === undefined) throw new Error('it is not there');
      exchange(there, `from ${window}`, '');
      expect(there.head.workspace).toEqual({ id: 'hash-of-shop', name: 'shop' });
      expect((await other.list())[0]?.workspace?.name).toBe('shop');
      expect(other.nameOfOther(there.head.workspace)).toBe('shop');
      other.dispose();
    }
    expect((await chats.list())[0]?.workspace?.name).toBe('shop');
    expect(chats.nameOfOther(conversation.head.workspace)).toBeUndefined();
    chats.dispose();
  });

  it('is known from the list that was kept, and unknown of a conversation that does not say it', async () => {
    const folder = temporaryFolder();
    const { chats } = open(folder, 'a', 'shop');
    exchange(chats.begin(), 'in the shop', '');
    await chats.list();
    chats.dispose();
    const before = open(folder, 'b', undefined).chats;
    exchange(before.begin(), 'nowhere', '');
    const names = (await before.list()).map(({ title, workspace }) => [title, workspace?.name]);
    expect(names).toHaveLength(2);
    expect(names).toEqual(
      expect.arrayContaining([
        ['in the shop', 'shop'],
        ['nowhere', undefined],
      ]),
    );
    before.dispose();
  });

  it('finds its conversations in every other one', async () => {
    const folder = temporaryFolder();
    const { chats } = open(folder, 'a', 'Quincunx');
    exchange(chats.begin(), 'why?', 'because');
    const found = async (from: typeof chats) => {
      const hits = [];
      for await (const { snippet, marks } of from.search('quincunx', new AbortController().signal))
        hits.push([snippet, marks]);
      return hits;
    };
    expect(await found(open(folder, 'b', 'bank').chats)).toEqual([['why? Quincunx', [[5, 13]]]]);
    expect(await found(chats)).toEqual([]);
  });
});

describe('two windows with one conversation', () => {
  it('write to files of their own and see what the other did when they look', () => {
    const folder = temporaryFolder();
    const [one, other] = [openChats(folder, clockOf('a')).chats, openChats(folder, clockOf('b')).chats];
    const here = one.begin();
    const first = exchange(here, 'one', '1');
    const there = other.find(here.id);
    if (there === undefined) throw new Error('it is not there');
    exchange(there, 'from there', '2');
    exchange(here, 'from here', '3');
    expect([here.refresh(), there.refresh(), here.refresh()]).toEqual([true, true, false]);
    expect(here.versionsOf(here.branch.at(-1)?.id ?? '')).toHaveLength(2);
    expect(here.turns).toEqual(there.turns);
    expect(here.branchTo(first.id)).toHaveLength(1);
    expect(journalsIn(folder)).toHaveLength(2);
    one.dispose();
    other.dispose();
  });

  it('say of an answer that comes in the other that it comes there', () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder, clockOf('a'));
    const { id } = chats.begin();
    const asked = { turnId: 'f1', question: question('why?'), model: llama };
    const lines = [
      { kind: 'begun', atMs: 1, version: 1, holder: thisHolder },
      { kind: 'asked', atMs: 2, ...asked },
      { kind: 'said', atMs: 3, turnId: 'f1', text: 'Be', reasoning: '' },
    ];
    const journal = join(folder, `${id}-other.jsonl`);
    writeFileSync(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const conversation = readAgain(folder, id);
    const state = () => conversation.branch.map((turn) => [turn.text, conversation.stateOf(turn)]);
    expect(state()).toEqual([['Be', 'elsewhere']]);
    const ended = { kind: 'ended', atMs: 4, turnId: 'f1', ended: { ending: 'finished' } };
    appendFileSync(journal, JSON.stringify(ended));
    expect([conversation.refresh(), state()]).toEqual([false, [['Be', 'elsewhere']]]);
    appendFileSync(journal, '\n');
    expect([conversation.refresh(), state()]).toEqual([true, [['Be', 'finished']]]);
  });
});
