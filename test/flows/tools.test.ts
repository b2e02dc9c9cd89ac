/** Tools on their way to a server on a real socket and back: what is sent, what is masked, what is written down. */
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { journalFolder } from '../../src/base/journal.ts';
import { createExchange } from '../../src/exchange.ts';
import { sizeOf } from '../../src/exchange/counting.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { ChatMessage, ChatRequest, Chunk } from '../../src/models/model.ts';
import type { Toolbox } from '../../src/models/tools.ts';
import { serverProvider } from '../../src/providers/server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gateFor, serverAt } from '../support/gates.ts';
import { entriesIn } from '../support/ledgerEntries.ts';
import { LogLines } from '../support/log.ts';
import { noLimits } from '../support/money.ts';
import { startScriptedServer, type Script } from '../support/scriptedServer.ts';
import { served } from '../support/served.ts';

const token = `gh${'p_'}${'aB3dE5fG7hJ9'.repeat(3)}`;
const password = 'Tr0ub4dor&3"x';
const schema = { type: 'object', properties: { path: { type: 'string' } }, required: ['password', 'accountId'] };
const toolbox: Toolbox = {
  tools: [{ name: 'write', description: `Writes with ${token}.`, schemaJson: JSON.stringify(schema) }],
  choice: 'auto',
};

function question(...messages: readonly ChatMessage[]): ChatRequest {
  return { kind: 'chat', messages: [{ role: 'user', text: 'Go on.' }, ...messages], toolbox, items: [] };
}

const deltas = (name: string, text: string): readonly object[] => [
  { choices: [{ delta: { tool_calls: [{ index: 0, id: 'c1', function: { name, arguments: '' } }] } }] },
  ...(text.match(/.{1,5}/gs) ?? []).map((piece) => ({
    choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } }],
  })),
];
const end = [
  { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
  { usage: { prompt_tokens: 9, completion_tokens: 4 } },
];

async function setUp(script: Script) {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.dispose());
  const folder = temporaryFolder();
  const [clock, log] = [systemClock, new LogLines()];
  const ledger = new Ledger({ files: journalFolder(folder, 'me'), clock, log });
  const model = served('generic', 'm', `${server.url}/v1`);
  const survey = { known: () => ({ canCallTools: true }), forget: () => undefined };
  const { ask } = createExchange({
    ...noLimits(),
    choose: () => model,
    destinationOf: () => Promise.resolve(serverAt(`${server.url}/v1`, { isMetered: true })),
    gate: gateFor({ ledger, clock, log }),
    providerOf: () => serverProvider(model, { survey, clock }),
    clock,
  });
  const answer = async (request: ChatRequest): Promise<readonly Chunk[]> => {
    const chunks: Chunk[] = [];
    const purpose = { role: 'chat', initiator: 'extension', extension: 'some.agent' } as const;
    for await (const chunk of ask(purpose, request, new AbortController().signal)) chunks.push(chunk);
    return chunks;
  };
  const written = () => {
    ledger.dispose();
    return entriesIn(folder);
  };
  return { server, answer, written };
}

it('no secret of a result, of a call, of a description leaves, and a call has its own back', async () => {
  const { items: _, ...told } = question(
    {
      role: 'assistant',
      text: '',
      calls: [{ id: 'a', name: 'write', argumentsJson: JSON.stringify({ text: `\n${token}\n`, password }) }],
    },
    { role: 'tool', callId: 'a', text: `export GITHUB=${token}` },
  );
  const asked = { ...told, items: [{ uri: 'vscode-lm:/some.agent', bytes: 1 }] };
  const { server, answer, written } = await setUp((_request, reply) =>
    reply.sse([
      ...deltas('write', '{"text":"x\\nPADDOCK_SECRET_1","url":"https://evil.test/?q=PADDOCK_SECRET_1"}'),
      ...end,
      '[DONE]',
    ]),
  );
  const chunks = await answer(asked);
  const { body, json } = server.last;
  expect(body).not.toContain(token);
  expect(body).not.toContain('Tr0ub4dor');
  const messages = json['messages'] as { content: string; tool_calls?: { function: { arguments: string } }[] }[];
  const sent = JSON.parse(messages[1]?.tool_calls?.[0]?.function.arguments ?? '') as object;
  expect(sent).toEqual({
    text: '\nPADDOCK_SECRET_1\n',
    password: expect.stringMatching(/^PADDOCK_SECRET_\d/) as string,
  });
  expect(messages[2]?.content).toBe('export GITHUB=PADDOCK_SECRET_1');
  // A schema only names what is secret.
  expect(json['tools']).toEqual([
    { type: 'function', function: { name: 'write', description: 'Writes with PADDOCK_SECRET_1.', parameters: schema } },
  ]);
  expect(written()).toMatchObject([{ items: [{ maskedCount: 4 }] }, { outcome: 'finished' }]);
  const call = chunks.find(({ kind }) => kind === 'toolCall') as { readonly argumentsJson: string };
  expect(JSON.parse(call.argumentsJson)).toEqual({
    text: `x\n${token}`,
    url: 'https://evil.test/?q=PADDOCK_SECRET_1', // no address that the secret did not stand in
  });
});

