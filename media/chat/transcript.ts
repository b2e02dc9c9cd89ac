/**
 * The conversation on the page. Its last turn is drawn at once, what else is in view right after; the other turns follow
 * whenever the page has nothing else to do, first as empty nodes, then drawn, from the newest on.
 */
import type { ThreadView, TurnView } from '../../src/chat/protocol.ts';
import type { Kept } from './host.ts';
import { openingOf, type Opening } from './markdown/draw.ts';
import { TurnElement, type TurnNeeds } from './turnElement.ts';

export interface TranscriptNeeds extends TurnNeeds {
  /** A link or a file that an answer names was pressed. */
  readonly open: (opening: Opening) => void;
  /** Told whether the end is in view. */
  readonly onDidScroll: (isAtEnd: boolean) => void;
}

/** As near to the end as this, in pixels, is at the end: what comes is followed. */
const nearEnd = 24;
/** So many turns have nodes at once. */
const firstPlaced = 24;
/** Placing and drawing more than the last turn never takes much longer than this in one go. */
const sliceMs = 8;
const placedTogether = 40;
const markMs = 2_000;

export class Transcript {
  /** What scrolls. */
  readonly element: HTMLElement;
  private readonly needs: TranscriptNeeds;
  private readonly list = document.createElement('div');
  private threadId = '';
  private turns = new Map<string, TurnElement>();
  private latest: readonly TurnView[] = [];
  /** So many of the oldest turns have no nodes yet. */
  private unplaced = 0;
  private readonly changed = new Set<string>();
  private isAtEnd = true;
  private lastTop = 0;
  /** What was gone to: held in its place while the turns around it are drawn, until somebody scrolls. */
  private target: { readonly turn: TurnElement; readonly offset: number } | undefined;
  private frame = 0;
  private fillTimer: ReturnType<typeof setTimeout> | undefined;
  private isFilling = false;

  constructor(element: HTMLElement, needs: TranscriptNeeds) {
    this.element = element;
    this.needs = needs;
    this.list.className = 'turns';
    element.append(this.list);
    element.addEventListener('scroll', () => this.noteScroll(), { passive: true });
    element.addEventListener('click', (event) => this.press(event));
    element.addEventListener('keydown', (event) => this.press(event));
    for (const type of ['wheel', 'pointerdown', 'keydown']) {
      element.addEventListener(type, () => (this.target = undefined), { passive: true });
    }
    new ResizeObserver(() => this.follow()).observe(this.list);
    new ResizeObserver(() => this.follow()).observe(element);
  }

  /** Shows a thread: another one anew, the same one by what changed in it, with the next frame. */
  show(thread: ThreadView, kept: Kept['scroll']): void {
    const isAnother = thread.id !== this.threadId;
    if (isAnother) this.clear(thread.id);
    if (thread.turns === this.latest && !isAnother) return;
    const before = this.latest;
    this.latest = thread.turns;
    const isListSame =
      before.length === thread.turns.length && before.every(({ id }, at) => id === thread.turns[at]?.id);
    if (isListSame) return this.noteChanges();
    this.unplaced = Math.min(isAnother ? Infinity : this.unplaced, Math.max(0, thread.turns.length - firstPlaced));
    this.place();
    [...this.turns.values()].at(-1)?.fill();
    this.fillInViewSoon();
    if (isAnother) this.goTo(thread, kept);
    else if (goesOn(before, thread.turns)) this.scrollToEnd();
    this.fillLater();
  }

