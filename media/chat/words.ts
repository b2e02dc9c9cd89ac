/** Numbers, times and what buttons do, in words. Pure. */
import type { AnswerEnding, AttachmentKind, Exposure, ViewAction } from '../../src/chat/protocol.ts';
import type { IconName } from '../shared/icon.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', year: 'numeric' });
const minuteMs = 60_000;

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `950`, `2.3k`, `120k`. */
export function shortCount(value: number): string {
  if (value < 1_000) return whole.format(value);
  const thousands = value / 1_000;
  return `${(thousands < 100 ? oneDigit : whole).format(thousands)}k`;
}

/** `<0.1 s`, `0.4 s`, `12 s`, `2 min`. */
export function seconds(value: number): string {
  if (value < 0.05) return '<0.1 s';
  if (value >= 90) return `${whole.format(value / 60)} min`;
  return `${(value < 10 ? oneDigit : whole).format(value)} s`;
}

/** `640 B`, `2.3 KB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${whole.format(bytes)} B`;
  return bytes < 1_000_000 ? `${oneDigit.format(bytes / 1_000)} KB` : `${oneDigit.format(bytes / 1_000_000)} MB`;
}

/** `1 token`, `3 tokens`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

/** `now`, `5 min`, `3 h`, `2 d`, `Mar 3, 2026`. */
export function ago(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / minuteMs);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return minutes < 7 * 24 * 60 ? `${Math.floor(minutes / (24 * 60))} d` : day.format(atMs);
}

/** What a button does, on the button. */
export const actionWords: Readonly<Record<ViewAction, string>> = {
  chooseModel: 'Choose model',
  restartEngine: 'Restart engine',
  showLog: 'Show log',
  openSettings: 'Open settings',
  switchProvider: 'Switch model',
  setApiKey: 'Set API key',
  openPolicy: 'Open the rules',
  retry: 'Try again',
};

/** Why an answer ended; `undefined`: it needs no word. A failure has its own. */
export const endingWords: Readonly<Record<AnswerEnding, string | undefined>> = {
  finished: undefined,
  failed: undefined,
  stopped: 'Stopped.',
  interrupted: 'Interrupted: the editor ended while the answer came.',
  maxTokens: 'Cut off: the answer reached its longest length.',
  cut: 'Cut off: the connection closed before the model said that it was done.',
  filtered: 'The provider withheld the rest.',
  looped: 'Stopped: the model repeated itself.',
};

export const attachmentIcons: Readonly<Record<AttachmentKind, IconName>> = {
  file: 'file',
  folder: 'folder',
  selection: 'list-selection',
  problems: 'warning',
  symbol: 'symbol-misc',
  diff: 'git-compare',
  search: 'search',
  rules: 'book',
};

export const exposureIcons: Readonly<Record<Exposure, IconName>> = {
  inProcess: 'lock',
  loopback: 'server',
  private: 'radio-tower',
  internet: 'cloud',
};
