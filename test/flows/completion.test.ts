/** Keystrokes to ghost text: every module of the room, with a scripted model and a clock that is moved by hand. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import type { CompletionModel } from '../../src/completion/pace.ts';
import { Suggester } from '../../src/completion/suggest.ts';
import type { CompletionSettings } from '../../src/completion/trigger.ts';
import type { ReadAheadRequest } from '../../src/models/model.ts';
import { FakeClock } from '../support/clock.ts';
import { at } from '../support/drawn.ts';
import { LogLines } from '../support/log.ts';
import { ScriptedAsk } from '../support/scriptedAsk.ts';
import { Typist } from '../support/typist.ts';

let model: ScriptedAsk;
let clock: FakeClock;
let log: LogLines;
let settings: CompletionSettings;
let facts: CompletionModel | undefined;
let readAhead: ReadAheadRequest[];
let suggester: Suggester;

beforeEach(() => {
  model = new ScriptedAsk();
  clock = new FakeClock();
  log = new LogLines();
  settings = { enabled: true, trigger: 'automatic', disabledLanguages: [], pausedUntilMs: undefined };
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 10, contextTokens: 2048 };
  readAhead = [];
  suggester = new Suggester({
    ask: model.ask,
    settings: () => settings,
    model: () => facts,
    readAhead: (request) => readAhead.push(request),
    clock,
    log,
  });
});

afterEach(() => {
  suggester.dispose();
  expect(model.running).toBe(0);
});

function open(drawing: string): Typist {
  return new Typist(suggester, clock, drawing);
}

/** Makes the model answer every request at once. */
function answers(text: string): void {
  model.onCall = (call) => {
    call.write(text);
    call.end();
  };
}

test('typing shows ghost text from the model, and Tab takes it', async () => {
  answers('nst x = 1;\n');
  const typist = open('█\n');
  await typist.type('co');
  expect(typist.ghost).toBe('nst x = 1;');
  expect(typist.shown).toMatchObject({ from: 'model' });
  await typist.accept();
  expect(typist.document).toBe('const x = 1;█\n');
  expect(model.last.purpose).toEqual({ role: 'completion', initiator: 'automatic' });
});

test('typing as suggested asks the model nothing more', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('o');
  for (const key of 'nst x = 1') {
    const before = typist.ghost ?? '';
    await typist.type(key, 60);
    expect(typist.ghost).toBe(before.slice(1));
    expect(typist.shown).toMatchObject({ from: 'recall' });
  }
  expect(model.calls).toHaveLength(1);
});

test('typing as suggested works while the editor closes brackets, and over what it closed', async () => {
  answers('o(a, [b]);\n');
  const typist = open('f█');
  typist.closesBrackets = true;
  await typist.type('o');
  expect(typist.ghost).toBe('o(a, [b]);');
  await typist.type('o(a, [');
  expect(typist.document).toBe('foo(a, [█])');
  expect(typist.ghost).toBe('b]);');
  await typist.type('b])');
  expect(typist.document).toBe('foo(a, [b])█');
  expect(typist.ghost).toBe(';');
  expect(model.calls).toHaveLength(1);
});

test('what the editor closed is taken over by what is accepted', async () => {
  answers('a, b);\n');
  const typist = open('foo█\nbar();');
  typist.closesBrackets = true;
  await typist.type('(');
  expect(typist.ghost).toBe('a, b);');
  await typist.accept();
  expect(typist.document).toBe('foo(a, b);█\nbar();');
});

test('accepting a word keeps the rest without a request', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('o');
  await typist.accept('nst'.length);
  expect(typist.document).toBe('const█');
  expect(typist.ghost).toBe(' x = 1;');
  expect(model.calls).toHaveLength(1);
});

test('a suggestion is known by the request that made it: typed through, gone back into, taken in part, asked for again', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█\n');
  const origin = { modelId: 'm', requestId: 'request 1', endsAt: 10 };
  await typist.type('o');
  expect(typist.shown).toMatchObject({ from: 'model', origin });
  await typist.type('ns');
  expect(typist.shown).toMatchObject({ from: 'recall', origin });
  await typist.accept(1);
  await typist.backspace();
  await typist.ask('automatic');
  expect(typist.shown).toMatchObject({ from: 'recall', origin });
  await typist.type('k');
  expect(typist.shown).toMatchObject({ from: 'model', origin: { ...origin, requestId: 'request 2' } });
});

