/** Flows of a person who tells Paddock when to be quiet, and of one who looks at what it says about itself. */
import assert from 'node:assert/strict';
import { beginning, temperatures } from '../documents.mjs';
import { writtenWithinMs } from '../../support/ledgerFiles.mjs';
import { plainWindow } from '../runner.mjs';
import { never } from '../until.mjs';

/** Long enough for a suggestion to come if one were to come. */
const quietMs = 2_000;

/** The themes of the pictures, by the word in the picture's name. */
export const themes = { light: 'Light 2026', dark: 'Dark 2026', contrast: 'Default High Contrast' };

/** @type {import('../runner.mjs').Flow[]} */
export const controlFlows = [
  { name: 'completions pause and resume from the menu of the item', scene: plainWindow, run: pauseAndResume },
  { name: 'completions are switched off and on for one language', scene: plainWindow, run: switchLanguage },
  { name: "VS Code's own snooze is kept", scene: plainWindow, run: snooze },
  { name: 'the hover says where code went and what it runs on', scene: plainWindow, run: hover },
];

/** @param {import('../runner.mjs').Given} given */
async function pauseAndResume({ stage: getStage, milestone, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('pause.py', temperatures);
  await window.clickItem();
  await window.listed();
  await milestone(window, 'menu');
  await window.pick('Pause for 15 minutes');
  await window.untilItem(/paused until \d/);
  await typeInVain(stage, window);
  await window.clickItem();
  await window.pick('Resume');
  await window.untilItem(/this computer/);
  await window.type(' ');
  await window.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function switchLanguage({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('language.py', temperatures);
  await window.clickItem();
  await window.pick('Switch off for python');
  await window.untilItem(/off for python/);
  await typeInVain(stage, window);
  await window.clickItem();
  await window.pick('Switch on for python');
  await window.untilItem(/this computer(?!.*off for)/);
  await window.type(' ');
  await window.untilGhost();
}

/** @param {import('../runner.mjs').Given} given */
async function snooze({ stage: getStage, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('snooze.py', temperatures);
  await window.runCommand('Snooze Inline Suggestions');
  await window.pick('5 minutes');
  await typeInVain(stage, window);
  await window.runCommand('Cancel Snooze Inline Suggestions');
  await window.type(' ');
  await window.untilGhost();
}

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {import('../window.mjs').Window} window
 */
async function typeInVain(stage, window) {
  const name = String(window.file);
  const fromMs = Date.now();
  await window.type(beginning);
  await never('grey text although completions rest', () => window.ghost(), quietMs);
  await never('a request although completions rest', () => stage.requestsAbout(name, fromMs)[0], writtenWithinMs);
}

/** @param {import('../runner.mjs').Given} given */
async function hover({ stage: getStage, milestone, sharedWindow }) {
  const stage = await getStage();
  const window = await sharedWindow();
  await window.openNewFile('hover.py', temperatures);
  await window.type(beginning);
  await window.untilGhost();
  await window.press('Tab');
  await window.untilItem(/tok\/s$/);
  for (const [word, theme] of Object.entries(themes)) {
    await stage.setTheme(window, theme);
    const text = await window.hoverItem();
    assert.match(text, /Your code stays on this computer/);
    assert.match(text, /Engine: CPU[.(] ?\w+/);
    assert.match(text, /0 bytes left this computer today/);
    assert.match(text, /Today\s+(at least )?[\d,]+\s+(at least )?[\d,]+/);
    assert.match(text, /This Computer Only · .*Budgets\s+Change Model · Pause 15 Minutes · Log · Settings/);
    assert.doesNotMatch(text, /\$0|\$\(|\\|undefined|NaN/);
    await milestone(window, `hover-${word}`);
    await window.leaveItem();
  }
  await stage.setTheme(window, themes.dark);
}
