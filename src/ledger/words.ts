/** What the ledger knows of requests is said in words for people here. Pure. */
import type { Intent, Outcome, Route, Settlement } from './entry.ts';

type PurposeLike = Pick<Intent['purpose'], 'role' | 'initiator'>;

/** Why something was asked. */
export function purposeWords({ role, initiator }: PurposeLike): string {
  switch (role) {
    case 'completion':
      if (initiator === 'ahead') return 'Reading ahead';
      return initiator === 'user' ? 'Completion asked for' : 'Completion while typing';
    case 'chat':
      if (initiator === 'extension') return 'Asked by another extension';
      return initiator === 'automatic' ? 'Chat, by itself' : 'Chat';
    case 'probe':
      return 'Finding out what a server is';
    case 'list':
      return "Listing a server's models";
    case 'download':
      return 'Fetching a file';
  }
}

/** How far away it was answered, without saying by whom. */
export function distanceWords({ kind, evidence }: Pick<Route, 'kind' | 'evidence'>): string {
  switch (kind) {
    case 'inProcess':
      return 'this computer';
    case 'loopback':
      return evidence === 'assumed' ? 'this computer, may forward' : 'this computer, a server';
    case 'private':
      return 'private network';
    case 'internet':
      return 'internet';
  }
}

/** Where it was answered. */
export function placeWords({ kind, evidence, host, forwardsTo, remote }: Route): string {
  const side = remote === undefined ? '' : ` @${remote}`;
  const far = forwardsTo === undefined ? host : `${forwardsTo} via ${host}`;
  if (kind === 'inProcess') return `this computer${side}`;
  return far === undefined ? `${distanceWords({ kind, evidence })}${side}` : `${far}${side}`;
}

/** How it ended. */
export function outcomeWords(settlement: Pick<Settlement, 'outcome' | 'failure'> | undefined): string {
  if (settlement === undefined) return 'no end';
  const { outcome, failure } = settlement;
  return outcome === 'failed' && failure !== undefined ? `failed: ${apart(failure)}` : outcomeNames[outcome];
}

/** Each outcome by itself. */
export const outcomeNames: Readonly<Record<Outcome, string>> = {
  finished: 'finished',
  enough: 'enough came',
  stopped: 'stopped',
  cut: 'cut off',
  failed: 'failed',
};

/** `1,234,567`. @param value an integer. */
export function countWords(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 request`, `1,234 requests`. */
export function numberOf(value: number, what: string, many = `${what}s`): string {
  return `${countWords(value)} ${value === 1 ? what : many}`;
}

/** Three digits at most: `940`, `1.2k`, `34k`, `1.2M`. */
export function shortCount(value: number): string {
  if (value < 1_000) return String(value);
  const units = ['k', 'M', 'G', 'T'];
  let [rest, unit] = [value / 1_000, 0];
  while (rest >= 999.5 && unit < units.length - 1) [rest, unit] = [rest / 1_000, unit + 1];
  const digits = rest < 9.95 ? rest.toFixed(1).replace(/\.0$/, '') : String(Math.round(rest));
  return `${digits}${units[unit]}`;
}

/** `0 bytes`, `940 bytes`, `1.2 kB`, `34 MB`. */
export function byteWords(value: number): string {
  if (value < 1_000) return numberOf(value, 'byte');
  return shortCount(value).replace(/[kMGT]$/, (unit) => ` ${unit}B`);
}

/** `2026-11-22 14:03:05`, on this computer's clock. */
export function timeWords(atMs: number): string {
  const at = new Date(atMs);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `40 ms`, `1.2 s`, `3 min 20 s`. */
export function durationWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `82%`; what is little is never shown as none, nor what is nearly all as all. @param share 0..1. */
export function percentWords(share: number): string {
  if (share > 0 && share < 0.01) return 'under 1%';
  if (share > 0.99 && share < 1) return 'over 99%';
  return `${Math.round(share * 100)}%`;
}

/** `rateLimited` as `rate limited`. */
export function apart(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
