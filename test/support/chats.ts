import { Failure } from '../../src/base/failure.ts';
import type { Clock } from '../../src/base/clock.ts';
import { Conversations } from '../../src/chat/conversations.ts';
import type { Conversation } from '../../src/chat/conversation.ts';
import type { Attachment, Question, Workspace } from '../../src/chat/event.ts';
import type { Turn } from '../../src/chat/tree.ts';
import type { Ask, Chunk, ModelRequest } from '../../src/models/model.ts';
import { FakeClock } from './clock.ts';
import { LogLines } from './log.ts';

/** A window's conversations, and what it was given. @param workspace what is open in it; `undefined`: nothing. */
export function openChats(folder: string, clock: Clock = new FakeClock(), workspace?: Workspace) {
  const log = new LogLines();
  return { chats: new Conversations({ folder, workspace: () => workspace, clock, log }), clock, log };
}

/** A clock whose ids no other has, for a second window in one test. */
export function clockOf(window: string): FakeClock {
  const clock = new FakeClock();
  let ids = 0;
  clock.newId = () => `${window}${(++ids).toString(16)}`.padStart(32, '0');
  return clock;
}

export const llama = { id: 'embedded:/llama.gguf', name: 'Llama' };

export function question(text: string, ...attachments: readonly Attachment[]): Question {
  return { text, attachments };
}

let attachmentIds = 0;
/** A file as it is attached. */
export function file(name: string, text: string, kind: Attachment['kind'] = 'file'): Attachment {
  const parts = [{ uri: `file:///${name}`, name, text }];
  return { id: `attachment-${++attachmentIds}`, kind, name, tokens: Math.ceil(text.length / 4), parts };
}

/** A question with a whole answer, after the turn that is shown. */
export function exchange(conversation: Conversation, asked: string, answered: string): Turn {
  const turn = conversation.ask(question(asked), llama, conversation.branch.at(-1)?.id);
  conversation.say(turn.id, answered, '');
  conversation.end(turn.id, { ending: 'finished' });
  return turn;
}

/** What stands in the branch that is shown: `question: answer`. */
export function shownIn({ branch }: Conversation): readonly string[] {
  return branch.map(({ question: { text }, text: answer }) => `${text}: ${answer}`);
}

export const lastChunk: Chunk = {
  kind: 'end',
  reason: 'endOfText',
  usage: { promptTokens: 10, cachedTokens: 4, completionTokens: 3, source: 'engine' },
  speed: { firstTokenMs: 1, prefillTokPerS: 100, decodeTokPerS: 10 },
};

/** A model that says these things, each when it is asked for, and keeps what it was asked, and of whom; a function is waited for. */
export function saying(script: readonly (Chunk | Error | (() => Promise<void>))[]) {
  const requests: ModelRequest[] = [];
  const modelIds: (string | undefined)[] = [];
  const state = { isLeft: false };
  const ask: Ask = async function* ({ modelId }, request, signal) {
    requests.push(request);
    modelIds.push(modelId);
    try {
      for (const each of script) {
        if (signal.aborted) throw new Failure('aborted', 'Stopped.');
        if (each instanceof Error) throw each;
        if (typeof each === 'function') await Promise.race([each(), aborting(signal)]);
        else yield each;
      }
    } finally {
      state.isLeft = true;
    }
  };
  return { ask, requests, modelIds, state };
}

function aborting(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Failure('aborted', 'Stopped.')), { once: true }),
  );
}
