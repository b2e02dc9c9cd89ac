/** Why completions rest is put into words here. Pure. */
import type { Reason } from '../../completion/reason.ts';
import { resting, type CompletionSettings, type Resting } from '../../completion/trigger.ts';
import type { IndicatorState } from '../indicator/indicatorState.ts';

/** Where and when it is asked. */
export interface RestNeeds {
  readonly settings: CompletionSettings;
  /** Of the active document; `undefined`: none is open. */
  readonly language: string | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** What keeps completions from being offered by themselves in the active editor; `undefined`: nothing does. */
export function restOf(needs: RestNeeds): IndicatorState['resting'] {
  const kind = resting(needs.settings, needs.language, needs.nowMs);
  return kind && { kind, words: restWords(kind, needs) };
}

/** Whether anything may be offered there: also where it is only offered on request. */
export function mayOffer({ settings, language, nowMs }: RestNeeds): boolean {
  const kind = resting(settings, language, nowMs);
  return kind === undefined || kind === 'manualMode';
}

function restWords(kind: Resting, { settings, language }: RestNeeds): string {
  switch (kind) {
    case 'disabled':
      return 'completions off';
    case 'paused':
      return `paused until ${untilWords(settings.pausedUntilMs ?? Infinity)}`;
    case 'languageOff':
      return `off for ${language ?? 'this language'}`;
    case 'manualMode':
      return 'on request';
  }
}

function untilWords(untilMs: number): string {
  if (!Number.isFinite(untilMs)) return 'restart';
  return new Date(untilMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/** A reason in words for the hover; `undefined`: not worth saying, something else on screen says it. */
export function reasonWords(reason: Reason): string | undefined {
  switch (reason) {
    case 'disabled':
    case 'languageOff':
    case 'paused':
    case 'manualMode':
    case 'noModel':
    case 'superseded':
      return undefined;
    case 'severalCursors':
      return 'there is more than one cursor';
    case 'afterBackspace':
      return 'something was just deleted or undone';
    case 'wordRight':
      return 'the cursor is inside or before a word';
    case 'emptyLine':
      return 'on an empty line Tab indents';
    case 'longLine':
      return 'the line is too long';
    case 'suggestWidget':
      return 'the selected item of the list does not continue what was typed';
    case 'empty':
      return 'the model had nothing to add';
    case 'lineComplete':
      return 'the model thinks the line is complete';
    case 'repetitive':
      return 'the model repeated itself';
    case 'echo':
      return 'the model wrote the line above again';
    case 'alreadyThere':
      return 'what the model wrote is already there';
    case 'leaked':
      return 'the model wrote its own control words';
  }
}
