/** What runs inside the chat's page in tests. Every function here must be self-contained. */
/* global CSS, DataTransfer, DragEvent, KeyboardEvent, MutationObserver */
/* global getComputedStyle, requestAnimationFrame, requestIdleCallback */

/** What VS Code draws behind a view of the side bar. */
export function paintBehind() {
  document.documentElement.style.background = 'var(--vscode-sideBar-background)';
}

/** Tells the page much in one go, as from the host. */
export function postAll(messages) {
  for (const message of messages) window.postMessage(message, '*');
}

/** Waits until what was told is drawn. */
export async function frames() {
  for (let count = 0; count < 3; count += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
}

/** What no answer may have left on the page. */
export function dangers() {
  const within = [...document.querySelectorAll('.answer *')];
  const forbidden =
    /^(SCRIPT|IFRAME|IMG|PICTURE|SOURCE|SVG|MATH|OBJECT|EMBED|LINK|STYLE|META|BASE|FORM|INPUT|VIDEO|AUDIO|TEMPLATE)$/i;
  const found = within.filter(({ tagName }) => forbidden.test(tagName)).map(({ tagName }) => tagName);
  for (const element of within) {
    for (const { name, value } of element.attributes) {
      if (/^on|^(href|src|srcset|srcdoc|style|action|formaction|data|ping|poster|background|xlink:href)$/i.test(name)) {
        found.push(`${element.tagName} ${name}=${value}`);
      }
    }
  }
  return { found, hasRun: window.hacked !== undefined };
}

/** Presses everything in the answers that opens something. */
export function pressAll() {
  const all = [...document.querySelectorAll('.opens')];
  for (const each of all) each.click();
  return all.length;
}

/** Everything answers show, as text. */
export function shownText() {
  return document.querySelector('.turns').textContent;
}

/** Notes which turns change from now on, and which blocks of the last turn. */
export function watchTurns() {
  window.changedTurns = new Set();
  window.changedBlocks = new Set();
  new MutationObserver((records) => {
    for (const { target } of records) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      const turn = element?.closest('.turn')?.dataset.turn ?? '(list)';
      window.changedTurns.add(turn);
      const block = element?.closest('.block');
      if (block) window.changedBlocks.add([...block.parentElement.children].indexOf(block));
    }
  }).observe(document.querySelector('.turns'), {
    childList: true,
    subtree: true,
    characterData: true,
    attributes: true,
  });
}

export function changes() {
  return { turns: [...window.changedTurns], blocks: [...window.changedBlocks] };
}

/** An Enter of an input method: `how` it is marked. */
export function pressComposingEnter(how) {
  const field = document.querySelector('.composer-field');
  const event = new KeyboardEvent('keydown', {
    key: 'Enter',
    bubbles: true,
    cancelable: true,
    isComposing: how === 'isComposing',
  });
  if (how === '229') Object.defineProperty(event, 'keyCode', { value: 229 });
  field.dispatchEvent(event);
}

/**
 * Drags what has such data over the question, and drops it there.
 * @returns whether the page said where to drop before, and afterwards, and whether it took what was dropped
 */
export function drop(data) {
  const dataTransfer = new DataTransfer();
  for (const [type, value] of Object.entries(data)) dataTransfer.setData(type, value);
  const says = () => !document.querySelector('.drop-shade').hidden;
  const send = (type) =>
    !document
      .querySelector('.composer-field')
      .dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  send('dragenter');
  send('dragover');
  const before = says();
  const isTaken = send('drop');
  return { before, after: says(), isTaken };
}

/** Buttons and the like that the keyboard cannot get to. */
export function unreachable() {
  const all = [...document.querySelectorAll('button, [role="link"], [role="button"], input, textarea, summary')];
  return all
    .filter((each) => each.tabIndex < 0 || each.closest('[inert]') !== null)
    .map((each) => each.outerHTML.slice(0, 100));
}

