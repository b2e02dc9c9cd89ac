import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Conversations } from '../../src/chat/conversations.ts';
import { clockOf, exchange, llama, openChats, question } from '../support/chats.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LogLines } from '../support/log.ts';
import { source, startNode } from '../support/nodeChild.ts';

const journalsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

describe('the list of conversations', () => {
  it('has pinned ones first, then the newest, and none that is empty or deleted', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const { chats } = openChats(folder, clock);
    const [old, pinned, gone] = [chats.begin(), chats.begin(), chats.begin()];
    chats.begin();
    for (const [name, conversation] of Object.entries({ old, pinned, gone })) {
      exchange(conversation, name, '');
      await clock.advance(10);
    }
    const fresh = chats.begin();
    exchange(fresh, 'fresh', '');
    pinned.pin(true);
    gone.delete();
    const titles = async () => (await chats.list()).map(({ title }) => title);
    expect(await titles()).toEqual(['pinned', 'fresh', 'old']);
    gone.delete(false);
    expect(await titles()).toEqual(['pinned', 'fresh', 'gone', 'old']);
    chats.dispose();
  });

  it('is right whatever became of the file it is kept in', async () => {
    const folder = temporaryFolder();
    const first = openChats(folder, clockOf('a')).chats;
    for (const name of ['one', 'two', 'three']) exchange(first.begin(), name, '');
    const list = await first.list();
    first.dispose();
    const index = join(folder, 'index.json');
    const whole = readFileSync(index, 'utf8');
    for (const text of [
      whole,
      '',
      '{',
      '{"version":4}',
      whole.replaceAll('turnCount', 'turns'),
      whole.replace('one', '1'),
    ]) {
      writeFileSync(index, text);
      const { chats } = openChats(folder, clockOf('b'));
      expect((await chats.list()).map(({ id }) => id)).toEqual(list.map(({ id }) => id));
      const changed = chats.find(list[0]?.id ?? '');
      changed?.rename(`renamed ${text.length}`);
      expect((await chats.list())[0]?.title).toBe(`renamed ${text.length}`);
      chats.dispose();
    }
  });

  it('removes the files of a conversation that was deleted ten minutes ago, and not before', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const { chats } = openChats(folder, clock);
    const [kept, gone] = [chats.begin(), chats.begin()];
    exchange(kept, 'kept', '');
    exchange(gone, 'gone', '');
    gone.delete();
    await clock.advance(9 * 60_000);
    await chats.sweep();
    expect(journalsIn(folder)).toHaveLength(2);
    await clock.advance(2 * 60_000);
    await chats.sweep();
    expect(journalsIn(folder)).toEqual([expect.stringContaining(kept.id)]);
    expect(chats.find(gone.id)).toBeUndefined();
    chats.dispose();
  });

  it('has a conversation again that another window goes on asking in after it was deleted', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const [{ chats: here }, { chats: there }] = [openChats(folder, clock), openChats(folder, clockOf('b'))];
    const deleted = here.begin();
    exchange(deleted, 'before', '');
    const shown = there.find(deleted.id);
    if (shown === undefined) throw new Error('it is not there');
    await clock.advance(5);
    deleted.delete();
    expect(await there.list()).toEqual([]);
    shown.ask(question('after'), llama, shown.branch.at(-1)?.id);
    expect((await here.list()).map(({ turnCount }) => turnCount)).toEqual([2]);
    await clock.advance(11 * 60_000);
    for (const chats of [here, there]) {
      await chats.sweep();
      chats.dispose();
    }
    const { chats: afterwards } = openChats(folder, clockOf('c'));
    expect(afterwards.find(deleted.id)?.turns).toHaveLength(2);
  });

  it('leaves the files of a deleted conversation that is shown or answered in this window', async () => {
    const folder = temporaryFolder();
    const clock = new FakeClock();
    const { chats } = openChats(folder, clock);
    const [shown, answered] = [chats.begin(), chats.begin()];
    exchange(shown, 'shown', '');
    const turn = answered.ask(question('answered'), llama, undefined);
    for (const each of [shown, answered]) each.delete();
    await clock.advance(11 * 60_000);
    await chats.sweep(shown.id);
    expect(journalsIn(folder)).toHaveLength(2);
    answered.end(turn.id, { ending: 'finished' });
    await chats.sweep(shown.id);
    expect(journalsIn(folder)).toEqual([expect.stringContaining(shown.id)]);
    chats.dispose();
  });

  it('leaves the files of a deleted conversation that another window is writing to', async () => {
    const folder = temporaryFolder();
    const child = startNode(`
      import { Conversations } from ${source('chat/conversations.ts')};
      import { systemClock } from ${source('base/clock.ts')};
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const chats = new Conversations({ folder: ${JSON.stringify(folder)}, clock: systemClock, log });
      chats.begin().ask({ text: 'why?', attachments: [] }, { id: 'm', name: 'M' }, undefined);
      console.log('asked');
      setInterval(() => {}, 1000);`);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const clock = new FakeClock(Date.now());
    const { chats } = openChats(folder, clock);
    const [head] = await chats.list();
    chats.find(head?.id ?? '')?.delete();
    await clock.advance(11 * 60_000);
    await chats.sweep();
    expect(journalsIn(folder)).toHaveLength(2);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    await chats.sweep();
    expect(journalsIn(folder)).toEqual([]);
    chats.dispose();
  });

  it('is read without the conversations themselves where nothing changed, however many there are', async () => {
    const folder = temporaryFolder();
    const { chats } = openChats(folder, systemClock);
    for (let count = 0; count < 300; count += 1) exchange(chats.begin(), `question ${count}`, 'x'.repeat(500));
    const before = await chats.list();
    chats.dispose();
    // What is in them cannot be seen from their length: only who reads them notices.
    for (const name of journalsIn(folder))
      writeFileSync(join(folder, name), 'x'.repeat(readFileSync(join(folder, name)).length));
    const again = new Conversations({ folder, clock: systemClock, log: new LogLines() });
    expect(await again.list()).toEqual(before);
  });
});

