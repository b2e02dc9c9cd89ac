import { expect, it, onTestFinished } from 'vitest';
import { Desk } from '../../../src/editor/chat/desk.ts';
import { estimating } from '../../../src/editor/chat/estimating.ts';
import type { Previewed } from '../../../src/exchange/preview.ts';
import { file, openChats } from '../../support/chats.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** An estimate, and what was previewed for it. */
function estimateFor(contextTokens: number | undefined) {
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
      return Promise.resolve({ tokens: { value: 1, isExact: true }, route, cost: 'unmetered' });
    },
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
  return { estimate, previewed };
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