/** What has the focus: in which part of the page, and whether that can be seen; `undefined`: nothing of the page. */
export function focused() {
  const element = document.activeElement;
  if (element === document.body) return undefined;
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--vscode-focusBorder)';
  const focusColour = getComputedStyle(probe).color;
  probe.remove();
  const { outlineStyle, outlineColor } = getComputedStyle(element);
  const { borderTopColor } = getComputedStyle(element.closest('.input-box') ?? element);
  const isField = element.matches('input, textarea');
  const isSeen = isField ? borderTopColor === focusColour : outlineStyle !== 'none' && outlineColor === focusColour;
  const part = element.closest('.chat-head, .transcript, .composer')?.classList[0];
  return { part, isSeen, html: element.outerHTML.slice(0, 100) };
}

/** Whether one of two elements covers some of the other. */
export function overlaps(selectors) {
  const [one, other] = selectors.map((selector) => document.querySelector(selector).getBoundingClientRect());
  return one.top < other.bottom && other.top < one.bottom && one.left < other.right && other.left < one.right;
}

/** What the keyboard is on, by its name, behind the id of the turn it is in. */
export function hasKeyboard() {
  const element = document.activeElement;
  if (element === document.body) return 'nothing';
  const turn = element.closest('.turn')?.dataset.turn;
  return `${turn === undefined ? '' : `${turn}: `}${element.getAttribute('aria-label') ?? element.textContent.trim()}`;
}

/** Elements that are wider than the page. */
export function tooWide() {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => element.closest('pre, .table-frame, .unseen') !== null;
  return [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > width + 1 && !scrolls(each))
    .map((each) => each.outerHTML.slice(0, 100));
}

export function scrollTop(to) {
  const element = document.querySelector('.transcript');
  if (to !== undefined) element.scrollTop = to;
  return Math.round(element.scrollTop);
}

/** How far the end is below what is in view. */
export function belowView() {
  const { scrollHeight, scrollTop: top, clientHeight } = document.querySelector('.transcript');
  return Math.round(scrollHeight - top - clientHeight);
}

/** How many turns have been drawn. */
export function filledTurns() {
  return document.querySelectorAll('.turn:has(.answer)').length;
}

/** The words that are marked as found. */
export function marked() {
  return [...(CSS.highlights.get('paddock-find') ?? [])].map(String);
}

/** Counts from now on how often the page looks for words. */
export function countSearches() {
  window.searches = 0;
  const set = CSS.highlights.set.bind(CSS.highlights);
  CSS.highlights.set = (name, highlight) => {
    if (name === 'paddock-find') window.searches += 1;
    return set(name, highlight);
  };
}

export function searches() {
  return window.searches;
}

export function highlights() {
  return [...CSS.highlights.entries()].map(([name, highlight]) => [name, highlight.size]);
}

/**
 * Keeps a conversation ready for `paint`: reading what the test says would otherwise be a part of what is measured.
 * @param {unknown} state
 */
export function prepare(state) {
  window.preparedState = state;
}

/**
 * Shows the conversation that was prepared, as the host would, and waits until its end is painted.
 * @returns {Promise<number>} ms
 */
export async function paint() {
  const startedMs = performance.now();
  const isHeard = new Promise((resolve) => window.addEventListener('message', resolve, { once: true }));
  window.postMessage({ type: 'state', state: window.preparedState }, '*');
  await isHeard;
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const last = [...document.querySelectorAll('.turn')].at(-1);
  if (!last?.querySelector('.answer')) throw new Error('the end of the conversation was not drawn');
  return performance.now() - startedMs;
}

/** Waits until the page has drawn everything there is and has nothing to do. */
export async function idle() {
  while (document.querySelector('.turn:not(:has(.answer))')) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => requestIdleCallback(resolve));
}

/**
 * Lets an answer come, a piece each frame.
 * @param {{ threadId: string, turnId: string, pieces: readonly string[] }} answer
 */
export async function stream({ threadId, turnId, pieces }) {
  for (const text of pieces) {
    window.postMessage({ type: 'delta', threadId, turnId, text, reasoning: '' }, '*');
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
