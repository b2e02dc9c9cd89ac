/** What the tests look at from inside the browser's page: the grey text as it is drawn, and the status bar item. */
/* global Element, MutationObserver */

/**
 * @typedef {object} Shown
 * @property {string | undefined} line the line's own text while the grey text was there; `undefined` where the grey
 *   text begins with a line break, because the editor then draws nothing into the line
 * @property {string} ghost
 * @property {string} after what follows the grey text in its line
 * @property {boolean} [isNext] when watched: it replaced another grey text at once, no moment without one between
 */

/**
 * Runs in the page before anything else of it and leaves `window.paddockTest` there. Must be self-contained.
 * @param {string} itemSelector finds the status bar item
 */
export function installInPage(itemSelector) {
  const textOf = (/** @type {Element} */ element) => (element.textContent ?? '').replaceAll('\u00a0', ' ');
  /** @type {Shown[]} */
  let watched = [];
  let last = '';

  /** @returns {Shown | undefined} */
  function shownNow() {
    const editor = document.querySelector('.editor-group-container.active .monaco-editor');
    const pieces = [...(editor?.querySelectorAll('.view-lines .ghost-text-decoration') ?? [])];
    const below = [...(editor?.querySelectorAll('.suggest-preview-text .view-line') ?? [])];
    if (pieces.length === 0 && below.length === 0) return undefined;
    const ghost = [pieces.map(textOf).join(''), ...below.map(textOf)].join('\n');
    const line = pieces[0]?.closest('.view-line');
    if (!line) return { line: undefined, ghost, after: '' };
    const leaves = [...line.querySelectorAll('span')].filter((span) => span.childElementCount === 0);
    const isGhost = (/** @type {Element} */ span) => pieces.includes(span);
    const lastGhost = leaves.findLastIndex(isGhost);
    return {
      line: leaves
        .filter((span) => !isGhost(span))
        .map(textOf)
        .join(''),
      ghost,
      after: leaves
        .slice(lastGhost + 1)
        .map(textOf)
        .join(''),
    };
  }

  // VS Code draws a frame in one go, so whenever we are told of changes they are whole.
  const observer = new MutationObserver(() => {
    const shown = shownNow();
    const key = JSON.stringify(shown) ?? '';
    if (key !== last && shown) watched.push({ ...shown, isNext: last !== '' });
    last = key;
  });

  /** @type {string[]} */
  const itemTexts = [];
  let changedMs = performance.now();
  new MutationObserver((changes) => {
    // The cursor blinks.
    if (changes.some(({ target }) => !(target instanceof Element && target.closest('.cursors-layer')))) {
      changedMs = performance.now();
    }
    const text = document.querySelector(`${itemSelector} a`)?.textContent?.trim();
    if (text && text !== itemTexts.at(-1)) itemTexts.push(text);
  }).observe(document, { childList: true, subtree: true, characterData: true });

  window.paddockTest = {
    itemTexts,
    shownNow,
    /** For how long nothing on the screen has changed. */
    stillMs: () => performance.now() - changedMs,
    startWatching() {
      watched = [];
      last = JSON.stringify(shownNow()) ?? '';
      observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    },
    stopWatching() {
      observer.disconnect();
      return watched;
    },
  };
}