test('a request that was tried again gives its suggestion the id of the try that answered', async () => {
  const typist = open('c█\n');
  model.onCall = (call) => {
    call.open('second try');
    call.write('nst x = 1;\n');
    call.end();
  };
  await typist.type('o');
  expect(typist.shown).toMatchObject({ origin: { requestId: 'second try' } });
});

test('backspace within a suggestion brings its beginning back, without a request; before it nothing', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('ons');
  expect(model.calls).toHaveLength(1);
  await typist.backspace();
  expect(typist.ghost).toBe('st x = 1;');
  await typist.backspace();
  expect(typist.ghost).toBe('nst x = 1;');
  await typist.backspace();
  expect(typist.ghost).toBe('afterBackspace');
  expect(model.calls).toHaveLength(1);
});

test('after backspace nothing is asked until typing goes forward', async () => {
  answers('x;\n');
  const typist = open('foo(█');
  await typist.backspace();
  await typist.backspace();
  expect([typist.ghost, model.calls.length]).toEqual(['afterBackspace', 0]);
  await typist.type('o');
  expect([typist.ghost, model.calls.length]).toEqual(['x;', 1]);
});

test('after undoing an accepted suggestion it does not come back by itself', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('o');
  await typist.accept();
  await typist.undoTo('co█');
  expect(typist.ghost).toBe('afterBackspace');
  await typist.ask('invoked');
  expect(typist.ghost).toBe('nst x = 1;');
});

test('backspace stops the request in the air', async () => {
  const typist = open('foo█');
  await typist.type('(', 100);
  expect(model.running).toBe(1);
  await typist.backspace(0);
  expect(model.running).toBe(0);
});

test('a deletion in another document leaves the request in the air alone', async () => {
  const typist = open('foo█');
  await typist.type('(', 100);
  suggester.noteEdit({ uri: 'file:///b.ts', version: 2, kind: 'backward' });
  await clock.advance(1);
  expect(model.running).toBe(1);
  model.last.write('a);\n');
  await clock.advance(1);
  expect(typist.ghost).toBe('a);');
});

test('who was waiting at a place that was deleted does not ask about it again, however late it is cancelled', async () => {
  const typist = open('fo█');
  await typist.type('o', 60);
  await typist.type('(', 60);
  expect(model.calls).toHaveLength(1);
  suggester.noteEdit({ uri: 'file:///a.ts', version: 9, kind: 'backward' });
  await clock.advance(1000);
  expect([typist.ghost, model.calls.length]).toEqual(['superseded', 1]);
});

test('who was about to ask does not once the document has changed, however late it is cancelled', async () => {
  const typist = open('█');
  facts = facts && { ...facts, decodeTokPerS: 5 };
  await typist.type('foo', 45);
  await clock.advance(10); // asked 50 ms after the key, and due 67 ms after it
  expect([model.calls.length, clock.waiting]).toEqual([0, 1]);
  suggester.noteEdit({ uri: 'file:///a.ts', version: 9, kind: 'backward' });
  await clock.advance(1000);
  expect([typist.ghost, model.calls.length]).toEqual(['superseded', 0]);
});

test('a keystroke that agrees with what streams joins it', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  model.last.write('nst');
  await typist.type('n', 60);
  await typist.type('s', 60);
  model.last.write(' x = 1;\n');
  await clock.advance(1);
  expect(typist.ghost).toBe('t x = 1;');
  expect(typist.shown).toMatchObject({ from: 'flight' });
  expect(model.calls).toHaveLength(1);
});

test('a keystroke joins while nothing has streamed, and is asked for anew when the text goes elsewhere', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  await typist.type('n', 60);
  expect(model.calls).toHaveLength(1);
  model.last.write('lour');
  await clock.advance(100);
  expect(model.calls).toHaveLength(2);
  expect(model.calls[0]?.signal.aborted).toBe(true);
  expect(model.last.request.line).toBe('con');
  model.last.write('st;\n');
  await clock.advance(1);
  expect(typist.ghost).toBe('st;');
});

test('a keystroke that disagrees replaces what is in the air at once', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  model.last.write('nst');
  await typist.type('x', 60);
  expect(model.calls[0]?.signal.aborted).toBe(true);
  await clock.advance(300);
  expect(model.running).toBe(1);
  expect(model.last.request.line).toBe('cox');
});

