import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Failure } from '../../../src/base/failure.ts';
import type { ToWebview } from '../../../src/chat/protocol.ts';
import { Answering, type AnsweringNeeds } from '../../../src/editor/chat/answering.ts';
import type { ChatModel } from '../../../src/editor/chat/chatModel.ts';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { unawaited } from '../../../src/editor/chat/unawaited.ts';
import { lastChunk, openChats, question, saying, shownIn } from '../../support/chats.ts';
import { settle } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';

function modelNamed(name: string): ChatModel {
  return {
    model: { provider: 'embedded', id: `embedded:/${name}.gguf`, name, file: `/${name}.gguf` },
    pill: { name, exposure: 'inProcess', routeWords: 'this computer' },
    route: { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined },
    contextTokens: 4096,
    isSmall: false,
  };
}

/** A conversation on the desk, and what the webview is told while a scripted model answers in it. */
function chatting(script: Parameters<typeof saying>[0], change: Partial<AnsweringNeeds> = {}) {
  const folder = temporaryFolder();
  const { chats, clock } = openChats(folder);
  const told: ToWebview[] = [];
  const tell = (message: ToWebview): void => void told.push(message);
  const memory = { get: () => '', set: () => undefined };
  const desk = new Desk({ openConversations: () => chats, memory, tell, isShown: () => false, clock });
  onTestFinished(() => desk.dispose());
  const model = saying(script);
  const chosen = { now: modelNamed('llama') };
  const onFailure = ({ message }: Failure): void => tell({ type: 'notice', text: message });
  const answering = new Answering({
    ...{ desk, clock, ask: model.ask, model: () => chosen.now },
    receiptOf: () => undefined,
    budgetOf: () => ({ contextTokens: 4096, isExact: true, count: (texts) => Promise.resolve(texts.map(() => 1)) }),
    whenReady: () => Promise.resolve(),
    prefillTokPerS: () => undefined,
    onFailure,
    unawaited: unawaited(onFailure),
    ...change,
  });
  const ask = (words: string) =>
    answering.answer({
      conversation: desk.current,
      question: question(words),
      parentId: desk.current.branch.at(-1)?.id,
    });
  const turnsTold = () => told.flatMap((message) => (message.type === 'turn' ? [message.turn.question.text] : []));
  return { desk, folder, answering, model, chosen, told, ask, turnsTold };
}

it('asks for the model the question was sent to, whichever is chosen when that has loaded', async () => {
  const loading = Promise.withResolvers<void>();
  const { model, chosen, ask } = chatting([{ kind: 'text', text: 'Yes' }, lastChunk], {
    whenReady: () => loading.promise,
  });
  const asking = ask('Is this private?');
  await settle();
  chosen.now = modelNamed('cloud');
  loading.resolve();
  await asking;
  expect(model.modelIds).toEqual(['embedded:/llama.gguf']);
});

it('keeps a turn that was deleted while it was answered off the page', async () => {
  const { desk, answering, ask, turnsTold } = chatting([() => new Promise(() => undefined)]);
  const asking = ask('What is this?');
  await settle();
  expect(turnsTold()).toEqual(['What is this?']);
  const [turn] = desk.current.branch;
  answering.stop(desk.current.id);
  desk.current.deleteTurn(turn?.id ?? '');
  await asking;
  expect(turnsTold()).toEqual(['What is this?']);
});

it('leaves the version on the page that the user went back to', async () => {
  const wait = Promise.withResolvers<void>();
  const { desk, answering, ask, turnsTold } = chatting([{ kind: 'text', text: 'One' }, () => wait.promise, lastChunk]);
  wait.resolve();
  await ask('first wording');
  const first = desk.current.branch.at(-1)?.id ?? '';
  const conversation = desk.current;
  const again = answering.answer({ conversation, question: question('second wording'), parentId: undefined });
  conversation.show(first);
  const before = turnsTold().length;
  await again;
  expect(turnsTold().slice(before)).toEqual([]);
  expect(shownIn(conversation)).toEqual(['first wording: One']);
});

it('draws an answer as ended, and says why, where its end cannot be written', async () => {
  const breakDisk = (): Promise<void> => {
    const [name = ''] = readdirSync(folder);
    rmSync(join(folder, name));
    mkdirSync(join(folder, name));
    return Promise.resolve();
  };
  const { desk, folder, answering, told, ask } = chatting([{ kind: 'text', text: 'Yes' }, breakDisk, lastChunk]);
  await ask('Is it there?');
  const answers = told.flatMap((message) => (message.type === 'turn' ? [message.turn.answer] : []));
  expect(answers.at(-1)).toMatchObject({ state: 'finished', text: 'Yes' });
  expect(told).toContainEqual({ type: 'notice', text: expect.stringContaining('could not write') as string });
  expect(answering.isAnswering(desk.current.id)).toBe(false);
});

it('says why the list of conversations cannot be read that is drawn beside an answer', async () => {
  const breakFolder = (): Promise<void> => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    return Promise.resolve();
  };
  const { folder, told, ask } = chatting([{ kind: 'text', text: 'Yes' }, breakFolder, lastChunk]);
  await ask('Is it there?');
  await settle();
  const notices = told.flatMap((message) => (message.type === 'notice' ? [message.text] : []));
  expect(notices).toContainEqual(expect.stringContaining('scandir'));
});

it('leaves an answer interrupted that comes when the window closes', async () => {
  const { desk, folder, answering, ask } = chatting([
    { kind: 'text', text: 'Yes' },
    () => new Promise(() => undefined),
  ]);
  const asking = ask('Is it there?');
  await settle();
  answering.dispose();
  desk.dispose();
  await asking;
  const { chats } = openChats(folder);
  const [turn] = chats.find(desk.current.id)?.turns ?? [];
  expect(turn).toMatchObject({ text: 'Yes', ended: { ending: 'interrupted' } });
});
