/** Conversations and composers as a host would tell them, for tests and benchmarks of the webview. */
import type {
  AnswerView,
  ChatState,
  ComposerView,
  Receipt,
  ThreadHead,
  ToWebview,
  TurnView,
} from '../../../src/chat/protocol.ts';

export const threadId = 'thread-1';

export const receipt: Receipt = {
  requestId: 'request-1',
  exposure: 'internet',
  routeWords: 'internet: api.example.com',
  host: 'api.example.com:443',
  modelName: 'example-large',
  servedModel: 'example-large-2026-08',
  promptTokens: 2_310,
  cachedTokens: 1_900,
  completionTokens: 412,
  countedBy: 'provider',
  decodeTokPerS: 61,
  firstTokenMs: 412,
  costWords: '$0.0041',
  costBasisWords: 'as billed',
  items: [
    { name: 'src/egress/gate.ts:10-32', bytes: 2_345, maskedCount: 1 },
    { name: 'AGENTS.md', bytes: 812, maskedCount: 0 },
  ],
  leftOut: [{ kind: 'turns', count: 2, tokens: 3_400 }],
  maskedCount: 1,
  sampling: [{ name: 'temperature', value: '0.2' }],
};

/** Of an answer that came at the second try. */
export const retriedReceipt: Receipt = {
  ...receipt,
  costWords: 'at least $0.0041',
  isCountAtLeast: true,
  tries: [
    {
      ...{ requestId: 'request-0', exposure: 'internet', routeWords: receipt.routeWords },
      ...{ outcomeWords: 'failed: bad response', costWords: 'price unknown' },
    },
    {
      ...{ requestId: 'request-1', exposure: 'internet', routeWords: receipt.routeWords, outcomeWords: 'finished' },
      ...{ promptTokens: 2_310, completionTokens: 412, countedBy: 'provider', costWords: '$0.0041' },
    },
  ],
};

export const localReceipt: Receipt = {
  requestId: 'request-2',
  exposure: 'inProcess',
  routeWords: 'this computer',
  modelName: 'Qwen2.5 Coder 1.5B',
  promptTokens: 1_204,
  cachedTokens: 1_100,
  completionTokens: 88,
  countedBy: 'engine',
  decodeTokPerS: 14,
  prefillTokPerS: 96,
  firstTokenMs: 1_230,
  items: [],
  leftOut: [],
  weightsSha256: '0d2f'.repeat(16),
  sampling: [{ name: 'temperature', value: '0.7' }],
};

/** Everything Markdown has, with places and links. */
export const richAnswer = `## Where the bytes go

The **gate** opens every connection; see \`src/egress/gate.ts:42\` and src/egress/wire.ts:7. The rules are in
[the policy](src/egress/policy.ts#L12), more about it on [the site](https://example.com/gate).

1. It resolves the *route*.
2. It writes the intent.
   - [x] on disk before the first byte
   - [ ] ~~sent before~~

| Route | Exposure | Tokens |
| :--- | :---: | ---: |
| this computer | none | 12 |
| \`api.example.com\` | internet | 2,310 |

> What is unknown is never printed as 0.

\`\`\`ts src/egress/gate.ts
// Opens a passage, after the intent is on disk.
export async function open(wish: Wish, signal: AbortSignal): Promise<Passage> {
  const route = await resolve(wish.host, 443);
  if (route.exposure > wish.ceiling) throw new Failure('denied', \`No: \${route.host}\`);
  return new Passage(route, { isWritten: true });
}
\`\`\`

---

![a diagram](https://example.com/diagram.png) <b>no markup</b>
`;

/** A turn whose parts can be replaced. */
export function turn(
  id: string,
  change: Partial<Omit<TurnView, 'answer'>> & { answer?: Partial<AnswerView> } = {},
): TurnView {
  const { answer, ...rest } = change;
  return {
    id,
    parentId: undefined,
    versions: [id],
    question: { text: `What does the gate do? (${id})`, atMs: 1_790_000_000_000, attachments: [] },
    ...rest,
    answer: { state: 'finished', text: 'It opens connections.', reasoning: '', modelName: 'example-large', ...answer },
  };
}

