/** Flows of a person who types: take, type through, dismiss, type fast, delete, indent. */
import assert from 'node:assert/strict';
import { beginning, temperatures } from '../documents.mjs';
import { settlementOf, writtenWithinMs } from '../../support/ledgerFiles.mjs';
import { staleAmong } from '../../support/staleTexts.mjs';
import { isSoak, plainWindow } from '../runner.mjs';
import { never, until } from '../until.mjs';

/** Long enough for a suggestion to come if one were to come: they take about half of this. */
const quietMs = 2_000;

/** @type {import('../runner.mjs').Flow[]} */
export const typingFlows = [
  {
    name: 'grey text appears while typing, Tab takes exactly it, the status bar says where it came from',
    scene: plainWindow,
    run: takeWithTab,
  },
  {
    name: 'what is taken with Tab, or word by word, is counted with its model and request, and no text of it',
    scene: plainWindow,
    run: countTaken,
  },
  { name: 'typing what is suggested shortens the grey text and asks nobody', scene: plainWindow, run: typeThrough },
  { name: 'Escape takes the grey text away and it stays away', scene: plainWindow, run: dismiss },
  {
    name: 'typing fast shows nothing stale and loses no key',
    scene: plainWindow,
    run: typeFast,
    limitMs: 180_000,
    soakLimitMs: 1_800_000,
  },
  { name: 'after a deletion nothing is offered until typing goes forward', scene: plainWindow, run: deleteAndGoOn },
  { name: 'on an empty line Tab indents', scene: plainWindow, run: indent },
];

