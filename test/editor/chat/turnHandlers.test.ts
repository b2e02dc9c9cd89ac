import { expect, it, onTestFinished } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import type { ToWebview } from '../../../src/chat/protocol.ts';
import type { Place } from '../../../src/editor/chat/answering.ts';
import { Chips } from '../../../src/editor/chat/chips.ts';
import { Composer } from '../../../src/editor/chat/composer.ts';
import type { UserPrompt } from '../../../src/editor/chat/context/bringing.ts';
import type { Gathered } from '../../../src/editor/chat/context/piece.ts';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { turnHandlers, type TurnNeeds } from '../../../src/editor/chat/turnHandlers.ts';
import { clockOf, exchange, llama, openChats, question } from '../../support/chats.ts';
import { FakeClock, settle } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';

const newPrompt: UserPrompt = {
  ...{ uri: 'file:///r.md', label: '.paddock/prompts/release.md', text: 'Write release notes.' },
  ...{ name: 'release', description: '', decision: undefined },
};

/** The handlers, with somebody who answers at once, is busy, or finds that the disk is full. */
function handling(
  state: {
    blocked?: Failure;
    isBusy?: boolean;
    isAsked?: boolean;
    reading?: Promise<void>;
    changedRules?: readonly string[];
    /** Nothing is changed in Git. */
    isClean?: boolean;
    /** The prompts of the folder cannot be looked for. */
    hasNoPrompts?: boolean;
    /** The folder brings one that nobody has agreed to. */
    hasNewPrompt?: boolean;
  } = {},
) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const { chats } = openChats(folder, clock);
  const told: ToWebview[] = [];
  const tell = (message: ToWebview): void => void told.push(message);
  const memory = { get: () => '', set: () => undefined };
  const desk = new Desk({ openConversations: () => chats, memory, tell, isShown: () => false, clock });
  onTestFinished(() => desk.dispose());
  const asked: string[] = [];
  const gather = async (): Promise<Gathered> => {
    await state.reading;
    if (state.isClean) return { pieces: [], missing: [{ label: 'the diff', why: 'is empty' }] };
    return { pieces: [{ uri: 'file:///diff', label: 'diff', text: '+1' }], missing: [] };
  };
  const keptBack = () => Promise.resolve(undefined);
  const chips = new Chips({
    gather,
    keptBack,
    count: (all) => Promise.resolve(all.map(() => 1)),
    newId: () => clock.newId(),
  });
  onTestFinished(() => chips.dispose());
  const composer = new Composer({
    ...{ chips, clock, pill: () => undefined, blocked: () => state.blocked },
    tell: (message) => (message.type === 'fill' ? tell(message) : undefined),
    estimate: () => Promise.reject(new Error('not asked for here')),
    rulesInThread: () => undefined,
    isHere: () => true,
    otherWorkspace: () => undefined,
    memory: { get: () => '', set: () => undefined },
  });
  onTestFinished(() => composer.dispose());
  const stopped: string[] = [];
  const reviewed: string[] = [];
  const answering = {
    isAnswering: () => state.isBusy ?? false,
    stop: (threadId: string) => void stopped.push(threadId),
    answer: ({ question }: Place, onAsked: () => void = () => undefined) => {
      if (state.isAsked === false) return Promise.resolve();
      asked.push(question.text);
      onAsked();
      return Promise.resolve();
    },
  };
  const needs = {
    ...{ desk, answering, blocked: () => state.blocked, draw: () => Promise.resolve() },
    ...{ composer, chips },
    projectFiles: {
      prompts: () =>
        state.hasNoPrompts
          ? Promise.reject(new Error('Canceled'))
          : Promise.resolve(state.hasNewPrompt ? [newPrompt] : []),
      review: ({ name }: UserPrompt) => void reviewed.push(name),
      takeBackChanged: () => Promise.resolve(state.changedRules ?? []),
    },
    codeAtHand: () => undefined,
    problemsAtHand: () => undefined,
    env: { clipboard: { writeText: () => Promise.resolve() } },
  };
  return {
    desk,
    folder,
    chips,
    composer,
    asked,
    stopped,
    reviewed,
    told,
    handlers: turnHandlers(needs as unknown as TurnNeeds),
  };
}

