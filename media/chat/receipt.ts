/** Everything that is known of what an answer took, shown when the line under it is pressed. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Receipt, ReceiptTry } from '../../src/chat/protocol.ts';
import { icon } from '../shared/icon.ts';
import { leftOutWords, tokensIn, tokensOut } from './receiptWords.ts';
import { count, exposureIcons, plural, size } from './words.ts';

export function receiptDetails(receipt: Receipt, openLedger: () => void): TemplateResult {
  return html`
    <dl class="receipt-facts">
      ${facts(receipt).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${triesMade(receipt)} ${itemsSent(receipt)} ${notSent(receipt)}
    <button class="button is-secondary" @click=${openLedger}>Show in the ledger</button>
  `;
}

function facts(receipt: Receipt): readonly (readonly [name: string, value: string | TemplateResult])[] {
  const { modelName, servedModel, routeWords, host, reasoningTokens, prefillTokPerS, decodeTokPerS } = receipt;
  const served = servedModel === undefined || servedModel === modelName ? '' : ` (answered by ${servedModel})`;
  const where = host === undefined ? routeWords : `${routeWords}, ${host}`;
  const counted = receipt.countedBy === undefined ? undefined : `counted by ${countedByWords[receipt.countedBy]}`;
  const reasoned = reasoningTokens === undefined ? undefined : `${count(reasoningTokens)} of them reasoning`;
  const speeds = [
    prefillTokPerS === undefined ? undefined : `reading ${count(prefillTokPerS)} tok/s`,
    decodeTokPerS === undefined ? undefined : `writing ${count(decodeTokPerS)} tok/s`,
  ];
  const basis = receipt.costBasisWords === undefined ? '' : ` (${receipt.costBasisWords})`;
  const rows: readonly (readonly [string, string | TemplateResult | undefined])[] = [
    ['Model', `${modelName}${served}`],
    ['Where', html`${icon(exposureIcons[receipt.exposure])} ${where}`],
    ['Tokens', listed([tokensIn(receipt), tokensOut(receipt), reasoned, counted])],
    ['Speed', listed(speeds)],
    ['Cost', receipt.costWords === undefined ? undefined : `${receipt.costWords}${basis}`],
    ['Secrets', secretsWords(receipt)],
    ['Sampling', listed(receipt.sampling.map(({ name, value }) => `${name} ${value}`))],
    ['Weights', receipt.weightsSha256 && html`<code>${receipt.weightsSha256}</code> (SHA-256)`],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]));
}

const countedByWords: Readonly<Record<NonNullable<Receipt['countedBy']>, string>> = {
  engine: 'the engine',
  provider: 'the provider',
  estimate: 'estimate',
};

function secretsWords({ maskedCount }: Receipt): string {
  if (maskedCount === undefined) return 'not looked for: nothing left this computer';
  return maskedCount === 0 ? 'none found' : `${plural(maskedCount, 'secret')} masked before sending`;
}

function listed(parts: readonly (string | undefined)[]): string | undefined {
  return parts.filter((part) => part !== undefined).join(', ') || undefined;
}

/** Each time it was sent, where it was more than once: what was sent is sent, whatever came of it. */
function triesMade({ tries }: Receipt): TemplateResult | typeof nothing {
  if (tries === undefined) return nothing;
  return html`<p class="receipt-title">Every try</p>
    <ol class="receipt-list">
      ${tries.map((each) => html`<li>${icon(exposureIcons[each.exposure])} ${tryWords(each)}</li>`)}
    </ol>`;
}

/** `internet: api.openai.com · failed: bad response · not counted · price unknown`. */
function tryWords(each: ReceiptTry): string {
  const { routeWords, outcomeWords, costWords = 'nothing charged' } = each;
  return [routeWords, outcomeWords, listed([tokensIn(each), tokensOut(each)]) ?? 'not counted', costWords].join(' · ');
}

function itemsSent({ items }: Receipt): TemplateResult {
  if (items.length === 0) return html`<p class="quiet">No files were sent: the conversation alone.</p>`;
  return html`<table class="receipt-items">
    <caption>
      Sent with the conversation
    </caption>
    <thead>
      <tr>
        <th scope="col">What</th>
        <th scope="col">Size</th>
        <th scope="col">Secrets masked</th>
      </tr>
    </thead>
    <tbody>
      ${items.map(
        ({ name, bytes, maskedCount }) =>
          html`<tr>
            <td>${name}</td>
            <td>${size(bytes)}</td>
            <td>${maskedCount === undefined ? 'not looked for' : count(maskedCount)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function notSent({ leftOut }: Receipt): TemplateResult | typeof nothing {
  if (leftOut.length === 0) return nothing;
  return html`<p class="receipt-title">Not sent: it did not fit</p>
    <ul class="receipt-list">
      ${leftOut.map((each) => html`<li>${leftOutWords(each)}</li>`)}
    </ul>`;
}
