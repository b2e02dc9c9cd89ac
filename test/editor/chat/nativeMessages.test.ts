import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { mostToolBytes, mostTools } from '../../../src/models/tools.ts';
import { callerIn, nativeRequest } from '../../../src/editor/chat/nativeMessages.ts';

const text = (value: string) => ({ value });
const request = (messages: Parameters<typeof nativeRequest>[0]['messages'], options: unknown = {}) =>
  nativeRequest({ messages, options, caller: 'some.extension', mostAnswerTokens: 100 });

describe('what VS Code hands over', () => {
  it('becomes messages, those of one role that follow each other as one', () => {
    const { messages, items } = request([
      { role: 3, content: [text('Be brief.')] },
      { role: 1, content: [text('Hello '), text('there')] },
      { role: 1, content: [text('again')] },
      { role: 2, content: [text('Hi')] },
      { role: 1, content: ['plain'] },
    ]);
    expect(messages).toEqual([
      { role: 'system', text: 'Be brief.' },
      { role: 'user', text: 'Hello there\n\nagain' },
      { role: 'assistant', text: 'Hi' },
      { role: 'user', text: 'plain' },
    ]);
    expect(items).toEqual([{ uri: 'vscode-lm:/some.extension', bytes: 9 + 18 + 2 + 5 }]);
  });

  it('keeps texts of every kind and names what cannot be read', () => {
    const { messages } = request([
      {
        role: 1,
        content: [
          { callId: '1', content: [text('12 degrees')] },
          { mimeType: 'text/plain', data: Buffer.from(' näher') },
          { mimeType: 'image/png', data: Buffer.from([1, 2]) },
          { mimeType: 'cache_control', data: Buffer.from('ephemeral') },
          { callId: '2', name: 'weather', input: {} },
          { callId: '3', content: [{ value: { node: {} } }] },
          null,
          7,
        ],
      },
    ]);
    expect(messages[0]?.text).toBe(
      '12 degrees näher[image/png, which this model cannot read][a call of the tool weather]' +
        '[a result in a form that this model cannot read]',
    );
  });

  it('has only the options that make sense', () => {
    const asked = (modelOptions: unknown) => request([{ role: 1, content: ['?'] }], { modelOptions });
    expect(asked({ temperature: 0.5, max_tokens: 20 })).toMatchObject({ temperature: 0.5, maxTokens: 20 });
    expect(asked({ maxTokens: 1e9 })).toMatchObject({ maxTokens: 100 }); // no more than was offered
    for (const nonsense of [undefined, null, 'x', { temperature: 'hot', max_tokens: -1 }, { temperature: 9 }]) {
      expect(Object.keys(asked(nonsense))).toEqual(['kind', 'messages', 'items']);
    }
  });

  it('keeps calls and their results, results before what is said with them', () => {
    const { messages, toolbox, items } = request(
      [
        { role: 1, content: ['How warm?'] },
        { role: 2, content: [text('I look.'), { callId: 'a', name: 'look', input: { room: 'hall' } }] },
        { role: 1, content: ['Go on.', { callId: 'a', content: [text('21'), text(' °C')] }] },
      ],
      { tools: [{ name: 'look', description: 'Reads.', inputSchema: { type: 'object' } }, { name: 'wait' }] },
    );
    expect(messages).toEqual([
      { role: 'user', text: 'How warm?' },
      { role: 'assistant', text: 'I look.', calls: [{ id: 'a', name: 'look', argumentsJson: '{"room":"hall"}' }] },
      { role: 'tool', callId: 'a', text: '21 °C' },
      { role: 'user', text: 'Go on.' },
    ]);
    expect(toolbox).toEqual({
      choice: 'auto',
      tools: [
        { name: 'look', description: 'Reads.', schemaJson: '{"type":"object"}' },
        { name: 'wait', description: '', schemaJson: '{"type":"object","properties":{}}' },
      ],
    });
    const sent = 'How warm?I look.look{"room":"hall"}21 °CGo on.lookReads.{"type":"object"}wait';
    expect(items[0]?.bytes).toBe(Buffer.byteLength(`${sent}{"type":"object","properties":{}}`));
    expect(request([], { tools: [{ name: 'wait' }], toolMode: 2 }).toolbox?.choice).toBe('required');
  });

  it('makes text of a call without a result and of a result without a call, which servers refuse', () => {
    const { messages } = request([
      { role: 2, content: [{ callId: 'a', name: 'look', input: { room: 'hall' } }] },
      { role: 1, content: [{ callId: 'b', content: [text('21')] }] },
    ]);
    expect(messages).toEqual([
      { role: 'assistant', text: '[a call of the tool look: {"room":"hall"}]' },
      { role: 'user', text: '21' },
    ]);
  });

  it.each([
    ['too many', Array.from({ length: mostTools + 1 }, (_, at) => ({ name: `t${at}` }))],
    ['too long', [{ name: 'a', description: 'x'.repeat(mostToolBytes) }]],
    ['of one name', [{ name: 'a' }, { name: 'a' }]],
    ['of no name', [{ name: 'rm -rf' }]],
    ['none at all', [null]],
  ])('refuses tools that no server takes: %s', (_what, tools) => {
    expect(() => request([], { tools })).toThrow(Failure);
  });

  it('tells the caller only where it looks like one', () => {
    expect(callerIn({ requestInitiator: 'some.extension-2' })).toBe('some.extension-2');
    for (const other of [undefined, {}, { requestInitiator: 'nullextensiondescription' }, { requestInitiator: 7 }]) {
      expect(callerIn(other)).toBeUndefined();
    }
    expect(callerIn({ requestInitiator: 'a b.c\nd' })).toBeUndefined();
  });
});
