/** Money becomes words for people here, and the words say how sure the sum is. Pure. */
import type { Cost, Settlement } from './entry.ts';
import { spendOf, type Spend } from './spend.ts';

/** Digits after the point that a sum of money always has. */
const centDigits = 2;

/**
 * `$0.42`, `about $0.42` (estimated), `at least $0.42` (something is missing in it), `price unknown`; `no charge` where
 * a known price came to nothing. `undefined`: nobody charges for it, so there are no words of money, least of all $0.00.
 */
export function moneyWords({ nanoUsd, basis, isAtLeast }: Spend): string | undefined {
  if (basis === undefined) return isAtLeast ? 'price unknown' : undefined;
  if (nanoUsd === 0) return isAtLeast ? 'price unknown' : 'no charge';
  const about = basis === 'estimate' ? 'about ' : '';
  return isAtLeast ? `at least ${about}${dollars(nanoUsd, 'down')}` : `${about}${dollars(nanoUsd)}`;
}

/** The same of one settled request. */
export function costWords(settlement: Pick<Settlement, 'cost' | 'outcome'>): string | undefined {
  return moneyWords(spendOf(settlement));
}

/**
 * Where a sum's figures are from, the least sure part of it: `billed`, `price list` (the table's or the
 * user's own), `estimated`; `undefined`: none.
 */
export function basisWords({ basis }: Spend): string | undefined {
  switch (basis) {
    case 'billed':
      return 'billed';
    case 'table':
      return 'price list';
    case 'estimate':
      return 'estimated';
    case undefined:
      return undefined;
  }
}

/** The same of one request, with the day of the table where there is one: `list prices of 2026-09-23`, `your own price`. */
export function costBasisWords(cost: Cost): string | undefined {
  if (cost.basis !== 'table') return basisWords(spendOf({ cost, outcome: 'finished' }));
  return cost.tableDate === undefined ? 'your own price' : `list prices of ${cost.tableDate}`;
}

/**
 * A sum of money, with cents and at least two digits that count, so that little is never shown as nothing: `$1,204.50`,
 * `$0.42`, `$0.042`, `$0.0004`.
 * @param nanoUsd integer, >= 0.
 * @param rounding `down` where the words say "at least": half a cent more would be untrue.
 */
export function dollars(nanoUsd: number, rounding: 'nearest' | 'down' = 'nearest'): string {
  const digits = digitsOf(nanoUsd);
  const unit = 10 ** (9 - digits); // nano-dollars in the last digit that is shown
  const units = rounding === 'down' ? Math.floor(nanoUsd / unit) : Math.round(nanoUsd / unit);
  const [whole = '', rest = ''] = (units / 10 ** digits).toFixed(digits).split('.');
  const cents = rest.slice(0, centDigits) + rest.slice(centDigits).replace(/0+$/, '');
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
}

/** A limit as a person sets it, without cents it does not have: `$10`, `$2.50`. */
export function limitDollars(nanoUsd: number): string {
  return dollars(nanoUsd).replace(/\.00$/, '');
}

/** Two digits that count, or cents: whatever is more; a nano-dollar has no parts. */
function digitsOf(nanoUsd: number): number {
  if (nanoUsd <= 0) return centDigits;
  const firstDigit = 9 - Math.floor(Math.log10(nanoUsd)); // its place after the point
  return Math.min(9, Math.max(centDigits, firstDigit + 1));
}
