import { expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { actionHandlers, type ActionNeeds } from '../../../src/editor/chat/actionHandlers.ts';

it('knows what the button above the composer is about', async () => {
  const done: (readonly [string, string | undefined])[] = [];
  const needs = {
    desk: { find: () => undefined },
    blocked: () => new Failure('denied', 'A rule keeps it here.', { action: 'openPolicy' }),
    act: (action: string, message: string | undefined) => Promise.resolve(void done.push([action, message])),
  };
  const { runAction } = actionHandlers(needs as unknown as ActionNeeds);
  await runAction({ type: 'runAction', action: 'openPolicy', threadId: 'c1' });
  expect(done).toEqual([['openPolicy', 'A rule keeps it here.']]);
});
