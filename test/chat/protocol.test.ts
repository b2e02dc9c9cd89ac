import { describe, expect, it } from 'vitest';
import { parseFromWebview, type FromWebview } from '../../src/chat/protocol.ts';
import { Chance } from '../support/chance.ts';

const turn = { threadId: 't1', turnId: 'u1' };
/** One of each, as a webview that means well sends it. */
const wellMeant: { readonly [Type in FromWebview['type']]: Extract<FromWebview, { type: Type }> } = {
  ready: { type: 'ready' },
  send: { type: 'send', threadId: 't1', text: 'why?' },
  stop: { type: 'stop', threadId: 't1' },
  regenerate: { type: 'regenerate', ...turn },
  resend: { type: 'resend', ...turn, text: 'why not?', attachmentIds: ['a', 'b'] },
  showVersion: { type: 'showVersion', ...turn },
  deleteTurn: { type: 'deleteTurn', ...turn },
  restoreTurn: { type: 'restoreTurn', ...turn },
  copyTurn: { type: 'copyTurn', ...turn, part: 'answer' },
  copy: { type: 'copy', text: 'const a = 1;\n' },
  newThread: { type: 'newThread' },
  openThread: { type: 'openThread', threadId: 't1', turnId: 'u1' },
  renameThread: { type: 'renameThread', threadId: 't1', title: 'Gates' },
  pinThread: { type: 'pinThread', threadId: 't1', isPinned: true },
  deleteThread: { type: 'deleteThread', threadId: 't1' },
  restoreThread: { type: 'restoreThread', threadId: 't1' },
  exportThread: { type: 'exportThread', threadId: 't1', format: 'json' },
  searchThreads: { type: 'searchThreads', request: 1, query: 'gate' },
  draft: { type: 'draft', threadId: 't1', text: 'wh' },
  suggest: { type: 'suggest', request: 2, trigger: '@', query: 'file:ga' },
  takeSuggestion: { type: 'takeSuggestion', suggestionId: 'file:///a b.ts' },
  pickContext: { type: 'pickContext' },
  dropUris: { type: 'dropUris', uris: ['file:///a.ts'] },
  takeChip: { type: 'takeChip', chipId: 'c1' },
  removeChip: { type: 'removeChip', chipId: 'c1' },
  readChip: { type: 'readChip', chipId: 'c1' },
  editChip: { type: 'editChip', chipId: 'c1', text: 'less' },
  openChip: { type: 'openChip', chipId: 'c1' },
  openAttachment: { type: 'openAttachment', ...turn, attachmentId: 'a' },
  answerReview: { type: 'answerReview', reviewId: 'r1', isUsed: false },
  switchModel: { type: 'switchModel' },
  runAction: { type: 'runAction', action: 'retry', ...turn },
  showReceipt: { type: 'showReceipt', ...turn },
  insertCode: { type: 'insertCode', text: 'a', language: 'ts', path: 'src/a.ts' },
  newFile: { type: 'newFile', text: 'a', language: '' },
  applyCode: { type: 'applyCode', text: 'a', language: 'ts' },
  openLink: { type: 'openLink', url: 'https://example.com/a?b=c#d' },
  openFile: { type: 'openFile', path: 'src/a.ts', line: 3, column: 1 },
};
const messages = Object.values(wellMeant);

describe('a message from the webview', () => {
  it.each(messages)('of type $type is taken as it is', (message) => {
    expect(parseFromWebview(structuredClone(message))).toEqual(message);
  });

  it.each(messages)('of type $type loses what does not belong to it', (message) => {
    expect(parseFromWebview({ ...message, html: '<b>', then: 1 })).toEqual(message);
  });

  it.each(messages.flatMap((message) => Object.keys(message).map((field) => [message.type, field, message] as const)))(
    'of type %s is refused when its %s is of another type',
    (_, field, message) => {
      for (const wrong of [null, 12.5, {}, [[]], true === Reflect.get(message, field) ? 'yes' : NaN]) {
        expect(parseFromWebview({ ...message, [field]: wrong })).toBeUndefined();
      }
    },
  );

  it.each([
    undefined,
    null,
    0,
    'ready',
    [],
    [{ type: 'ready' }],
    {},
    { type: 'constructor' },
    { type: '__proto__' },
    { type: 'toString' },
    { type: ['ready'] },
    { type: 'send', threadId: '../t1', text: '' },
    { type: 'send', threadId: 't'.repeat(65), text: '' },
    { type: 'send', threadId: 't1', text: 'x'.repeat(1_000_001) },
    { type: 'searchThreads', request: -1, query: '' },
    { type: 'suggest', request: 1, trigger: '#', query: '' },
    { type: 'dropUris', uris: Array.from({ length: 101 }, () => 'file:///a') },
    { type: 'openFile', path: 'a\nb' },
    { type: 'openFile', path: 'a\0b' },
    { type: 'openFile', path: '' },
    { type: 'openFile', path: 'a', line: 0 },
    { type: 'runAction', action: 'deleteEverything' },
    { type: 'runAction', action: 'toString' },
  ])('that is %j is refused', (message) => {
    expect(parseFromWebview(message)).toBeUndefined();
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' java\nscript:alert(1)',
    'command:workbench.action.quit',
    'vscode://paddock/x',
    'file:///etc/passwd',
    'data:text/html,x',
    '//example.com',
    'example.com',
    'https://openai.com@evil.example',
    'https://',
    '',
  ])('that wants to open %j is refused', (url) => {
    expect(parseFromWebview({ type: 'openLink', url })).toBeUndefined();
  });

  it('is refused or well-formed, and never makes the parser throw, in 10,000 random changes', () => {
    const chance = new Chance(20261122);
    let taken = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const message = mutated(
        structuredClone(chance.pick(messages as unknown as [FromWebview, ...FromWebview[]])),
        chance,
      );
      const parsed = parseFromWebview(message);
      if (parsed === undefined) continue;
      taken += 1;
      expect(parseFromWebview(parsed)).toEqual(parsed);
      expect(Object.keys(wellMeant)).toContain(parsed.type);
    }
    expect(taken).toBeGreaterThan(100);
    expect(taken).toBeLessThan(9_000);
  });
});

const junk = [
  undefined,
  null,
  NaN,
  Infinity,
  -1,
  0,
  1e300,
  '',
  'x',
  '\uD800',
  '../..',
  '__proto__',
  'javascript:x',
  'x'.repeat(2_000_000),
  [],
  [[[]]],
  {},
  { length: 5 },
  true,
  new Date(0),
  new Map([['type', 'ready']]),
  10n,
] as const;

/** One to three changes anywhere in it. */
function mutated(message: unknown, chance: Chance): unknown {
  let changed = message as Record<string, unknown>;
  for (let changes = 1 + chance.below(3); changes > 0; changes -= 1) {
    const names = Object.keys(changed);
    const name = names[chance.below(names.length)] ?? 'type';
    switch (chance.below(5)) {
      case 0:
        changed = { ...changed, [name]: junk[chance.below(junk.length)] };
        break;
      case 1:
        delete changed[name];
        break;
      case 2:
        changed = { ...changed, [`x${chance.below(10)}`]: junk[chance.below(junk.length)] };
        break;
      case 3:
        changed = { ...changed, [name]: changed[names[chance.below(names.length)] ?? ''] };
        break;
      case 4:
        changed = { ...changed, type: Object.keys(wellMeant)[chance.below(messages.length)] };
        break;
    }
  }
  return changed;
}
