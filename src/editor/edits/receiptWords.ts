/** What an edit took, in one line for its hover. Pure. */
import type { Receipt } from '../../chat/protocol.ts';
import { receiptParts } from '../../chat/receiptWords.ts';
import { escapeMarkdown } from '../indicator/markdown.ts';

/** The receipt as Markdown; what nobody told is left out. */
export function receiptWords(receipt: Omit<Receipt, 'leftOut'>): string {
  const parts = receiptParts(receipt).map(escapeMarkdown);
  return `**Paddock edit** by ${escapeMarkdown(receipt.modelName)}\n\n${parts.join(' · ')}`;
}