/** @param {import('../runner.mjs').Given} given */
async function takeWithTab({ stage: getStage, milestone, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('take.py', temperatures);
  await window.type(beginning);
  const ghost = await window.untilGhost();
  await milestone(window, 'suggestion-demo-model');
  await window.press('Tab');
  await window.untilNoGhost();
  await window.expectSaved(temperatures + beginning + ghost);

  await window.untilItem(/^SmolLM2.* · this computer · [\d.]+ tok\/s$/);
  assert.match((await window.item()).name, /^Paddock: SmolLM2.*, this computer, [\d.]+ tokens per second$/);

  const settled = await until('a settled request in the ledger', () => {
    const entries = stage.ledger();
    const pairs = stage.requestsAbout('take.py').map((intent) => ({
      intent,
      settlement: settlementOf(entries, intent['id']),
    }));
    return pairs.find(({ settlement }) => settlement?.['usage']?.['completionTokens'] > 0);
  });
  assert.equal(settled.intent['route']['kind'], 'inProcess');
  assert.equal(settled.intent['purpose']['role'], 'completion');
  assert.match(settled.intent['items'][0]['uri'], /take\.py$/);
  assert.deepEqual(settled.settlement?.['cost'], { basis: 'unmetered' });
}

/** Counts are written together, this long after. */
const countedWithinMs = 10_000;

/** @param {import('../runner.mjs').Given} given */
async function countTaken({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  /** @param {string} name @param {string} how */
  const untilCounted = (name, how) =>
    until(
      `a suggestion in ${name} to be counted`,
      () => {
        const ids = new Set(stage.requestsAbout(name).map(({ id }) => id));
        return stage.statistics().find((record) => record['how'] === how && ids.has(record['requestId']));
      },
      { withinMs: countedWithinMs },
    );

  await window.openNewFile('counted.py', temperatures);
  await window.type(beginning);
  const ghost = await window.untilGhost();
  await window.press('Tab');
  await window.expectSaved(temperatures + beginning + ghost);
  const taken = await untilCounted('counted.py', 'whole');
  assert.match(taken['modelId'], /^embedded:.*SmolLM2.*\.gguf$/);
  const lines = ghost.split('\n').filter((line) => line.trim() !== '').length;
  assert.deepEqual([taken['language'], taken['chars'], taken['lines']], ['python', ghost.length, lines]);

  await window.openNewFile('words.py', temperatures);
  await window.type(beginning);
  const words = await window.untilGhost({ where: (text) => /^ \w{2,} /.test(text) });
  await window.press('Control+ArrowRight'); // takes the space; a single character could have been typed
  const word = await window.untilGhost({ where: (text) => text === words.slice(1) });
  await window.press('Control+ArrowRight');
  const rest = await window.untilGhost({ where: (text) => text.length < word.length });
  await window.expectSaved(temperatures + beginning + words.slice(0, words.length - rest.length));
  const part = await untilCounted('words.py', 'part');
  assert.equal(part['chars'], word.length - rest.length);

  const records = stage.statistics();
  const offers = records.filter(({ kind, modelId }) => kind === 'offered' && modelId === taken['modelId']);
  assert.ok(offers.length > 0);
  assert.doesNotMatch(JSON.stringify(records), /counted|words\.py|temperatures|celsius/i);
}

/** @param {import('../runner.mjs').Given} given */
async function typeThrough({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('through.py', temperatures);
  await window.type(beginning);
  const ghost = await window.untilGhost({ where: (text) => String(text.split('\n')[0]).length >= 8 });
  const [firstLine = ''] = ghost.split('\n');
  await stage.untilSettled('through.py');
  const fromMs = Date.now();
  const count = Math.min(firstLine.length - 2, 20);
  for (let typed = 1; typed <= count; typed++) {
    await window.type(String(ghost[typed - 1]));
    await window.untilGhost({ where: (text) => text === ghost.slice(typed) });
  }
  await never(
    'a request for a key that was foreseen',
    () => stage.requestsAbout('through.py', fromMs)[0],
    writtenWithinMs,
  );
  await window.press('Tab');
  await window.expectSaved(temperatures + beginning + ghost);
}

/** @param {import('../runner.mjs').Given} given */
async function dismiss({ sharedWindow }) {
  const window = await sharedWindow();
  await window.openNewFile('dismiss.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await window.press('Escape');
  await window.untilNoGhost();
  await never('it came back by itself', () => window.ghost(), quietMs);
  await window.press('ArrowLeft');
  await window.press('ArrowRight');
  await never('it came back after a look around', () => window.ghost(), quietMs);
  await window.expectSaved(temperatures + beginning);
}

const fastText = `def fahrenheit_to_kelvin(fahrenheit: float) -> float:
    """Convert degrees Fahrenheit to kelvins."""
    return celsius_to_kelvin(fahrenheit_to_celsius(fahrenheit))


def average(temperatures: list[float]) -> float:
    """Return the average of some temperatures."""
    total = 0.0
    for temperature in temperatures:
        total += temperature
    return total / len(temperatures)

`;

/**
 * In bursts, because grey text that goes stale has to be there first: after each burst the typist looks up until
 * something is offered or it is clear that nothing will be, and then types on, mostly something else.
 * @param {import('../runner.mjs').Given} given
 */
async function typeFast({ sharedWindow }) {
  const window = await sharedWindow();
  const text = fastText.repeat(isSoak ? 6 : 1).slice(0, isSoak ? 2_000 : undefined);
  assert.ok(text.length >= 200);
  await window.openNewFile('fast.py', temperatures);
  const stopWatching = await window.watchGhosts();
  const burst = 23;
  for (let start = 0; start < text.length; start += burst) {
    await window.type(text.slice(start, start + burst), { keyMs: 30 });
    await until('grey text', () => window.ghost(), { withinMs: 1_200 }).catch(() => undefined);
  }
  const shown = await stopWatching();
  await window.expectSaved(temperatures + text);
  assert.deepEqual(staleAmong(shown, text.split('\n')), []);
  console.log(`figure: e2e typed ${text.length} characters fast, ${shown.length} grey texts seen, 0 stale`);
  assert.ok(shown.length >= 3, `too few grey texts to judge by: ${shown.length}`);
}

/** @param {import('../runner.mjs').Given} given */
async function deleteAndGoOn({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('delete.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await stage.untilSettled('delete.py');
  const fromMs = Date.now();
  for (let presses = 0; presses < 3; presses++) await window.press('Backspace');
  await window.untilNoGhost();
  await never('grey text after a deletion', () => window.ghost(), quietMs);
  await never('a request after a deletion', () => stage.requestsAbout('delete.py', fromMs)[0], writtenWithinMs);
  await window.type(beginning.slice(-3));
  await window.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function indent({ sharedWindow }) {
  const window = await sharedWindow();
  await window.openNewFile('indent.py', temperatures);
  await window.type('def celsius_to_kelvin(celsius: float) -> float:\n');
  // Whatever is or is not offered here after a while, the key belongs to the person.
  await until('grey text', () => window.ghost(), { withinMs: quietMs }).catch(() => undefined);
  await window.press('Tab');
  await window.expectSaved(`${temperatures}def celsius_to_kelvin(celsius: float) -> float:\n    `);
}