test('leaving without typing stops the request', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  typist.press('\n');
  typist.press('x');
  await clock.advance(1000);
  expect(model.running).toBe(1);
  expect(model.last.request.line).toBe('x');
});

test('after all of it is accepted the next line is there already, and after Enter too', async () => {
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 30, contextTokens: 2048 };
  answers(' = 1;\n  b = 2;\n  c = 3;\n');
  const typist = open('{\n  a█\n}');
  await typist.type('1');
  expect(typist.shown).toMatchObject({ origin: { requestId: 'request 1', endsAt: 5 } });
  await typist.accept();
  expect(typist.ghost).toBe('\n  b = 2;');
  expect(typist.shown).toMatchObject({ origin: { requestId: 'request 1', endsAt: 14 } });
  await typist.type('\n');
  expect(typist.ghost).toBe('emptyLine');
  await typist.type('  ');
  expect(typist.ghost).toBe('b = 2;');
  expect(model.calls).toHaveLength(1);
});

test('a complete line asks once, then Enter is answered from what was read on', async () => {
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 30, contextTokens: 2048 };
  answers('\n  b = 2;\n');
  const typist = open('  a = 1█');
  await typist.type(';');
  expect(typist.ghost).toBe('lineComplete');
  await typist.type('\n  ');
  expect(typist.ghost).toBe('b = 2;');
  expect(model.calls).toHaveLength(1);
});

test('a block comes in one piece and is typed through over its lines', async () => {
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 30, contextTokens: 2048 };
  answers('\n  b();\n  c();\n}\nd();\n');
  const typist = open('if (a) █');
  await typist.type('{');
  expect(typist.ghost).toBe('\n  b();\n  c();\n}');
  await typist.type('\n  b();\n  ');
  expect(typist.ghost).toBe('c();\n}');
  expect(model.calls).toHaveLength(1);
});

test('a block between brackets that the editor closed waits for Enter', async () => {
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 170, decodeTokPerS: 30, contextTokens: 2048 };
  answers('\n  b();\n  c();\n}\nd();\n');
  const typist = open('if (a) █');
  typist.closesBrackets = true;
  await typist.type('{');
  expect([typist.document, typist.ghost]).toEqual(['if (a) {█}', 'lineComplete']);
  await typist.enter('  ');
  expect([typist.document, typist.ghost]).toEqual(['if (a) {\n  █\n}', 'b();\n  c();']);
  expect(model.calls).toHaveLength(1);
});

test.each([
  ['disabled', { enabled: false }],
  ['languageOff', { disabledLanguages: ['typescript'] }],
  ['paused', { pausedUntilMs: Infinity }],
  ['manualMode', { trigger: 'manual' }],
] as const)(
  'nothing is asked, read ahead or remembered when %s, which is said with and without a model',
  async (reason, change) => {
    answers('nst x;\n');
    const typist = open('c█');
    await typist.type('o');
    settings = { ...settings, ...change };
    const asked = model.calls.length;
    await typist.type('n');
    suggester.noteIdle(typist.now);
    expect(typist.ghost).toBe(reason);
    expect(model.calls).toHaveLength(asked);
    // Who asks in manual mode shall not have to wait for the reading.
    expect(readAhead).toHaveLength(reason === 'manualMode' ? 1 : 0);
    facts = undefined;
    await typist.ask('automatic');
    expect(typist.ghost).toBe(reason);
  },
);

test('a pause ends by itself', async () => {
  answers('nst x;\n');
  settings = { ...settings, pausedUntilMs: clock.now() + 15 * 60_000 };
  const typist = open('c█');
  await typist.type('o');
  expect(typist.ghost).toBe('paused');
  await clock.advance(15 * 60_000);
  await typist.type('n');
  expect(typist.ghost).toBe('nst x;');
});

test('who asks gets an answer while paused and in manual mode, and it counts as asked by the user', async () => {
  answers('nst x;\n');
  settings = { ...settings, trigger: 'manual', pausedUntilMs: Infinity };
  const typist = open('co█');
  await typist.ask('invoked');
  expect(typist.ghost).toBe('nst x;');
  expect(model.last.purpose.initiator).toBe('user');
});

