/** The user hears of their limits here: once a day of each that is nearly used up, and before what has no price is sent. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { UnpricedQuestion } from '../../egress/purse.ts';
import { dayOf } from '../../ledger/books.ts';
import type { LimitName, LimitUse } from '../../ledger/budget.ts';
import { dollars } from '../../ledger/moneyWords.ts';
import type { Notices } from '../notices.ts';

const spans: Readonly<Record<LimitName, string>> = {
  perRequest: 'per request',
  perDay: 'per day',
  perMonth: 'per month',
};

/**
 * Tells of a limit that is four fifths used or more with a request's worst case: once a day in each window, and again
 * once that passes it. Most requests cost less than they may, so nothing is said to be spent.
 */
export function tellLimit({ name, limit, usedNanoUsd }: LimitUse, notices: Pick<Notices, 'tell'>, clock: Clock): void {
  const isPassed = usedNanoUsd > limit.nanoUsd;
  const word = isPassed ? 'passed' : 'four fifths used or more';
  const what = `your limit of ${dollars(limit.nanoUsd)} ${spans[name]}`;
  notices.tell(`With what is asked now, ${what} may be ${word} (${dayOf(clock.now())}).`, {
    label: 'Budgets',
    command: 'workbench.action.openSettings',
    argument: 'paddock.cost.budgets',
  });
}

/** Asks whether something without a price may be sent; whoever says nothing says no. */
export async function confirmUnpriced(
  window: Pick<typeof vscode.window, 'showWarningMessage'>,
  { modelName, host, use: { name, limit } }: UnpricedQuestion,
): Promise<boolean> {
  const yes = 'Use It Anyway';
  const detail =
    `You set a limit of ${dollars(limit.nanoUsd)} ${spans[name]}, and nobody can tell whether a request to ${host} stays ` +
    'below it. A price can be set in paddock.cost.prices. What you say holds until this window is closed.';
  const message = `Nobody knows what ${modelName} costs. Use it all the same?`;
  return (await window.showWarningMessage(message, { modal: true, detail }, yes)) === yes;
}