it('puts a question back where it was typed when it could not be written down', async () => {
  const { desk, told, handlers } = handling({ isAsked: false });
  await handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  expect(told).toContainEqual({ type: 'fill', text: 'What now?' });
});

it('puts back what was attached to it too, and leaves what was typed meanwhile', async () => {
  const { desk, chips, composer, handlers } = handling({ isAsked: false });
  await chips.add({ kind: 'diff' });
  composer.draft = 'What no';
  const sending = handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  composer.draft = 'And then';
  await sending;
  expect(chips.views.map(({ kind }) => kind)).toEqual(['diff']);
  expect(composer.draft).toBe('And then What now?');
});

it('puts an edited question into the composer when it could not be written down', async () => {
  const { desk, composer, told, handlers } = handling({ isAsked: false });
  const { id: turnId } = exchange(desk.current, 'Why?', 'Because.');
  const threadId = desk.current.id;
  await handlers.resend({ type: 'resend', threadId, turnId, text: 'Why really?', attachmentIds: [] });
  expect([composer.draft, told]).toEqual(['Why really?', [{ type: 'fill', text: 'Why really?' }]]);
});

it('puts a question back, new or edited, when what belongs to it could not be read', async () => {
  const { desk, composer, handlers } = handling({ hasNoPrompts: true });
  const { id: turnId } = exchange(desk.current, 'Why?', 'Because.');
  const threadId = desk.current.id;
  await expect(handlers.send({ type: 'send', threadId, text: 'What now?' })).rejects.toThrow('Canceled');
  expect(composer.texts).toMatchObject({ draft: 'What now?', givenBack: 'What now?' });
  const order = { threadId, turnId, text: 'Why really?', attachmentIds: [] };
  await expect(handlers.resend({ type: 'resend', ...order })).rejects.toThrow('Canceled');
  expect(composer.draft).toBe('What now? Why really?');
});

it('waits for what is being looked for, of which the question speaks', async () => {
  const { desk, chips, asked, handlers } = handling();
  const search = Promise.withResolvers<readonly [{ readonly kind: 'diff' }]>();
  const adding = chips.addFound(search.promise);
  const sending = handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  await settle();
  expect(asked).toEqual([]);
  search.resolve([{ kind: 'diff' }]);
  await Promise.all([adding, sending]);
  expect([asked, chips.views]).toEqual([['What now?'], []]);
});

it('asks nothing in a conversation that was left while its files were read', async () => {
  const reading = Promise.withResolvers<void>();
  const state: Parameters<typeof handling>[0] = {};
  const { desk, chips, composer, asked, handlers } = handling(state);
  exchange(desk.current, 'Why?', 'Because.');
  await chips.add({ kind: 'diff' });
  state.reading = reading.promise;
  const sending = handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  await settle();
  desk.show(desk.conversations.begin());
  chips.clear();
  state.reading = Promise.resolve();
  await chips.add({ kind: 'problems' });
  reading.resolve();
  await sending;
  expect(asked).toEqual([]);
  expect(composer.draft).toBe('What now?');
  expect(chips.views.map(({ kind }) => kind)).toEqual(['problems']);
});

it('puts a question back, with the reason, while another is answered', async () => {
  const { desk, asked, told, handlers } = handling({ isBusy: true });
  await handlers.send({ type: 'send', threadId: desk.current.id, text: 'And this?' });
  expect(asked).toEqual([]);
  expect(told.map(({ type }) => type)).toEqual(['fill', 'notice']);
});

it('leaves nothing in the composer of a question that was asked', async () => {
  const { desk, asked, told, handlers } = handling();
  await handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  expect(asked).toEqual(['What now?']);
  expect(told).toEqual([]);
});

