/** Where the keyboard goes when what has it is taken away: to the same control of what comes in its place. */

/** An element, and what stood beside it. */
interface Step {
  readonly parent: Element;
  readonly before: Element | null;
  readonly after: Element | null;
}

/** What had the keyboard last, and where it stood, from the inside out: once it is gone, it does not say so any more. */
interface Held {
  readonly element: HTMLElement;
  readonly label: string;
  readonly group: string | undefined;
  readonly steps: readonly Step[];
}

/**
 * From now on looks after the keyboard in the page: browsers leave it on nothing when its control goes away.
 * @param leave puts it where it can be on at any time, for when nothing came in the place of what is gone
 */
export function keepFocus(root: HTMLElement, leave: () => void): void {
  let held: Held | undefined;
  const look = (): void => {
    if (held === undefined || !isGone(held.element)) return;
    // Where the keyboard is in an editor it stays there; it may come back.
    if (!document.hasFocus()) return;
    const isNowhere = document.activeElement === document.body || document.activeElement === held.element;
    const place = isNowhere ? placeOf(held) : null;
    if (place?.matches('.turn:empty') === true) return; // it is drawn in a moment
    const found = place === null ? undefined : sameControl(place, held);
    held = undefined;
    if (found !== undefined) found.focus();
    else if (isNowhere) leave();
  };
  root.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) held = heldBy(target, root);
  });
  root.addEventListener('focusout', () => {
    // Somebody pressed beside it: then it is on nothing because they wanted that.
    queueMicrotask(() => {
      const isLeft = document.hasFocus() && document.activeElement === document.body;
      if (held !== undefined && isLeft && !isGone(held.element)) held = undefined;
    });
  });
  window.addEventListener('focus', look);
  new MutationObserver(look).observe(root, { childList: true, subtree: true, attributeFilter: ['hidden'] });
}

function isGone(element: HTMLElement): boolean {
  return !element.isConnected || element.closest('[hidden]') !== null;
}

function heldBy(element: HTMLElement, root: HTMLElement): Held {
  const steps: Step[] = [];
  for (let each: Element = element; each !== root && each.parentElement !== null; each = each.parentElement) {
    steps.push({ parent: each.parentElement, before: each.previousElementSibling, after: each.nextElementSibling });
  }
  return { element, label: labelOf(element), group: groupOf(element), steps };
}

/** What stands where it stood, or beside that. */
function placeOf({ steps }: Held): Element | null {
  const step = steps.find(({ parent }) => parent.isConnected);
  if (step === undefined) return null;
  const { parent, before, after } = step;
  if (before?.parentElement === parent) return before.nextElementSibling ?? before;
  if (after?.parentElement === parent) return after.previousElementSibling ?? after;
  return parent.firstElementChild;
}

/** The control of that name; else, of several that belong together, one that is like it, or any. */
function sameControl(place: Element, { element, label, group }: Held): HTMLElement | undefined {
  const controls = [...place.querySelectorAll<HTMLButtonElement>('button:enabled')].filter((each) => !isGone(each));
  const together = controls.filter((each) => group !== undefined && groupOf(each) === group);
  return (
    controls.find((each) => labelOf(each) === label) ??
    together.findLast(({ className }) => className === element.className) ??
    together.at(-1)
  );
}

function labelOf(element: HTMLElement): string {
  return element.getAttribute('aria-label') ?? element.textContent.trim();
}

function groupOf(element: HTMLElement): string | undefined {
  return element.closest('[role="group"], ul')?.getAttribute('aria-label') ?? undefined;
}
