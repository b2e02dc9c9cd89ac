import { describe, expect, test } from 'vitest';
import { isStopKey, stopKey, withCommandKey } from '../../../media/chat/commandKey.ts';
import { urisIn } from '../../../media/chat/droppedUris.ts';
import { present, stepped } from '../../../media/chat/past.ts';
import { triggerBefore } from '../../../media/chat/trigger.ts';

/** Where the cursor stands is drawn as █. */
function at(drawn: string): ReturnType<typeof triggerBefore> {
  return triggerBefore(drawn.replace('█', ''), drawn.indexOf('█'));
}

test.each([
  ['/█', { trigger: '/', query: '', start: 0 }],
  ['/exp█', { trigger: '/', query: 'exp', start: 0 }],
  ['@█', { trigger: '@', query: '', start: 0 }],
  ['see @file:src/ga█', { trigger: '@', query: 'file:src/ga', start: 4 }],
  ['(@sel█)', { trigger: '@', query: 'sel', start: 1 }],
  ['and /exp█', undefined],
  ['/explain this█', undefined],
  ['me@example█', undefined],
  ['@file done█', undefined],
  ['█@file', undefined],
] as const)('%j asks for %j', (drawn, expected) => {
  expect(at(drawn)).toEqual(expected);
});

const userAgents = {
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Code/1.105.0 Electron/37.6.0',
  linux: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
  windows: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Code/1.105.0 Electron/37.6.0',
};

test.each([
  ['mac', 'Cmd+F', 'Cmd+Escape'],
  ['linux', 'Ctrl+F', 'Ctrl+Escape'],
  ['windows', 'Ctrl+F', 'Alt+Backspace'],
] as const)('on %s keys are named as there', (system, find, stop) => {
  expect([withCommandKey('F', userAgents[system]), stopKey(userAgents[system])]).toEqual([find, stop]);
});

test('an answer is stopped with the key of the system, and no other key is taken for that', () => {
  const none = { ctrlKey: false, metaKey: false, altKey: false };
  const presses = {
    'Ctrl+Escape': { ...none, key: 'Escape', ctrlKey: true },
    'Cmd+Escape': { ...none, key: 'Escape', metaKey: true },
    'Alt+Backspace': { ...none, key: 'Backspace', altKey: true },
    Escape: { ...none, key: 'Escape' },
  };
  for (const [system, pressed] of [
    ['mac', ['Ctrl+Escape', 'Cmd+Escape']],
    ['linux', ['Ctrl+Escape', 'Cmd+Escape']],
    ['windows', ['Alt+Backspace']],
  ] as const) {
    const found = Object.entries(presses).filter(([, event]) => isStopKey(event, userAgents[system]));
    expect(
      found.map(([name]) => name),
      system,
    ).toEqual(pressed);
  }
});

describe('earlier questions', () => {
  const history = ['newest', 'older'];

  test('come back one by one, and what was being typed comes back at the end', () => {
    const once = stepped(present, 'back', { history, text: 'half' });
    const twice = once && stepped(once.past, 'back', { history, text: once.text });
    expect([once?.text, twice?.text]).toEqual(['newest', 'older']);
    expect(twice && stepped(twice.past, 'back', { history, text: twice.text })).toBeUndefined();
    const forward = twice && stepped(twice.past, 'forward', { history, text: twice.text });
    const end = forward && stepped(forward.past, 'forward', { history, text: forward.text });
    expect([forward?.text, end?.text]).toEqual(['newest', 'half']);
  });

  test('are none where nothing was asked', () => {
    expect(stepped(present, 'back', { history: [], text: '' })).toBeUndefined();
    expect(stepped(present, 'forward', { history, text: '' })).toBeUndefined();
  });
});

describe('what is dropped', () => {
  const dropped = (data: Readonly<Record<string, string>>) => urisIn((type) => data[type] ?? '');

  test('is read from the list of addresses', () => {
    expect(dropped({ 'text/uri-list': '# files\r\nfile:///a.ts\r\nfile:///b.ts\r\nfile:///a.ts' })).toEqual([
      'file:///a.ts',
      'file:///b.ts',
    ]);
    expect(dropped({ 'application/vnd.code.uri-list': 'vscode-remote://x/a', 'text/uri-list': 'http://y' })).toEqual([
      'vscode-remote://x/a',
    ]);
    expect(dropped({ resourceurls: '["file:///a.ts", 1]' })).toEqual(['file:///a.ts']);
  });

  test('is nothing where there are no addresses', () => {
    expect(dropped({})).toEqual([]);
    expect(dropped({ 'text/uri-list': 'just words' })).toEqual([]);
    expect(dropped({ resourceurls: '{not json' })).toEqual([]);
  });
});
