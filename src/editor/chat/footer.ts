/** What sending would take becomes one line for people here. Pure. */
import { dollars } from '../../ledger/moneyWords.ts';

/** What is known of a question that was not sent yet. */
export interface Forecast {
  readonly tokens: number;
  /** The model itself counted. */
  readonly isExact: boolean;
  /** Where it goes: `this computer`, `api.openai.com`. */
  readonly place: string;
  /** `unmetered`: nobody charges for it. */
  readonly cost: 'unmetered' | 'unknown' | { readonly lowNanoUsd: number; readonly highNanoUsd: number };
  /** How long reading the prompt takes; absent: not known, or nobody here reads it. */
  readonly readSeconds?: number;
}

/** `≈2.3k tokens → api.openai.com ≈ $0.006`, `2.3k tokens → this computer, about 4 s to read`. */
export function footerWords({ tokens, isExact, place, cost, readSeconds }: Forecast): string {
  const reading = readSeconds === undefined ? '' : `, ${secondsWords(readSeconds)} to read`;
  return `${isExact ? '' : '≈'}${tokensWords(tokens)} → ${place}${costWords(cost)}${reading}`;
}

/** `940 tokens`, `2.3k tokens`, `120k tokens`. */
function tokensWords(tokens: number): string {
  if (tokens < 1_000) return tokens === 1 ? '1 token' : `${tokens} tokens`;
  const thousands = tokens / 1_000;
  return `${thousands < 99.5 ? thousands.toFixed(1).replace(/\.0$/, '') : Math.round(thousands)}k tokens`;
}

function secondsWords(seconds: number): string {
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

function costWords(cost: Forecast['cost']): string {
  if (cost === 'unmetered') return '';
  if (cost === 'unknown') return ', price unknown';
  if (cost.highNanoUsd === 0) return ', no charge';
  const [low, high] = [dollars(cost.lowNanoUsd), dollars(cost.highNanoUsd)];
  if (cost.lowNanoUsd === 0) return `, up to ${high}`;
  return low === high ? ` ≈ ${low}` : ` ≈ ${low} to ${high}`;
}