it('asks nothing while rules that would go along have changed and were not seen', async () => {
  const { desk, asked, told, composer, handlers } = handling({ changedRules: ['AGENTS.md'] });
  await handlers.send({ type: 'send', threadId: desk.current.id, text: 'What now?' });
  expect(asked).toEqual([]);
  expect(composer.draft).toBe('What now?');
  expect(told.at(-1)).toMatchObject({ text: expect.stringContaining('AGENTS.md changed') as string });
});

it('asks nothing with a prompt that was not agreed to, new or edited, shows it, and says so', async () => {
  const { desk, asked, composer, reviewed, told, handlers } = handling({ hasNewPrompt: true });
  const { id: turnId } = exchange(desk.current, 'Why?', 'Because.');
  const threadId = desk.current.id;
  const notes = () => told.flatMap((each) => (each.type === 'notice' ? [each.text] : []));
  await handlers.send({ type: 'send', threadId, text: '/release 1.2' });
  await handlers.resend({ type: 'resend', threadId, turnId, text: '/release 1.3', attachmentIds: [] });
  expect([asked, reviewed, composer.draft]).toEqual([[], ['release', 'release'], '/release 1.2 /release 1.3']);
  const words = '/release comes from .paddock/prompts/release.md, which you have not agreed to. Look at it first';
  expect(notes()).toEqual([expect.stringContaining(words), expect.stringContaining(words)]);
});

it('asks nothing with a command that has nothing to be about, and says what it needs', async () => {
  const { desk, asked, composer, told, handlers } = handling({ isClean: true });
  const send = (text: string) => handlers.send({ type: 'send', threadId: desk.current.id, text });
  const notes = (): readonly string[] => told.flatMap((each) => (each.type === 'notice' ? [each.text] : []));
  await send('/explain');
  expect(notes().at(-1)).toMatch(/^\/explain needs something to be about/);
  expect(composer.draft).toBe('/explain');
  composer.draft = '';
  await send('/explain what a monad is');
  expect(asked).toEqual(['/explain what a monad is']);
  exchange(desk.current, 'Look at this.', 'I see.');
  await send('/explain');
  await send('/commit');
  expect(asked).toEqual(['/explain what a monad is', '/explain']);
  expect(notes().at(-1)).toBe('the diff is empty. /commit is about changes that are not committed yet.');
});

it('says why nothing is asked again, and keeps what was edited', async () => {
  const { desk, asked, told, handlers } = handling({ blocked: new Failure('noModel', 'No model is chosen.') });
  const { id: turnId } = exchange(desk.current, 'Why?', 'Because.');
  const threadId = desk.current.id;
  await handlers.regenerate({ type: 'regenerate', threadId, turnId });
  await handlers.resend({ type: 'resend', threadId, turnId, text: 'Why really?', attachmentIds: [] });
  expect(asked).toEqual([]);
  expect(told).toEqual([
    { type: 'notice', text: 'No model is chosen.' },
    { type: 'notice', text: 'No model is chosen.' },
    { type: 'fill', text: 'Why really?' },
  ]);
});

it('stops the answer that is coming here when its turn is deleted, and for no other turn', async () => {
  const { desk, folder, stopped, handlers } = handling({ isBusy: true });
  const conversation = desk.current;
  exchange(conversation, 'Why?', 'Because.');
  const { chats: elsewhere } = openChats(folder, clockOf('b'));
  onTestFinished(() => elsewhere.dispose());
  const other = elsewhere.find(conversation.id)?.ask(question('And there?'), llama, undefined);
  conversation.refresh();
  await handlers.deleteTurn({ type: 'deleteTurn', threadId: conversation.id, turnId: other?.id ?? '' });
  expect(conversation.turn(other?.id ?? '')?.isDeleted).toBe(true);
  expect(stopped).toEqual([]);
  const { id: turnId } = conversation.ask(question('And here?'), llama, undefined);
  await handlers.deleteTurn({ type: 'deleteTurn', threadId: conversation.id, turnId });
  expect(stopped).toEqual([conversation.id]);
});
