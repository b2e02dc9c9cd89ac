/**
 * One window's chat in a process of its own: asks questions, in a new conversation or in one that is there, and has a
 * scripted model answer them piece by piece, until it is killed. Each line it prints is a JSON array: what a person could
 * see at that moment.
 */
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { Conversations } from '../../src/chat/conversations.ts';
import { reply } from '../../src/chat/reply.ts';
import type { Ask } from '../../src/models/model.ts';
import { Chance } from './chance.ts';

export interface ChatWindowOrder {
  readonly folder: string;
  readonly seed: number;
}

/** The question is drawn; so many characters of the answer are drawn; it is drawn as ended. `atMs`: since 1970. */
export type ChatDeed = readonly [
  what: 'asked' | 'said' | 'ended',
  conversationId: string,
  turnId: string,
  question: string,
  chars: number,
  atMs: number,
];

const order = JSON.parse(process.argv[2] ?? '') as ChatWindowOrder;
const chance = new Chance(order.seed);
/** The product's timers keep no process alive; here nothing else does. */
const schedule = (delayMs: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};
const clock: Clock = { ...systemClock, schedule };
const ignore = (): void => undefined;
const log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: (line: string) => void process.stderr.write(`${line}\n`),
};
const chats = new Conversations({ folder: order.folder, clock, log });
const count = (texts: readonly string[]) => Promise.resolve(texts.map(({ length }) => Math.ceil(length / 4)));

/** Says `0 1 2 3 …`, so that what is missing can be seen; at times it fails. */
const ask: Ask = async function* () {
  yield { kind: 'opened', requestId: clock.newId() };
  const pieces = chance.below(300);
  for (let piece = 0; piece < pieces; piece += 1) {
    await new Promise((resolve) => setTimeout(resolve, chance.below(12)));
    yield { kind: 'text', text: `${piece} ` };
  }
  if (chance.below(5) === 0) throw new Error('The model is gone.');
  const speed = { firstTokenMs: 1, prefillTokPerS: 1, decodeTokPerS: 1 };
  yield { kind: 'end', reason: 'endOfText', usage: undefined, speed };
};

await Promise.all([talk(0), talk(1)]);

async function talk(lane: number): Promise<void> {
  for (let step = 0; ; step += 1) {
    const heads = await chats.list();
    const head = heads[chance.below(heads.length + 1)];
    const conversation = (head && chats.find(head.id)) ?? chats.begin();
    conversation.refresh();
    const { turns } = conversation;
    const parentId = turns[chance.below(turns.length + 1)]?.id;
    const words = `question ${order.seed} ${lane} ${step}`;
    const question = { text: words, attachments: [] };
    const budget = { contextTokens: 4096, count, isExact: true };
    const asking = { conversation, question, parentId, model: { id: 'm', name: 'M' }, budget, isSmallModel: true };
    let chars = 0;
    let isAsked = false;
    for await (const event of reply(asking, { ask, clock, receiptOf: () => undefined }, new AbortController().signal)) {
      if (event.kind === 'reading') continue;
      if (event.kind === 'delta') chars += event.text.length;
      const what = event.kind === 'delta' ? 'said' : isAsked ? 'ended' : 'asked';
      isAsked = true;
      const deed: ChatDeed = [what, conversation.id, event.turnId, words, chars, Date.now()];
      // Written at once: what a killed process had only meant to print nobody saw.
      process.stdout.write(`${JSON.stringify(deed)}\n`);
    }
    if (chance.below(4) === 0) conversation.rename(`renamed by ${order.seed}`);
    if (chance.below(6) === 0) conversation.show(turns[0]?.id ?? '');
  }
}