/** More of an answer, as the host tells it. */
export function delta(turnId: string, text: string, reasoning = ''): ToWebview {
  return { type: 'delta', threadId, turnId, text, reasoning };
}

export const composer: ComposerView = {
  chips: [],
  model: { name: 'Qwen2.5 Coder 1.5B', exposure: 'inProcess', routeWords: 'this computer' },
  footer: '',
  footerHover: '',
  leftOut: [],
  reviews: [],
};

/** One of each kind of chip, a review, an estimate, and something that does not fit. */
export const fullComposer: ComposerView = {
  chips: [
    chip('chip-1', { name: 'gate.ts:10-32', kind: 'selection', state: 'offered', tokens: 412, isEditable: true }),
    chip('chip-2', { name: 'policy.ts', tokens: 2_310, isEditable: true, hasHiddenCharacters: true }),
    chip('chip-3', { name: 'AGENTS.md', kind: 'rules', tokens: 120, state: 'inThread' }),
    chip('chip-4', { name: '.env', tokens: 0, state: 'keptBack', why: 'a rule of this workspace keeps it here.' }),
    chip('chip-5', { name: 'src', kind: 'folder', tokens: undefined }),
  ],
  model: { name: 'example-large', exposure: 'internet', routeWords: 'internet: api.example.com' },
  footer: '≈2.3k tokens → api.example.com ≈ $0.006',
  footerHover: 'list prices of 2026-10-01',
  fill: { usedTokens: 6_200, limitTokens: 8_192 },
  leftOut: [{ kind: 'attachment', name: 'policy.ts', tokens: 2_310, keptTokens: 900 }],
  reviews: [
    { id: 'review-1', kind: 'rules', name: 'AGENTS.md', text: '# Rules\nBe brief.', isCut: true, tokens: 1_204 },
  ],
};

export const threads: readonly ThreadHead[] = [
  head(threadId, { title: 'Where do the bytes go', isPinned: true }),
  head('thread-2', { title: 'A conversation with a very long title that does not fit on a narrow page' }),
  head('thread-3', { title: 'Still answering', isAnswering: true }),
  head('thread-4', { title: 'About another project', workspaceName: 'another-project-with-a-long-name' }),
  head('thread-5', { title: 'New chat', turnCount: 0, unreadableBecause: 'The files of this chat are damaged.' }),
];

export function state(turns: readonly TurnView[], change: Partial<ChatState> = {}): ChatState {
  return {
    thread: { id: threadId, title: 'Where do the bytes go', turns },
    threads,
    composer,
    draft: '',
    history: ['The newest question', 'An older question'],
    ...change,
  };
}

/** A long conversation of plain and rich answers. */
export function longConversation(count: number): readonly TurnView[] {
  return Array.from({ length: count }, (_, index) =>
    turn(`turn-${index}`, {
      parentId: index === 0 ? undefined : `turn-${index - 1}`,
      answer: { text: index % 3 === 0 ? richAnswer : `Plain answer ${index}. `.repeat(20), receipt: localReceipt },
    }),
  );
}

type Chip = ComposerView['chips'][number];

function chip(id: string, change: Partial<Chip>): Chip {
  const plain = { name: 'file.ts', hover: 'src/egress/file.ts', isEditable: false, hasHiddenCharacters: false };
  return { id, kind: 'file', tokens: 100, state: 'attached', ...plain, ...change };
}

function head(id: string, change: Partial<ThreadHead>): ThreadHead {
  return {
    ...{ id, title: 'A conversation', isPinned: false, changedMs: Date.now() - 7_200_000 },
    ...{ turnCount: 3, isAnswering: false, ...change },
  };
}
