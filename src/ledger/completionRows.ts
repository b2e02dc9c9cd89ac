/** What became of completions, and what a line that stayed cost: the page's table about it. Pure. */
import { dollars } from './moneyWords.ts';
import type { CompletionRow, Completions } from './protocol.ts';
import type { DailyRow } from './rows.ts';
import { keptLineCosts, type KeptLineCost } from './savings.ts';
import { addUse, type CompletionUse } from './statistics.ts';
import { countWords, numberOf, percentWords, shortCount } from './words.ts';

/** Both of the same days. */
export function completionsOf(rows: readonly DailyRow[], uses: readonly CompletionUse[]): Completions {
  const byModel = new Map<string, CompletionUse>();
  for (const use of uses) {
    const known = byModel.get(use.modelId);
    byModel.set(use.modelId, known === undefined ? use : addUse(known, use));
  }
  const costs = keptLineCosts(rows, uses);
  const ordered = [...byModel.values()].sort((one, other) => other.offered - one.offered);
  return {
    rows: ordered.map((use) =>
      rowOf(
        use,
        costs.find(({ modelId }) => modelId === use.modelId),
      ),
    ),
    note:
      'Offered: given to the editor, which does not tell whether it showed them. Still there: every line as it was, or nearly, ' +
      'five minutes after it was taken. These figures are in no export unless you choose so.',
  };
}

function rowOf(use: CompletionUse, cost: KeptLineCost | undefined): CompletionRow {
  const { offered, accepted, acceptedInPart, judged, judgedLines, stillThere, keptLines } = use;
  const taken = accepted + acceptedInPart;
  const rate = offered > 0 ? ` (${percentWords(Math.min(1, taken / offered))})` : '';
  const inPart = acceptedInPart === 0 ? '' : `, ${countWords(acceptedInPart)} of them in part`;
  return {
    model: cost?.modelName ?? use.modelId.replace(/^embedded:.*[\\/]/, ''),
    offered: countWords(offered),
    accepted: `${countWords(taken)}${rate}${inPart}`,
    stillThere: judged === 0 ? 'not looked at yet' : `${countWords(stillThere)} of ${countWords(judged)}`,
    keptLines: judged === 0 ? 'not looked at yet' : `${countWords(keptLines)} of ${numberOf(judgedLines, 'line')}`,
    perKeptLine: perKeptLine(cost),
  };
}

/** Money where there is a price, and tokens, which there always are. */
function perKeptLine(cost: KeptLineCost | undefined): string {
  if (cost === undefined || cost.keptLines === 0) return 'no line kept yet';
  const { nanoUsdPerKeptLine: nanoUsd, tokensPerKeptLine: tokens = 0, spend } = cost;
  const inTokens = `${shortCount(tokens)} tokens`;
  if (nanoUsd === undefined || nanoUsd === 0) return spend.unpriced > 0 ? `price unknown, ${inTokens}` : inTokens;
  const sure = spend.isAtLeast ? 'at least ' : '';
  const about = spend.basis === 'estimate' ? 'about ' : '';
  return `${sure}${about}${dollars(nanoUsd, spend.isAtLeast ? 'down' : 'nearest')}, ${inTokens}`;
}
