/** Why completions rest is put into words here. Pure. */
import type { Reason } from '../completion/reason.ts';
import type { IndicatorState } from './indicatorView.ts';
import type { Settings } from './settings.ts';

/** What keeps completions from being offered by themselves in the active editor; `undefined`: nothing does. */
export function restOf(needs: {
  readonly settings: Settings;
  /** Milliseconds since 1970, `Infinity`, or `undefined` when not paused. */
  readonly pausedUntilMs: number | undefined;
  readonly language: string | undefined;
}): IndicatorState['resting'] {
  const { settings, pausedUntilMs, language } = needs;
  if (!settings['completion.enabled']) return { kind: 'off', words: 'completions off' };
  if (pausedUntilMs !== undefined) return { kind: 'paused', words: `paused until ${untilWords(pausedUntilMs)}` };
  if (language !== undefined && settings['completion.disabledLanguages'].includes(language)) {
    return { kind: 'languageOff', words: `off for ${language}` };
  }
  if (settings['completion.trigger'] === 'manual') return { kind: 'manual', words: 'on request' };
  return undefined;
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
    case 'dismissed':
      return 'it was dismissed here';
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
