import { describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { asFailure, Failure } from '../../src/base/failure.ts';
import { Notices } from '../../src/editor/notices.ts';
import { lineOf } from '../../src/editor/privacy/openPolicy.ts';
import { settle } from '../support/clock.ts';
import { LogLines } from '../support/log.ts';
import { FakeMemento } from '../support/vscodeStores.ts';

/** Notices of which every button is pressed, if `isPressing`. */
function start(isPressing = false) {
  const said: string[] = [];
  const pressed: unknown[] = [];
  const log = new LogLines();
  const show = (message: string, ...buttons: readonly string[]) => {
    said.push([message, ...buttons].join(' | '));
    return Promise.resolve(isPressing ? buttons[0] : undefined);
  };
  const notices = new Notices({
    window: { showErrorMessage: show, showInformationMessage: show } as unknown as typeof vscode.window,
    run: ((...command: unknown[]) => Promise.resolve(pressed.push(command))) as typeof vscode.commands.executeCommand,
    memento: new FakeMemento(),
    log,
    originOf: (host) => (host === '' ? undefined : `https://${host}`),
    openPolicy: (place) => Promise.resolve(void pressed.push(place)),
  });
  return { notices, said, pressed, log };
}

const gone = (host = 'a.example', words = 'Nobody answers.') =>
  new Failure('unreachable', words, { facts: { host }, action: 'switchProvider' });

describe('a failed request', () => {
  it('is said once, however many keystrokes meet the same, in whatever words', () => {
    const { notices, said } = start();
    for (let key = 0; key < 50; key += 1) {
      notices.showRequestFailure('completion', gone('a.example', `No answer (${key}).`), false);
    }
    expect(said).toEqual(['Paddock: No answer (0). | Switch provider']);
  });

  it('is another one at another host, of another kind, or for the other role', () => {
    const { notices, said } = start();
    notices.showRequestFailure('completion', gone(), false);
    notices.showRequestFailure('completion', gone('b.example'), false);
    notices.showRequestFailure('completion', new Failure('auth', 'No key.', { facts: { host: 'a.example' } }), false);
    notices.showRequestFailure('chat', gone(), false);
    expect(said).toHaveLength(4);
  });

  it('is said again after one worked in between, and every time the user asked', () => {
    const { notices, said } = start();
    notices.showRequestFailure('completion', gone(), false);
    notices.worked('chat');
    notices.showRequestFailure('completion', gone(), false);
    expect(said).toHaveLength(1);
    notices.worked('completion');
    notices.showRequestFailure('completion', gone(), false);
    expect(said).toHaveLength(2);
    notices.showRequestFailure('completion', gone(), true);
    notices.showRequestFailure('completion', gone(), true);
    expect(said).toHaveLength(4);
  });

  it('is not said when it was stopped, or when the engine tells it by itself', () => {
    const { notices, said } = start();
    for (const kind of ['aborted', 'noModel', 'engineCrashed', 'engineTimeout'] as const) {
      notices.showRequestFailure('completion', new Failure(kind, kind), false);
    }
    expect(said).toEqual([]);
  });

  it('is said once where a server answers again and again that it was asked too often', () => {
    const { notices, said } = start();
    const tooMany = new Failure('rateLimited', 'Too many requests.', { facts: { host: 'a.example' } });
    for (let round = 0; round < 3; round += 1) {
      notices.showRequestFailure('completion', tooMany, false);
      notices.worked('completion');
    }
    expect(said).toHaveLength(1);
    notices.showRequestFailure('completion', tooMany, true);
    expect(said).toHaveLength(2);
  });

  it('is logged whenever it is said, and not when it was stopped', () => {
    const { notices, log } = start();
    for (let key = 0; key < 3; key += 1) notices.showRequestFailure('completion', gone(), false);
    notices.showRequestFailure('completion', new Failure('aborted', 'Stopped.'), true);
    notices.answer(asFailure(new Error('const secret = 1'), 'unexpected', 'showLog'));
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toMatch(/^error: unreachable: Nobody answers\. host=a\.example\n\s+at /);
    expect(log.lines[1]).toMatch(/^error: unexpected\n/);
    expect(log.lines.join()).not.toContain('secret');
  });

  it('offers one thing to do: the key of its origin, the file at its rule, or another provider', async () => {
    const { notices, said, pressed } = start(true);
    const facts = { host: 'a.example' };
    notices.showRequestFailure('completion', new Failure('auth', 'A.', { action: 'setApiKey', facts }), false);
    const rule = { source: '/etc/paddock/policy.json', rule: 'ceiling: loopback' };
    const denied = new Failure('denied', 'B.', { action: 'openPolicy', facts: { ...facts, ...rule } });
    notices.showRequestFailure('completion', denied, false);
    notices.showRequestFailure('completion', new Failure('badResponse', 'C.', { facts }), false);
    await settle();
    expect(said).toEqual(['Paddock: A. | Set API key', 'Paddock: B. | Open policy', 'Paddock: C. | Switch provider']);
    expect(pressed).toEqual([['paddock.setApiKey', 'https://a.example'], rule, ['paddock.switchProvider']]);
  });
});

it('a command that fails offers another provider where there is nothing better to press', () => {
  const { notices, said } = start();
  notices.answer(new Failure('badResponse', 'C.'));
  notices.answer(new Failure('diskFailed', 'D.', { action: 'showLog' }));
  expect(said).toEqual(['Paddock: C. | Switch provider', 'Paddock: D. | Show log']);
});

it('a policy file opens where the rule stands', () => {
  const text =
    '{\n  // ours\n  "ceiling": "private",\n  "forbiddenHosts": [\n    "a.example",\n    "*.b.example"\n  ]\n}';
  expect(lineOf('ceiling: private', text)).toBe(2);
  expect(lineOf('forbiddenHosts: *.b.example', text)).toBe(5);
  expect(lineOf('allowedHosts', text)).toBe(0);
  expect(lineOf('forbiddenHosts', text)).toBe(3);
  expect(lineOf('line 4', text)).toBe(3);
});