  scrollToEnd(): void {
    this.isAtEnd = true;
    this.target = undefined;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** Brings a turn into view with the keyboard on it, and marks it for a moment. */
  showTurn(turnId: string): void {
    this.placeAll();
    const turn = this.turns.get(turnId);
    if (turn === undefined) return;
    this.hold(turn, 0);
    turn.element.focus({ preventScroll: true });
    turn.element.classList.add('is-marked');
    setTimeout(() => turn.element.classList.remove('is-marked'), markMs);
  }

  /** Draws all there is, so that it can be searched. */
  fillAll(): readonly HTMLElement[] {
    this.target = undefined;
    this.placeAll();
    for (const turn of this.turns.values()) turn.fill();
    return [...this.turns.values()].map(({ element }) => element);
  }

  /** The first turn in view and how far it is scrolled past; `undefined`: the end is in view. */
  get position(): { readonly turnId: string; readonly offset: number } | undefined {
    if (this.isAtEnd) return undefined;
    const top = this.element.scrollTop;
    const first = this.elements().find((each) => each.offsetTop + each.offsetHeight > top);
    const turnId = first?.dataset['turn'];
    return first === undefined || turnId === undefined ? undefined : { turnId, offset: top - first.offsetTop };
  }

  private clear(threadId: string): void {
    this.threadId = threadId;
    this.turns.clear();
    this.target = undefined;
    this.list.replaceChildren();
    this.changed.clear();
    this.latest = [];
    this.isAtEnd = true;
  }

  /** Makes the nodes those of the turns, in their order; nodes of turns that stay are not touched. */
  private place(): void {
    const turns = new Map<string, TurnElement>();
    let node = this.list.firstElementChild;
    for (const turn of this.latest.slice(this.unplaced)) {
      const element = this.turns.get(turn.id) ?? new TurnElement(turn, this.needs);
      turns.set(turn.id, element);
      if (element.element === node) node = node.nextElementSibling;
      else this.list.insertBefore(element.element, node);
    }
    for (const [id, { element }] of this.turns) if (!turns.has(id)) element.remove();
    this.turns = turns;
    this.noteChanges();
  }

  private placeAll(): void {
    if (this.unplaced === 0) return;
    this.unplaced = 0;
    this.place();
  }

  /** Draws what is in view, from the newest on, in slices: at least one, however long it takes to see which are. */
  private fillInView(): void {
    const startedMs = performance.now();
    const undrawn = this.inView().filter(({ isDrawn }) => !isDrawn);
    for (const turn of undrawn.reverse()) {
      turn.fill();
      if (performance.now() - startedMs > sliceMs) break;
    }
    // What was drawn takes another room than it had: something else may be in view now.
    if (undrawn.length > 0) this.fillInViewSoon();
  }

  /** In a task of its own: in a frame it would come on top of what the frame takes. */
  private fillInViewSoon(): void {
    this.fillTimer ??= setTimeout(() => {
      this.fillTimer = undefined;
      this.fillInView();
    });
  }

  private noteChanges(): void {
    for (const turn of this.latest.slice(this.unplaced)) {
      if (this.turns.get(turn.id)?.shown !== turn) this.changed.add(turn.id);
    }
    if (this.changed.size > 0) this.drawSoon();
  }

  private drawSoon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawChanged();
    });
  }

  private drawChanged(): void {
    const byId = new Map(this.latest.map((turn) => [turn.id, turn]));
    for (const id of this.changed) {
      const turn = byId.get(id);
      const isDone = turn === undefined || (this.turns.get(id)?.update(turn) ?? true);
      if (isDone) this.changed.delete(id);
    }
    if (this.changed.size > 0) this.drawSoon();
  }

  private fillLater(): void {
    if (this.isFilling) return;
    this.isFilling = true;
    requestIdleCallback(() => this.fillSome());
  }

  private fillSome(): void {
    const startedMs = performance.now();
    const isOver = (): boolean => performance.now() - startedMs > sliceMs;
    while (this.unplaced > 0 && !isOver()) {
      this.unplaced = Math.max(0, this.unplaced - placedTogether);
      this.place();
    }
    for (const turn of [...this.turns.values()].reverse()) {
      if (isOver()) break;
      turn.fill();
    }
    this.isFilling = this.unplaced > 0 || [...this.turns.values()].some(({ isDrawn }) => !isDrawn);
    if (this.isFilling) requestIdleCallback(() => this.fillSome());
  }

  private goTo(thread: ThreadView, kept: Kept['scroll']): void {
    if (thread.showTurnId !== undefined) return this.showTurn(thread.showTurnId);
    if (kept?.threadId === thread.id) this.placeAll();
    const turn = kept?.threadId === thread.id ? this.turns.get(kept.turnId) : undefined;
    if (kept === undefined || turn === undefined) return this.scrollToEnd();
    this.hold(turn, kept.offset);
  }

  private hold(turn: TurnElement, offset: number): void {
    turn.fill();
    this.isAtEnd = false;
    this.target = { turn, offset };
    this.element.scrollTop = turn.element.offsetTop + offset;
  }

  /** The least movement away from the end counts: following on would fight whoever scrolls. */
  private noteScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    const left = scrollHeight - scrollTop - clientHeight;
    if (scrollTop < this.lastTop - 1 && left > 1) this.isAtEnd = false;
    else if (left <= nearEnd) this.isAtEnd = true;
    this.lastTop = scrollTop;
    // Where all is drawn nothing is measured: an answer that comes scrolls with every frame.
    if (this.isFilling) this.fillInViewSoon();
    this.needs.onDidScroll(this.isAtEnd);
  }

  private inView(): readonly TurnElement[] {
    const { scrollTop, clientHeight } = this.element;
    return [...this.turns.values()].filter(
      ({ element }) =>
        element.offsetTop + element.offsetHeight > scrollTop && element.offsetTop < scrollTop + clientHeight,
    );
  }

  private elements(): readonly HTMLElement[] {
    return [...this.turns.values()].map(({ element }) => element);
  }

  /** Keeps the end in view while it grows, as long as nobody scrolled away from it; or what was gone to. */
  private follow(): void {
    if (this.isAtEnd) this.element.scrollTop = this.element.scrollHeight;
    else if (this.target !== undefined) {
      this.element.scrollTop = this.target.turn.element.offsetTop + this.target.offset;
    }
    this.needs.onDidScroll(this.isAtEnd);
  }

  /** Nothing an answer holds does anything by itself: presses are looked up here. */
  private press(event: Event): void {
    if (event instanceof KeyboardEvent && event.key !== 'Enter' && event.key !== ' ') return;
    const opening = event.target instanceof Element ? openingOf(event.target) : undefined;
    if (opening === undefined) return;
    event.preventDefault();
    this.needs.open(opening);
  }
}

/** Whether something was asked behind what was shown; a version or a turn that came back may be anywhere. */
function goesOn(before: readonly TurnView[], now: readonly TurnView[]): boolean {
  return now.length > before.length && now[before.length - 1]?.id === before.at(-1)?.id;
}
