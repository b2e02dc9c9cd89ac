import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import type { IndicatorState } from '../../../src/editor/indicator/indicatorState.ts';
import { menuRows, showMenu } from '../../../src/editor/indicator/menu.ts';
import { emptyTally } from '../../../src/ledger/tally.ts';
import { Person } from '../../support/person.ts';

const state: IndicatorState = {
  completion: {
    id: 'embedded:/a.gguf',
    name: 'SmolLM2',
    route: { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined },
    server: undefined,
    vendor: undefined,
    isMetered: false,
    engine: { kind: 'asleep' },
    last: undefined,
  },
  chat: undefined,
  running: { elapsedS: undefined, sending: undefined, isStoppable: false },
  deniedBy: undefined,
  ceiling: { ceiling: 'any', source: 'your settings' },
  ownCeiling: 'any',
  consents: [],
  problems: [],
  ...{ today: emptyTally, day: '2026-11-22', month: emptyTally, session: emptyTally },
  ...{ forecast: undefined, limits: [], recentThatLeft: [] },
  resting: undefined,
  whyNone: undefined,
  servedFrom: undefined,
  neighbours: [],
};

/** Opens the menu and picks the entry with this label; gives back what happened, in order. */
async function open(label: string | undefined): Promise<string[]> {
  const happened: string[] = [];
  const person = new Person(label === undefined ? 'escape' : { pick: label });
  const create = person.createQuickPick.bind(person);
  person.createQuickPick = () => {
    happened.push('list');
    return create();
  };
  await showMenu({
    ...person.needs,
    run: ((command: string) => Promise.resolve(happened.push(command))) as typeof vscode.commands.executeCommand,
    state,
    language: 'python',
  });
  return happened;
}

describe('the menu', () => {
  it('runs what is picked', async () => {
    expect(await open('Pause until restart')).toContain('paddock.pauseUntilRestart');
  });

  it('takes the focus from the status bar first, so that closing the list gives it to the editor', async () => {
    expect((await open(undefined)).slice(0, 2)).toEqual(['workbench.action.focusActiveEditorGroup', 'list']);
  });

  it('offers to resume while paused, and not to pause again', () => {
    const paused = { ...state, resting: { kind: 'paused', words: 'paused until restart' } } as const;
    const commands = menuRows(paused, 'python').map(({ pick }) => pick);
    expect(commands).toContain('paddock.resume');
    expect(commands).not.toContain('paddock.pauseForAWhile');
  });
});
