/** What an edit took, in one line for its hover. Pure. */
import type { Receipt } from '../../chat/protocol.ts';
import { escapeMarkdown } from '../indicator/markdown.ts';

/** The receipt as Markdown; what nobody told is left out. */
export function receiptWords(receipt: Omit<Receipt, 'leftOut'>): string {
  const { modelName, routeWords, promptTokens, cachedTokens, completionTokens, decodeTokPerS, firstTokenMs } = receipt;
  const { costWords, costBasisWords, maskedCount, tries, isCountAtLeast } = receipt;
  const least = isCountAtLeast === true ? 'at least ' : '';
  const cached = cachedTokens === undefined || cachedTokens === 0 ? '' : ` (${count(cachedTokens)} cached)`;
  const parts = [
    routeWords,
    ...(promptTokens === undefined ? [] : [`${least}${count(promptTokens)}${cached} tokens in`]),
    ...(completionTokens === undefined ? [] : [`${least}${count(completionTokens)} out`]),
    ...(decodeTokPerS === undefined ? [] : [`${Math.round(decodeTokPerS)} tok/s`]),
    ...(firstTokenMs === undefined ? [] : [`first token ${(firstTokenMs / 1000).toFixed(1)} s`]),
    ...(costWords === undefined ? [] : [costBasisWords === undefined ? costWords : `${costWords} (${costBasisWords})`]),
    ...(tries === undefined ? [] : [`${tries.length} tries`]),
    ...(maskedCount === undefined || maskedCount === 0 ? [] : [`secrets masked: ${maskedCount}`]),
  ];
  return `**Paddock edit** by ${escapeMarkdown(modelName)}\n\n${parts.map(escapeMarkdown).join(' · ')}`;
}

function count(tokens: number): string {
  return tokens.toLocaleString('en');
}