test('several cursors, a word to the right, an empty line, a line without end: nothing', async () => {
  const typist = open('foo█');
  typist.cursors = 2;
  await typist.type('(');
  expect(typist.ghost).toBe('severalCursors');
  const inWord = open('fo█o');
  await inWord.type('o');
  expect(inWord.ghost).toBe('wordRight');
  const empty = open('foo();█');
  await empty.type('\n');
  expect(empty.ghost).toBe('emptyLine');
  const long = open(`${'x'.repeat(3000)}█`);
  await long.type('y');
  expect(long.ghost).toBe('longLine');
  expect(model.calls).toEqual([]);
});

test('without a model it says so', async () => {
  facts = undefined;
  const typist = open('foo█');
  await typist.type('(');
  expect(typist.ghost).toBe('noModel');
  settings = { ...settings, trigger: 'manual' };
  await typist.ask('invoked');
  expect(typist.ghost).toBe('noModel');
});

test('another model knows nothing of what the one before wrote', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('o');
  expect(typist.ghost).toBe('nst x = 1;');
  facts = facts && { ...facts, id: 'other' };
  answers('unt();\n');
  await typist.ask('automatic');
  expect([typist.ghost, model.calls.length]).toEqual(['unt();', 2]);
});

test('a model that was away for a while still knows what it wrote', async () => {
  answers('nst x = 1;\n');
  const typist = open('c█');
  await typist.type('o');
  const before = facts;
  facts = undefined;
  await typist.ask('automatic');
  expect(typist.ghost).toBe('noModel');
  facts = before;
  await typist.ask('automatic');
  expect([typist.ghost, model.calls.length]).toEqual(['nst x = 1;', 1]);
});

test('what streams from one model is not offered once another is in use', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  facts = facts && { ...facts, id: 'other' };
  model.last.write('nst x = 1;\n');
  await clock.advance(1);
  expect(typist.ghost).toBe('superseded');
  await typist.ask('automatic', 0);
  expect(model.calls).toHaveLength(2);
  model.last.write('unt();\n');
  await clock.advance(1);
  expect(typist.ghost).toBe('unt();');
});

