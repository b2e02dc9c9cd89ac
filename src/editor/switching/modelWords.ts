/** Facts about models become words for people here. Pure. */
import type { Rates } from '../../ledger/price.ts';
import type { Model, Role } from '../../models/model.ts';
import type { Card } from '../../providers/cards.ts';

/** `1117320768` -> `1.1 GB`. */
export function sizeWords(bytes: number): string {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `context 8,192`; in tokens, as everywhere. */
export function contextWords(tokens: number): string {
  return `context ${tokens.toLocaleString('en-US')}`;
}

/** Of a model file that does not say how a chat is written. */
export const noTemplateWords = 'no chat template: completions only';

/** `11 tok/s seen`; empty where nobody has seen any. */
export function seenWords(tokPerS: number | undefined): string {
  return tokPerS === undefined ? '' : `${tokPerS < 10 ? tokPerS.toFixed(1) : Math.round(tokPerS)} tok/s seen`;
}

/** `up to about 1.3 GB of memory for the pair`: their files, and a context of that length for each. */
export function pairWords(bytes: readonly (number | undefined)[], contextTokens: number): string {
  const known = bytes.filter((each) => each !== undefined);
  if (known.length < bytes.length) return 'each in memory of its own';
  const weights = known.reduce((sum, each) => sum + each, 0);
  const contexts = known.reduce((sum, each) => sum + contextTokens * contextBytesPerToken(each), 0);
  return `up to about ${sizeWords(weights + contexts)} of memory for the pair`;
}

/**
 * What a token of context takes at most, with a cache of 16 bits: layers x key/value heads x head size x 2 x 2 bytes.
 * SmolLM2 135M 23 kB, Qwen2.5 1.5B 29 kB; Llama 3.2 3B 115 kB, Llama 3.1 8B 131 kB; Llama 3.1 70B 328 kB.
 */
function contextBytesPerToken(fileBytes: number): number {
  if (fileBytes < 1.5e9) return 32e3;
  return fileBytes < 12e9 ? 132e3 : 330e3;
}

/** `$0.15 in, $0.60 out per million tokens`. */
export function ratesWords({ inputUsd, outputUsd, isTiered }: Rates): string {
  const isWholeCents = (usd: number): boolean => Math.abs(usd * 100 - Math.round(usd * 100)) < 1e-9;
  const dollars = (usd: number): string => `$${isWholeCents(usd) ? usd.toFixed(2) : Number(usd.toPrecision(3))}`;
  const least = isTiered ? 'from ' : '';
  return `${least}${dollars(inputUsd)} in, ${dollars(outputUsd)} out per million tokens`;
}

/** What people should know of a card that was never run against the real thing. */
export function triedWords({ tried, isSelfHosted }: Card): string {
  if (tried === 'never') return 'not tried live';
  return tried === 'fixtures' && !isSelfHosted ? 'not tried live, only against its documentation' : '';
}

/** For which roles a model is in use; empty: for none. */
export function useWords(id: string, { completion, chat }: Readonly<Record<Role, Model | undefined>>): string {
  const [isForCompletion, isForChat] = [completion?.id === id, chat?.id === id];
  if (isForCompletion && isForChat) return 'in use';
  if (isForCompletion) return 'in use for completions';
  return isForChat ? 'in use for chat' : '';
}

/** A role in the middle of a sentence. */
export function roleWords(role: Role): string {
  return role === 'completion' ? 'completions' : 'chat';
}
