/** What an answer took, in words. Pure. */
import type { LeftOut, Receipt } from '../../src/chat/protocol.ts';
import { count, plural, seconds } from './words.ts';

/** `this computer · 2,310 in (1,900 reused) · 412 out · 61 tok/s · first token 0.4 s · $0.0041 as billed`. */
export function receiptLine(receipt: Receipt): string {
  const { tries, host, routeWords, decodeTokPerS, firstTokenMs, costWords, costBasisWords } = receipt;
  const name = host?.replace(/:\d+$/, '');
  return [
    routeWords,
    name === undefined || routeWords.includes(name) ? undefined : host,
    tokensIn(receipt),
    tokensOut(receipt),
    decodeTokPerS === undefined ? undefined : `${count(decodeTokPerS)} tok/s`,
    firstTokenMs === undefined ? undefined : `first token ${seconds(firstTokenMs / 1_000)}`,
    costWords === undefined ? undefined : `${costWords}${costBasisWords === undefined ? '' : ` (${costBasisWords})`}`,
    tries === undefined ? undefined : plural(tries.length, 'try', 'tries'),
    withheld(receipt),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** `3 of 12 turns left out`: what did not fit, in words. */
export function leftOutWords(leftOut: LeftOut): string {
  if (leftOut.kind === 'turns') {
    return `${plural(leftOut.count, 'earlier turn')} left out (${plural(leftOut.tokens, 'token')})`;
  }
  const { name, tokens, keptTokens } = leftOut;
  return keptTokens === 0
    ? `${name} left out (${plural(tokens, 'token')})`
    : `${name}: only its first ${count(keptTokens)} of ${plural(tokens, 'token')}`;
}

type Counts = Pick<Receipt, 'promptTokens' | 'cachedTokens' | 'completionTokens' | 'countedBy' | 'isCountAtLeast'>;

export function tokensIn(counts: Counts): string | undefined {
  const { promptTokens, cachedTokens } = counts;
  if (promptTokens === undefined) return undefined;
  const reused = cachedTokens === undefined || cachedTokens === 0 ? '' : ` (${count(cachedTokens)} reused)`;
  return `${howSure(counts)}${count(promptTokens)} in${reused}`;
}

export function tokensOut(counts: Counts): string | undefined {
  const { completionTokens } = counts;
  return completionTokens === undefined ? undefined : `${howSure(counts)}${count(completionTokens)} out`;
}

function howSure({ countedBy, isCountAtLeast }: Counts): string {
  return `${isCountAtLeast === true ? 'at least ' : ''}${countedBy === 'estimate' ? 'about ' : ''}`;
}

function withheld({ leftOut, maskedCount = 0 }: Receipt): string | undefined {
  const masked = maskedCount > 0 ? `${plural(maskedCount, 'secret')} masked` : undefined;
  const trimmed = leftOut.length > 0 ? 'shortened' : undefined;
  return [masked, trimmed].filter((part) => part !== undefined).join(', ') || undefined;
}
