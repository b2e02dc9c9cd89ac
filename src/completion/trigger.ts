/** A keystroke passes through here and becomes: ask now, ask in a moment, or do not ask. */
import { replyMs, type CompletionModel } from './pace.ts';
import { indentation, isClosing, lineAbove, type Place } from './place.ts';
import type { Reason } from './reason.ts';

/** What the user set. */
export interface CompletionSettings {
  readonly enabled: boolean;
  readonly trigger: 'automatic' | 'manual';
  /** VS Code language ids for which none are offered. */
  readonly disabledLanguages: readonly string[];
  /** Ms since 1970; `Infinity` until restart; `undefined`: no pause. */
  readonly pausedUntilMs: number | undefined;
}

/** `automatic`: the editor asks because the user typed. `invoked`: the user pressed something. */
export type Why = 'automatic' | 'invoked';

/** One change of a document, as the editor tells it. */
export interface EditNote {
  readonly uri: string;
  readonly version: number;
  /** Text came in; text only went away; undo or redo. */
  readonly kind: 'forward' | 'backward' | 'undo';
}

/** How the user has been typing: a fold over the edit notes. */
export interface Typing {
  readonly uri: string;
  readonly kind: EditNote['kind'];
  /** When the newest edit came, on the monotonic clock. */
  readonly atMs: number;
  /** Times between the newest keystrokes typed forward, newest last; pauses are left out. */
  readonly gapsMs: readonly number[];
  /** Whether the newest edit came after a pause. */
  readonly isAfterPause: boolean;
}

/** Longer between two keystrokes is thinking, not typing. */
const pauseMs = 600;
/** The next key is overdue after so many usual gaps; waiting longer than so many ms would be felt. */
const overdueGaps = 1.5;
const maxWaitMs = 200;

/** The typing with one more edit. An edit elsewhere starts anew. */
export function noted(typing: Typing | undefined, note: EditNote, atMs: number): Typing {
  const gapMs = typing?.uri === note.uri ? atMs - typing.atMs : Infinity;
  const isAfterPause = gapMs > pauseMs;
  const before = typing?.uri === note.uri ? typing.gapsMs : [];
  const gapsMs = isAfterPause || note.kind !== 'forward' ? before : [...before, gapMs].slice(-8);
  return { uri: note.uri, kind: note.kind, atMs, gapsMs, isAfterPause };
}

/** How the user has set completions to rest. */
export type Resting = Extract<Reason, 'disabled' | 'languageOff' | 'paused' | 'manualMode'>;

/**
 * What keeps completions from coming by themselves; `undefined`: nothing does. Of several the one that lasts is named,
 * and manual mode only where nothing else rests.
 * @param language of the document; `undefined`: none is open.
 * @param nowMs ms since 1970; a pause that has ended by then is none.
 */
export function resting(
  settings: CompletionSettings,
  language: string | undefined,
  nowMs: number,
): Resting | undefined {
  if (!settings.enabled) return 'disabled';
  if (language !== undefined && settings.disabledLanguages.includes(language)) return 'languageOff';
  if (settings.pausedUntilMs !== undefined && nowMs < settings.pausedUntilMs) return 'paused';
  return settings.trigger === 'manual' ? 'manualMode' : undefined;
}

/** Which rest holds for this keystroke; `undefined`: none. Who asks is answered while paused and in manual mode too. */
export function unwanted(why: Why, rest: Resting | undefined): Resting | undefined {
  return why === 'invoked' && (rest === 'paused' || rest === 'manualMode') ? undefined : rest;
}

/** Everything about one keystroke that decides once the user wants completions here. */
export interface Question {
  readonly place: Place;
  readonly why: Why;
  readonly model: CompletionModel;
  readonly cursors: number;
  readonly typing: Typing | undefined;
  readonly monotonicMs: number;
}

/** Why nothing may be shown at this place, whether the model would be asked or not; `undefined`: it may. */
export function refusal(question: Question): Reason | undefined {
  const { place, why, model } = question;
  if (question.cursors > 1) return 'severalCursors';
  if (why === 'invoked') return undefined;
  if (typingAt(question)?.kind === 'undo') return 'afterBackspace';
  if (isBeforeWord(place, model)) return 'wordRight';
  return isForIndenting(place) ? 'emptyLine' : undefined;
}

/** When to ask the model about it. */
export type Decision =
  | { readonly kind: 'now' }
  | { readonly kind: 'after'; readonly delayMs: number }
  | { readonly kind: 'never'; readonly reason: Reason };

/**
 * Decides about a place that was not refused and of which nothing is known.
 *
 * Asks at once after a pause and where the model answers faster than the next key comes. Else it waits until the next
 * key is overdue, counted from the last one, so that steady typing does not start requests that the next key would
 * stop; never longer than 200 ms, and never when the user asked. A model elsewhere is never asked at once by typing.
 */
export function decide(question: Question): Decision {
  const typing = typingAt(question);
  if (question.why === 'invoked' || typing === undefined) return { kind: 'now' };
  if (typing.kind !== 'forward') return { kind: 'never', reason: 'afterBackspace' };
  const gapMs = median(typing.gapsMs);
  const mayAskAtOnce = typing.isAfterPause || gapMs === undefined || replyMs(question.model) <= gapMs;
  const overdueMs = mayAskAtOnce ? 0 : Math.min(gapMs * overdueGaps, maxWaitMs);
  const waitMs = Math.max(overdueMs, question.model.restMs ?? 0);
  if (waitMs === 0) return { kind: 'now' };
  const delayMs = waitMs - (question.monotonicMs - typing.atMs);
  return delayMs > 0 ? { kind: 'after', delayMs } : { kind: 'now' };
}

/** Whether a line opens a block that the following lines are indented in. */
export function isOpening(line: string, language: string): boolean {
  const end = line.trimEnd();
  if (/[{([]$|=>$|\b(then|do|else|begin)$/.test(end)) return true;
  return /^(python|yaml|gdscript|nim|coffeescript)$/.test(language) && end.endsWith(':') && !/^\s*#/.test(end);
}

function typingAt({ typing, place }: Question): Typing | undefined {
  return typing?.uri === place.uri ? typing : undefined;
}

/** Text to the right that a suggestion would be squeezed in front of. */
function isBeforeWord({ line, right }: Place, { hasInfillTokens }: CompletionModel): boolean {
  if (/^[\p{L}\p{N}_$]/u.test(right)) return true;
  // Where there is only indentation to the left, Tab moves the code; and a model that does not see what follows
  // cannot end where it has to.
  return (line.trim() === '' || !hasInfillTokens) && !isClosing(right);
}

/**
 * Whether Tab has to indent here. VS Code gives Tab to a visible suggestion unless the suggestion itself begins with
 * at least a tab's width of white space, which is not ours to promise. So nothing is offered by itself on a line
 * without a character, nor where the line is indented less than the line above asks for.
 */
function isForIndenting(place: Place): boolean {
  if (place.line.trim() !== '' || place.right.trim() !== '') return false;
  const above = lineAbove(place);
  const here = indentation(place.line);
  const asked = indentation(above);
  return here === 0 || here < asked || (here === asked && isOpening(above, place.language));
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
