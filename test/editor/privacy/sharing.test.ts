import { describe, expect, it } from 'vitest';
import { Sharing } from '../../../src/editor/privacy/sharing.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

/** A user who presses one button after the other. */
function asked(...buttons: (string | undefined)[]) {
  const memento = new FakeMemento();
  const dialogs: string[] = [];
  const showWarningMessage = (_message: string, { detail }: { readonly detail: string }) => {
    dialogs.push(detail);
    return Promise.resolve(buttons.shift());
  };
  const sharing = new Sharing({ window: { showWarningMessage } as never, memento });
  return { sharing, memento, dialogs };
}

describe('other extensions', () => {
  it('are asked about once, however many wait, and the answer stays', async () => {
    const { sharing, memento, dialogs } = asked('Allow');
    const answers = [sharing.mayUse('a.b', 'this computer'), sharing.mayUse('c.d', 'this computer')];
    expect(await Promise.all(answers)).toEqual([true, true]);
    expect(await sharing.mayUse('e.f', 'this computer')).toBe(true);
    expect(dialogs).toHaveLength(1);
    expect(dialogs[0]).toContain('a.b');
    const next = new Sharing({ window: {} as never, memento });
    expect(await next.mayUse('a.b', 'this computer')).toBe(true);
  });

  it('are refused for good by the button', async () => {
    const { sharing, dialogs } = asked('Don’t Allow');
    expect([await sharing.mayUse('a.b', ''), await sharing.mayUse('c.d', '')]).toEqual([false, false]);
    expect([sharing.answer, dialogs.length]).toEqual(['refused', 1]);
  });

  it('that were there when the question was closed do not bring it back, until it is taken back', async () => {
    const { sharing, memento, dialogs } = asked(undefined, undefined, 'Allow');
    const answers = [sharing.mayUse('a.b', ''), sharing.mayUse('c.d', '')];
    expect(await Promise.all(answers)).toEqual([false, false]);
    expect([await sharing.mayUse('a.b', ''), await sharing.mayUse('c.d', '')]).toEqual([false, false]);
    expect([sharing.answer, dialogs.length]).toEqual(['dismissed', 1]);
    expect(new Sharing({ window: {} as never, memento }).answer).toBeUndefined(); // another window asks by itself
    // Somebody else is a new question, and a yes holds for all.
    expect([await sharing.mayUse('e.f', ''), dialogs.length]).toEqual([false, 2]);
    await sharing.keep(undefined);
    expect(sharing.answer).toBeUndefined();
    expect([await sharing.mayUse('a.b', ''), await sharing.mayUse('e.f', ''), dialogs.length]).toEqual([true, true, 3]);
  });

  it('are asked about again when the answer is taken back', async () => {
    const { sharing, dialogs } = asked('Allow', 'Allow');
    await sharing.mayUse('a.b', '');
    await sharing.keep(undefined);
    await sharing.mayUse('a.b', '');
    expect(dialogs).toHaveLength(2);
  });
});
