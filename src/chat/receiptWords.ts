/** What an answer took, in words, where the panel does not draw it: in the words of `media/chat/receiptWords.ts`. Pure. */
import type { LeftOut, Receipt } from './protocol.ts';

/**
 * `this computer`, `2,310 in (1,900 reused)`, `412 out`, `61 tok/s`, `first token 0.4 s`, `$0.0041 (as billed)`,
 * `1 secret masked in keys.ts`; what nobody told is not there.
 */
export function receiptParts(receipt: Omit<Receipt, 'leftOut'>): readonly string[] {
  const { routeWords, host, decodeTokPerS, firstTokenMs, costWords, costBasisWords, tries } = receipt;
  const name = host?.replace(/:\d+$/, '');
  return [
    routeWords,
    name === undefined || routeWords.includes(name) ? undefined : host,
    ...tokenParts(receipt),
    decodeTokPerS === undefined ? undefined : `${count(decodeTokPerS)} tok/s`,
    firstTokenMs === undefined ? undefined : `first token ${seconds(firstTokenMs / 1_000)}`,
    costWords === undefined ? undefined : `${costWords}${costBasisWords === undefined ? '' : ` (${costBasisWords})`}`,
    tries === undefined ? undefined : plural(tries.length, 'try', 'tries'),
    masked(receipt),
  ].filter((part) => part !== undefined);
}

/** What did not fit, in words. */
export function leftOutWords(leftOut: LeftOut): string {
  if (leftOut.kind === 'turns') {
    return `${plural(leftOut.count, 'earlier turn')} left out (${plural(leftOut.tokens, 'token')})`;
  }
  const { name, tokens, keptTokens } = leftOut;
  return keptTokens === 0
    ? `${name} left out (${plural(tokens, 'token')})`
    : `${name}: only its first ${count(keptTokens)} of ${plural(tokens, 'token')}`;
}

function tokenParts(receipt: Omit<Receipt, 'leftOut'>): readonly (string | undefined)[] {
  const { promptTokens, cachedTokens = 0, completionTokens, countedBy, isCountAtLeast } = receipt;
  const howSure = `${isCountAtLeast === true ? 'at least ' : ''}${countedBy === 'estimate' ? 'about ' : ''}`;
  const reused = cachedTokens === 0 ? '' : ` (${count(cachedTokens)} reused)`;
  return [
    promptTokens === undefined ? undefined : `${howSure}${count(promptTokens)} in${reused}`,
    completionTokens === undefined ? undefined : `${howSure}${count(completionTokens)} out`,
  ];
}

function masked({ maskedCount = 0, items }: Omit<Receipt, 'leftOut'>): string | undefined {
  if (maskedCount === 0) return undefined;
  const names = items.filter((item) => (item.maskedCount ?? 0) > 0).map(({ name }) => name);
  return `${plural(maskedCount, 'secret')} masked${names.length === 0 ? '' : ` in ${names.join(', ')}`}`;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

function count(value: number): string {
  return whole.format(value);
}

function seconds(value: number): string {
  if (value < 0.05) return '<0.1 s';
  if (value >= 90) return `${whole.format(value / 60)} min`;
  return `${(value < 10 ? oneDigit : whole).format(value)} s`;
}

function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
