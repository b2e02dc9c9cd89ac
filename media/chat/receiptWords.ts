/** What an answer took, in words. Pure. */
import type { LeftOut, Receipt } from '../../src/chat/protocol.ts';
import { count, plural, seconds } from './words.ts';

/** `this computer · 2,310 in (1,900 reused) · 412 out · 61 tok/s · first token 0.4 s · $0.0041 as billed`. */
export function receiptLine(receipt: Receipt): string {
  const { host, routeWords, decodeTokPerS, firstTokenMs, costWords, costBasisWords } = receipt;
  const name = host?.replace(/:\d+$/, '');
  return [
    routeWords,
    name === undefined || routeWords.includes(name) ? undefined : host,
    tokensIn(receipt),
    tokensOut(receipt),
    decodeTokPerS === undefined ? undefined : `${count(decodeTokPerS)} tok/s`,
    firstTokenMs === undefined ? undefined : `first token ${seconds(firstTokenMs / 1_000)}`,
    costWords === undefined ? undefined : `${costWords}${costBasisWords === undefined ? '' : ` (${costBasisWords})`}`,
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

export function tokensIn({ promptTokens, cachedTokens, countedBy }: Receipt): string | undefined {
  if (promptTokens === undefined) return undefined;
  const about = countedBy === 'estimate' ? 'about ' : '';
  const reused = cachedTokens === undefined || cachedTokens === 0 ? '' : ` (${count(cachedTokens)} reused)`;
  return `${about}${count(promptTokens)} in${reused}`;
}

export function tokensOut({ completionTokens, countedBy }: Receipt): string | undefined {
  if (completionTokens === undefined) return undefined;
  return `${countedBy === 'estimate' ? 'about ' : ''}${count(completionTokens)} out`;
}

function withheld({ leftOut, maskedCount = 0 }: Receipt): string | undefined {
  const masked = maskedCount > 0 ? `${plural(maskedCount, 'secret')} masked` : undefined;
  const trimmed = leftOut.length > 0 ? 'shortened' : undefined;
  return [masked, trimmed].filter((part) => part !== undefined).join(', ') || undefined;
}