describe('the search', () => {
  async function found(query: string, ...answers: readonly string[]) {
    const { chats } = openChats(temporaryFolder());
    for (const answer of answers) exchange(chats.begin(), 'a question', answer);
    const hits = [];
    for await (const hit of chats.search(query, new AbortController().signal)) hits.push(hit);
    return hits.map(({ snippet, marks }) => {
      const marked = marks
        .toReversed()
        .reduce(
          (text, [start, end]) => `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`,
          snippet,
        );
      return marked;
    });
  }

  it('finds words whatever their case and accents, and marks them', async () => {
    expect(await found('CAFÉ gros', 'Ein großes Café, cafe!')).toEqual([]);
    expect(await found('CAFÉ groß', 'Ein großes Café, cafe!')).toEqual(['a question Ein [groß]es [Café], [cafe]!']);
    expect(await found('ΣΟΦΟΣ', 'ο σοφός')).toEqual(['a question ο [σοφός]']);
    expect(await found('istanbul', '😀 İstanbul')).toEqual(['a question 😀 [İstanbul]']);
  });

  it('wants all the words in one turn', async () => {
    expect(await found('red green', 'red', 'green', 'green and red')).toEqual(['a question [green] and [red]']);
  });

  it('shows the words with what is around them, on one line', async () => {
    const text = `${'x '.repeat(100)}\nneedle\n${'y '.repeat(200)}`;
    const [snippet = ''] = await found('needle', text);
    expect(snippet).toMatch(/^….{30,45}\[needle\].{50,140}…$/);
  });

  it('finds a title that the user gave, and nothing where nothing is asked for', async () => {
    const { chats } = openChats(temporaryFolder());
    const conversation = chats.begin();
    exchange(conversation, 'why?', 'because');
    conversation.rename('Gateways');
    const hits = [];
    for await (const hit of chats.search('gate', new AbortController().signal)) hits.push(hit);
    for await (const hit of chats.search('  ', new AbortController().signal)) hits.push(hit);
    expect(hits).toMatchObject([{ title: 'Gateways', snippet: 'Gateways', marks: [[0, 4]] }]);
  });

  it('ends when it is stopped', async () => {
    const { chats } = openChats(temporaryFolder());
    for (let count = 0; count < 3; count += 1) exchange(chats.begin(), 'why?', 'because');
    const abort = new AbortController();
    let hits = 0;
    for await (const _ of chats.search('why', abort.signal)) {
      hits += 1;
      abort.abort();
    }
    expect(hits).toBe(1);
  });
});
