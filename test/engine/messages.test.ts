import { describe, expect, test } from 'vitest';
import { parseFromEngine, parseToEngine } from '../../src/engine/messages.ts';

describe('a message', () => {
  test.each<unknown>([{ type: 'hello', protocol: 1 }, { type: 'cancel', id: 3 }, { type: 'bye' }, { type: 'threads' }])(
    'to the engine is taken: %j',
    (message) => {
      expect(parseToEngine(message)).toBe(message);
    },
  );

  test.each<unknown>([
    undefined,
    null,
    7,
    'hello',
    [],
    {},
    { type: 'unknown' },
    { type: 'toString' },
    { type: 'cancel' },
    { type: 'cancel', id: '3' },
    { type: 'infill', id: 3, request: null },
  ])('that is none of ours is refused: %j', (message) => {
    expect(parseToEngine(message)).toBeUndefined();
  });

  test('from the engine is taken or refused alike', () => {
    expect(parseFromEngine({ type: 'pong', id: 1 })).toEqual({ type: 'pong', id: 1 });
    expect(parseFromEngine({ type: 'text', id: 1, text: 'a' })).toBeUndefined();
    expect(parseFromEngine({ type: 'cancel', id: 1 })).toBeUndefined();
  });
});
