/** How far the user's budgets are used up, in words. Pure. */
import type { LimitUse } from '../../ledger/budget.ts';
import { limitDollars } from '../../ledger/moneyWords.ts';
import { noSpend } from '../../ledger/spend.ts';
import { spendAtHost, totalSpend } from '../../ledger/tally.ts';
import { chosenOf, type IndicatorState } from './indicatorState.ts';
import { isOwn } from './routeWords.ts';

/** From this share on a limit is worth a word without being asked. */
const warnShare = 0.8;

const periods: Readonly<Record<LimitUse['name'], string>> = {
  perRequest: 'per request',
  perDay: 'today',
  perMonth: 'this month',
};

/** Whether a model is picked that somebody charges for, may charge for, or has charged for today. */
export function mayCostMoney(state: IndicatorState): boolean {
  return chosenOf(state).some(
    ({ route, isMetered }) =>
      (isMetered !== false && !isOwn(route)) || spendAtHost(state.today, route.host) !== noSpend,
  );
}

/** The limit that is used up most, where that is worth a warning; `undefined`: none is. */
export function nearestLimit({ limits }: IndicatorState): LimitUse | undefined {
  const [nearest] = limits.toSorted((one, other) => shareOf(other) - shareOf(one));
  return nearest !== undefined && shareOf(nearest) >= warnShare ? nearest : undefined;
}

/** Whether nothing of it is left. */
export function isOver(use: LimitUse): boolean {
  return shareOf(use) >= 1;
}

/** `82% of $10 today`; never more than is known, and not as if it were known exactly. */
export function limitWords(use: LimitUse, { today, month }: IndicatorState): string {
  const { basis, isAtLeast } = totalSpend(use.name === 'perMonth' ? month : today);
  const sure = isAtLeast ? 'at least ' : basis === 'estimate' ? 'about ' : '';
  const isLittle = use.usedNanoUsd > 0 && percent(use) === 0;
  const share = !isLittle ? `${sure}${percent(use)}%` : isAtLeast ? 'some' : 'less than 1%';
  return `${share} of ${limitDollars(use.limit.nanoUsd)} ${periods[use.name]}`;
}

/** How much of it is used, in whole percent, rounded down. */
export function percent({ limit, usedNanoUsd }: LimitUse): number {
  return limit.nanoUsd === 0 ? 100 : Math.floor((usedNanoUsd * 100) / limit.nanoUsd);
}

/** A limit of nothing is used up. */
function shareOf({ limit, usedNanoUsd }: LimitUse): number {
  return limit.nanoUsd === 0 ? 1 : usedNanoUsd / limit.nanoUsd;
}
