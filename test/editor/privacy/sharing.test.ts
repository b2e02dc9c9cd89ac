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

  it('are refused for good by the button, and for now by closing the question', async () => {
    const closed = asked(undefined, 'Don’t Allow');
    expect([await closed.sharing.mayUse('a.b', ''), closed.sharing.answer]).toEqual([false, undefined]);
    expect([await closed.sharing.mayUse('a.b', ''), closed.sharing.answer]).toEqual([false, 'refused']);
    expect([await closed.sharing.mayUse('a.b', ''), closed.dialogs.length]).toEqual([false, 2]);
  });

  it('are asked about again when the answer is taken back', async () => {
    const { sharing, dialogs } = asked('Allow', 'Allow');
    await sharing.mayUse('a.b', '');
    await sharing.keep(undefined);
    await sharing.mayUse('a.b', '');
    expect(dialogs).toHaveLength(2);
  });
});