test('a request to a model that is not in use any more is stopped by the next keystroke', async () => {
  const typist = open('c█');
  await typist.type('o', 60);
  facts = facts && { ...facts, id: 'other' };
  await typist.type('n', 200);
  expect(model.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});

test('who was about to ask one model does not ask another', async () => {
  const typist = open('█');
  facts = facts && { ...facts, decodeTokPerS: 5 };
  await typist.type('foo', 45);
  await clock.advance(10);
  facts = facts && { ...facts, id: 'other' };
  await clock.advance(1000);
  expect([typist.ghost, model.calls.length]).toEqual(['superseded', 0]);
});

test('the first answer of a model in a document may take longer to come from a better view, of another model too', async () => {
  answers('');
  const typist = open('█');
  await typist.type('ab');
  facts = facts && { ...facts, id: 'other' };
  await typist.type('cd');
  const [first, second, third, fourth] = model.calls.map(({ request }) => request.patienceMs);
  expect(first).toBeGreaterThan(second ?? Infinity);
  expect([third, fourth]).toEqual([first, second]);
});

test('a line that fits no view of the model is too long, which is no failure', async () => {
  model.onCall = (call) => call.fail(new Failure('requestInvalid', 'No window fits.'));
  const typist = open('foo█');
  await typist.type('(');
  expect(typist.ghost).toBe('longLine');
  model.onCall = () => undefined;
  await typist.type('a', 60);
  await typist.type('b', 60);
  model.last.fail(new Failure('requestInvalid', 'No window fits.'));
  await clock.advance(1);
  expect(typist.ghost).toBe('longLine');
  expect(model.calls).toHaveLength(2);
  expect(typist.failures).toEqual([]);
});

test('that there is nothing here is remembered, unless it is asked for', async () => {
  answers('');
  const typist = open('foo█');
  await typist.type('(');
  expect(typist.ghost).toBe('empty');
  await typist.ask('automatic');
  expect([typist.ghost, model.calls.length]).toEqual(['empty', 1]);
  await typist.ask('invoked');
  expect([typist.ghost, model.calls.length]).toEqual(['empty', 2]);
});

test('the selected entry of the suggest widget is continued', async () => {
  answers('.log(x);\n');
  const typist = open('cons█');
  typist.selected = { startOffset: 0, endOffset: 5, text: 'console' };
  await typist.type('o');
  expect(model.last.request.line).toBe('console');
  expect(typist.ghost).toBe('le.log(x);');
  typist.selected = { startOffset: 0, endOffset: 6, text: 'constant' };
  await typist.type('l');
  expect(typist.ghost).toBe('suggestWidget');
});

test('a failing model is told to the caller, and the next keystroke asks again', async () => {
  const typist = open('foo█');
  model.onCall = (call) => call.fail(new Failure('engineCrashed', 'It crashed.'));
  await typist.type('(');
  expect(typist.failures).toHaveLength(1);
  answers('a);\n');
  await typist.type('b');
  expect(typist.ghost).toBe('a);');
});

test('while nobody types the best view is read ahead, which typing in the line leaves as it is', async () => {
  answers('a);\n');
  const code = 'const value = compute();\n'.repeat(100);
  suggester.noteIdle(at(`${code}foo█\n${code}`));
  expect(readAhead).toHaveLength(1);
  expect(readAhead[0]).toMatchObject({ kind: 'readAhead', document: 'file:///a.ts', line: 'foo' });
  const typist = open(`${code}foo█\n${code}`);
  await typist.type('(');
  expect(readAhead[0]?.window).toEqual(model.last.request.windows[0]);
  expect(readAhead).toHaveLength(1);
});

test('nothing is read ahead where nothing would be asked', () => {
  settings = { ...settings, disabledLanguages: ['typescript'] };
  suggester.noteIdle(at('foo█'));
  settings = { ...settings, disabledLanguages: [], enabled: false };
  suggester.noteIdle(at('foo█'));
  settings = { ...settings, enabled: true };
  suggester.noteIdle(at(`${'x'.repeat(2000)}█`));
  facts = undefined;
  suggester.noteIdle(at('foo█'));
  expect(readAhead).toEqual([]);
});

test('steady fast typing on a slow model does not start a request for every key', async () => {
  const typist = open('█\n');
  model.onCall = (call) => void clock.schedule(200, () => call.write('zz'));
  const line = 'const averageOfAllValues = computeAverage(values, total)';
  await typist.type(line, 80);
  expect(model.calls.length).toBeLessThan(4);
  await clock.advance(300);
  expect(model.last.request.line).toBe(line);
  expect(model.running).toBe(1);
});

test('while the first request is still being read, typing leaves it alone', async () => {
  const typist = open('█\n');
  await typist.type('const average', 80);
  expect(model.calls).toHaveLength(1);
  model.last.write('const averageOf(values);\n'.slice(1));
  await clock.advance(1);
  expect(typist.ghost).toBe('Of(values);');
});

test('200 characters typed fast: nothing stale, never two requests at once, and at the end the right one', async () => {
  facts = { id: 'm', hasInfillTokens: true, prefillTokPerS: 2000, decodeTokPerS: 200, contextTokens: 2048 };
  const text = Array.from({ length: 20 }, (_, index) => `const v${index} = f(${index});`).join(' ');
  const typist = open('█\nend();');
  model.onCall = (call) => {
    expect(model.running).toBeLessThanOrEqual(1);
    const { line } = call.request;
    const isRight = line.length % 3 !== 0;
    clock.schedule(70, () => {
      call.write(isRight ? text.slice(line.length, line.length + 9) : '???');
      call.end();
    });
  };
  for (const [index, key] of [...text.slice(0, 200)].entries()) await typist.type(key, 30 + ((index * 37) % 90));
  await clock.advance(1000);
  const suggestions = typist.outcomes.filter(({ outcome }) => outcome.kind === 'suggestion');
  expect(suggestions.length).toBeGreaterThan(50);
  for (const { snapshot, outcome } of suggestions) {
    if (outcome.kind !== 'suggestion') continue;
    const shown = snapshot.text.slice(0, snapshot.cursorOffset) + outcome.text;
    expect(shown.endsWith('???') || (text + ' ').startsWith(shown)).toBe(true);
  }
  expect(typist.outcomes.at(-1)?.snapshot.text).toBe(`${text.slice(0, 200)}\nend();`);
  expect(typist.outcomes.at(-1)?.outcome.kind).toBe('suggestion');
});

test('disposing stops everything that waits', async () => {
  const typist = open('foo█');
  await typist.type('(', 60);
  expect(model.running).toBe(1);
  suggester.dispose();
  await clock.advance(1);
  expect(typist.ghost).toBe('superseded');
  expect([model.running, clock.waiting]).toEqual([0, 0]);
});