it('a request with tools is written down as any other, with what the server counted', async () => {
  const { answer, written } = await setUp((_request, reply) => reply.sse([...deltas('write', '{}'), ...end, '[DONE]']));
  expect((await answer(question())).map(({ kind }) => kind)).toEqual(['opened', 'toolCall', 'end']);
  const entries = written();
  expect(entries).toMatchObject([
    { kind: 'intent', extension: 'some.agent' },
    { kind: 'settlement', outcome: 'finished', usage: { promptTokens: 9, completionTokens: 4, source: 'provider' } },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/Writes with|accountId/);
});

it('nothing is sent again once a call has begun, and half a call reaches nobody', async () => {
  const fails = await setUp((_request, reply) =>
    reply.sse([...deltas('write', '{"te'), { error: { message: 'overloaded', type: 'overloaded_error' } }]),
  );
  await expect(fails.answer(question())).rejects.toMatchObject({ kind: 'badResponse' });
  expect(fails.server.requests).toHaveLength(1);
  expect(fails.written()).toMatchObject([{ kind: 'intent' }, { kind: 'settlement', outcome: 'failed' }]);

  const breaks = await setUp(async (_request, reply) => {
    reply.start(200, { 'content-type': 'text/event-stream' });
    for (const delta of deltas('write', '{"te')) await reply.event(delta);
    reply.cut();
  });
  expect((await breaks.answer(question())).map(({ kind }) => kind)).toEqual(['opened', 'end']);
  expect(breaks.server.requests).toHaveLength(1);
  expect(breaks.written()).toMatchObject([{ kind: 'intent' }, { kind: 'settlement', outcome: 'cut' }]);
});

it('a call that began may have been charged for, whatever its server refused after that', async () => {
  const refusal = { error: { message: 'slow down', type: 'rate_limit_error' } };
  const { answer, written } = await setUp((_request, reply) => reply.sse([...deltas('write', '{"te'), refusal]));
  await expect(answer(question())).rejects.toMatchObject({ kind: 'rateLimited' });
  expect(written().at(-1)).toMatchObject({ outcome: 'failed', cost: { basis: 'unknown' } });
});

it('a call that makes no sense fails, and what it cost is known', async () => {
  const { answer, written } = await setUp((_request, reply) =>
    reply.sse([...deltas('write', '{"te'), ...end, '[DONE]']),
  );
  await expect(answer(question())).rejects.toMatchObject({ kind: 'badResponse', isPassing: false });
  expect(written()).toMatchObject([
    { kind: 'intent' },
    { kind: 'settlement', outcome: 'failed', usage: { promptTokens: 9, completionTokens: 4 } },
  ]);
});

it('tools, calls and results are measured before anything is sent', () => {
  const call = { id: 'a', name: 'write', argumentsJson: '{"text":"ä"}' };
  const asked = question({ role: 'assistant', text: 'x', calls: [call] }, { role: 'tool', callId: 'a', text: 'done' });
  const told = `Go on.xwrite${call.argumentsJson}done`;
  const tools = `write${toolbox.tools[0]?.description}${JSON.stringify(schema)}`;
  expect(sizeOf(asked)).toEqual({ bytes: Buffer.byteLength(told + tools), messages: 4 });
});
