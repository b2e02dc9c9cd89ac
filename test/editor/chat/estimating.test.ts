import { expect, it, onTestFinished } from 'vitest';
import { Desk } from '../../../src/editor/chat/desk.ts';
import type { Receipt } from '../../../src/chat/protocol.ts';
import { estimating } from '../../../src/editor/chat/estimating.ts';
import type { Preview, Previewed } from '../../../src/exchange/preview.ts';
import { file, llama, openChats, question } from '../../support/chats.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** An estimate, and what was previewed for it. */
function estimateFor(contextTokens: number | undefined, preview: Partial<Preview> = {}) {
  const { chats, clock } = openChats(temporaryFolder());
  const desk = new Desk({
    openConversations: () => chats,
    memory: { get: () => '', set: () => undefined },
    tell: () => undefined,
    isShown: () => false,
    clock,
  });
  onTestFinished(() => desk.dispose());
  const previewed: Previewed[] = [];
  const route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined } as const;
  const estimate = estimating({
    conversation: () => desk.current,
    model: () => ({
      model: { provider: 'embedded', id: 'embedded:/llama.gguf', name: 'Llama', file: '/llama.gguf' },
      pill: { name: 'Llama', exposure: 'inProcess', routeWords: 'this computer' },
      ...{ route, contextTokens, isSmall: false },
    }),
    budgetOf: () => ({ contextTokens, isExact: true, count: (all) => Promise.resolve(all.map(() => 1)) }),
    preview: (asked) => {
      previewed.push(asked);
      return Promise.resolve({ tokens: { value: 1, isExact: true }, route, cost: 'unmetered', ...preview });
    },
    now: () => 0,
    prompts: () =>
      Promise.resolve([
        {
          uri: 'file:///r.md',
          label: 'r.md',
          text: 'Write release notes.',
          name: 'release',
          description: '',
          decision: 'used',
        },
      ]),
    wouldAttach: ({ wants }) => Promise.resolve(wants === 'code' ? [file('open.ts', 'const open = 1;')] : []),
  });
  return { estimate, previewed, conversation: desk.current };
}

/** What would be sent for a question, as text. */
function sentFor() {
  const { estimate, previewed } = estimateFor(4096);
  return async (text: string, ...attachments: readonly ReturnType<typeof file>[]): Promise<string> => {
    await estimate({ text, attachments }, new AbortController().signal);
    const request = previewed.at(-1)?.request;
    return request?.kind === 'chat' ? request.messages.map((message) => message.text).join('\n') : '';
  };
}

it('counts what a command would attach', async () => {
  expect(await sentFor()('/explain')).toContain('const open = 1;');
});

it('counts what stands in a prompt of the user’s own, not its name', async () => {
  const sent = await sentFor()('/release 1.2');
  expect(sent).toContain('Write release notes.\n\n1.2');
  expect(sent).not.toContain('/release');
});

it('says that the limit is unknown where nobody has told it', async () => {
  const hoverOf = async (contextTokens: number | undefined): Promise<string> => {
    const { estimate } = estimateFor(contextTokens);
    return (await estimate({ text: 'Why?', attachments: [] }, new AbortController().signal)).footerHover;
  };
  expect(await hoverOf(undefined)).toContain('Limit unknown: ');
  expect(await hoverOf(4096)).not.toContain('Limit unknown');
});

const receipt: Receipt = {
  ...({ requestId: 'r1', exposure: 'inProcess', routeWords: 'this computer', modelName: 'Llama' } as const),
  ...{ items: [], sampling: [], leftOut: [], promptTokens: 700, completionTokens: 100 },
};

/** What the footer says of reading a prompt of 1,000 tokens, which takes 10 s, after a turn with this receipt. */
async function footerAfter(lastReceipt: Receipt, firstTurnId?: string): Promise<string> {
  const { estimate, conversation } = estimateFor(4096, { tokens: { value: 1_000, isExact: true }, readSeconds: 10 });
  const turn = conversation.ask(question('Why?'), llama, undefined);
  conversation.didSend(turn.id, { firstTurnId: firstTurnId ?? turn.id, keptChars: {}, leftOut: [] });
  conversation.say(turn.id, 'Because.', '');
  conversation.end(turn.id, { ending: 'finished', receipt: lastReceipt });
  return (await estimate({ text: 'And then?', attachments: [] }, new AbortController().signal)).footer;
}

it('counts on what the model has read of the conversation, as long as nothing was cut off its beginning', async () => {
  expect(await footerAfter(receipt)).toContain('about 2 s to read');
  expect(await footerAfter(receipt, 'earlier')).toContain('about 10 s to read');
});

it('counts what was read the last time it was tried, not all times together', async () => {
  const tried = {
    ...({ requestId: 'r1', exposure: 'inProcess', routeWords: 'this computer', outcomeWords: 'failed' } as const),
    ...{ promptTokens: 350, completionTokens: 0 },
  };
  const tries = [tried, { ...tried, outcomeWords: 'finished', completionTokens: 150 }];
  expect(await footerAfter({ ...receipt, tries })).toContain('about 5 s to read');
});
