import { describe, expect, it } from 'vitest';
import { callerIn, nativeRequest } from '../../../src/editor/chat/nativeMessages.ts';

const text = (value: string) => ({ value });
const request = (messages: Parameters<typeof nativeRequest>[0]['messages'], options: unknown = {}) =>
  nativeRequest({ messages, options, caller: 'some.extension' });

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
          { callId: '2', name: 'weather', input: {} },
          null,
          7,
        ],
      },
    ]);
    expect(messages[0]?.text).toBe(
      '12 degrees näher[image/png, which this model cannot read][a call of the tool weather]',
    );
  });

  it('has only the options that make sense', () => {
    const asked = (modelOptions: unknown) => request([{ role: 1, content: ['?'] }], { modelOptions });
    expect(asked({ temperature: 0.5, max_tokens: 20 })).toMatchObject({ temperature: 0.5, maxTokens: 20 });
    for (const nonsense of [undefined, null, 'x', { temperature: 'hot', max_tokens: -1 }, { temperature: 9 }]) {
      expect(Object.keys(asked(nonsense))).toEqual(['kind', 'messages', 'items']);
    }
  });

  it('tells the caller only where it looks like one', () => {
    expect(callerIn({ requestInitiator: 'some.extension-2' })).toBe('some.extension-2');
    for (const other of [undefined, {}, { requestInitiator: 'nullextensiondescription' }, { requestInitiator: 7 }]) {
      expect(callerIn(other)).toBeUndefined();
    }
    expect(callerIn({ requestInitiator: 'a b.c\nd' })).toBeUndefined();
  });
});
