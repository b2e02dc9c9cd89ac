import { expect, it } from 'vitest';
import { Callers, mostAtOnce } from '../../../src/editor/chat/callers.ts';

it('lets each caller ask a few at once, and the next when one of them ended', () => {
  const callers = new Callers();
  const places = Array.from({ length: mostAtOnce }, () => callers.enter('a.b'));
  expect(places.every((place) => place !== undefined)).toBe(true);
  expect(callers.enter('a.b')).toBeUndefined();
  expect(callers.enter('c.d')).toBeDefined();
  places[0]?.dispose();
  places[0]?.dispose(); // ends once
  expect(callers.enter('a.b')).toBeDefined();
  expect(callers.enter('a.b')).toBeUndefined();
});
