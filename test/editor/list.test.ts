import { describe, expect, it } from 'vitest';
import { showList, type Row, type Shown } from '../../src/editor/list.ts';
import { Person, type Act } from '../support/person.ts';

const line = (key: string): Row<string> => ({ kind: 'line', key, label: `line ${key}`, icon: 'edit', pick: key });
const shown = (...keys: string[]): Shown<string> => ({ rows: keys.map(line), isBusy: false });

/** Opens a list on `b`, fills it in with each step, and notes the active line after each. */
async function activeLines(...steps: Shown<string>[]): Promise<(string | undefined)[]> {
  const person = new Person('escape');
  const active: (string | undefined)[] = [];
  const pickers: { activeItems: readonly { readonly label: string }[] }[] = [];
  const needs = {
    ...person.needs,
    window: {
      ...person.needs.window,
      createQuickPick: () => {
        const picker = person.createQuickPick();
        pickers.push(picker);
        return picker;
      },
    },
  } as unknown as typeof person.needs;
  const look = () => active.push(pickers[0]?.activeItems[0]?.label);
  await showList(needs, {
    title: 'A list',
    placeHolder: '',
    hasBack: false,
    shown: shown('a', 'b'),
    active: 'b',
    fill: (show) => {
      look();
      for (const step of steps) {
        show(step);
        look();
      }
    },
  });
  return active;
}

describe('a list', () => {
  it('keeps its active line while it fills in above and below', async () => {
    expect(await activeLines(shown('x', 'a', 'b'), shown('x', 'b', 'y'))).toEqual(['line b', 'line b', 'line b']);
  });

  it('begins at the top again when the active line is gone', async () => {
    expect(await activeLines(shown('x', 'y'))).toEqual(['line b', 'line x']);
  });

  it('tells a pick from leaving and from going back', async () => {
    const ask = (...acts: Act[]) =>
      showList(new Person(...acts).needs, { title: '', placeHolder: '', hasBack: true, shown: shown('a', 'b') });
    expect(await ask({ pick: 'line b' })).toEqual({ kind: 'picked', pick: 'b' });
    expect(await ask('escape')).toEqual({ kind: 'closed' });
    expect(await ask('back')).toEqual({ kind: 'back' });
  });

  it('shows what is found for what was typed last, however late the search before it ends', async () => {
    const searches = new Map<string, PromiseWithResolvers<readonly Row<string>[]>>();
    const lookUp = (typed: string) => {
      searches.set(typed, Promise.withResolvers());
      return searches.get(typed)?.promise ?? Promise.resolve([]);
    };
    const answer = (typed: string, ...keys: string[]) => ({
      first: () => searches.get(typed)?.resolve(keys.map(line)),
    });
    const person = new Person({ type: 'a' }, { type: 'ab' }, answer('ab', 'ab'), answer('a', 'a'), { pick: 'line a' });
    const list = { title: '', placeHolder: '', hasBack: false, shown: shown(), lookUp };
    expect(await showList(person.needs, list)).toEqual({ kind: 'picked', pick: 'ab' });
  });

  it('closes and throws when looking up fails', async () => {
    const lookUp = () => Promise.reject(new Error('Canceled'));
    const list = { title: '', placeHolder: '', hasBack: false, shown: shown(), lookUp };
    await expect(showList(new Person({ type: 'a' }, { pick: 'a' }).needs, list)).rejects.toThrow('Canceled');
  });

  it('stops its filling when it closes, and draws nothing after', async () => {
    let signal: AbortSignal | undefined;
    let show: ((shown: Shown<string>) => void) | undefined;
    const person = new Person({ pick: 'line a' });
    await showList(person.needs, {
      title: 'A list',
      placeHolder: '',
      hasBack: false,
      shown: shown('a'),
      fill: (...given) => ([show, signal] = given),
    });
    show?.(shown('late'));
    expect(signal?.aborted).toBe(true);
    expect(person.saw('A list')).not.toContain('late');
  });
});
