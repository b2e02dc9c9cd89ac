/** What answers would have cost at a closed model of the user's choice, and the other way round, in words. Pure. */
import type { CardId } from '../models/model.ts';
import { dayOf } from './books.ts';
import { dollars, moneyWords } from './moneyWords.ts';
import { priceTableEdition, type PriceTable } from './price.ts';
import type { SavingsWords } from './protocol.ts';
import { costNanoUsd } from './rates.ts';
import type { LedgerRequest } from './rows.ts';
import { savingsOf, type Compared, type Elsewhere, type Savings } from './savings.ts';
import { numberOf, shortCount } from './words.ts';

/** A model that the price table may know. */
export interface Comparable {
  readonly card: CardId;
  readonly model: string;
  /** For people. */
  readonly name: string;
}

/** Closed models that many know; those that the price table does not know are not offered. */
export const closedModels: readonly Comparable[] = [
  { card: 'anthropic', model: 'claude-sonnet-5', name: 'Claude Sonnet 5' },
  { card: 'anthropic', model: 'claude-opus-5-5', name: 'Claude Opus 5.5' },
  { card: 'anthropic', model: 'claude-haiku-4-5', name: 'Claude Haiku 4.5' },
  { card: 'openai', model: 'gpt-6-sol', name: 'GPT-6 Sol' },
  { card: 'openai', model: 'gpt-6-luna', name: 'GPT-6 Luna' },
  { card: 'openai', model: 'gpt-5.3-codex', name: 'GPT-5.3 Codex' },
  { card: 'gemini', model: 'gemini-3.1-pro-preview', name: 'Gemini 3.1 Pro' },
  { card: 'gemini', model: 'gemini-3.8-flash', name: 'Gemini 3.8 Flash' },
  { card: 'mistral', model: 'mistral-large-2512', name: 'Mistral Large 3' },
  { card: 'codestral', model: 'codestral-2508', name: 'Codestral 2508' },
  { card: 'deepseek', model: 'deepseek-v4-pro', name: 'DeepSeek V4 Pro' },
];

/** What is compared with what. */
export interface Comparing {
  readonly requests: readonly LedgerRequest[];
  /** Requests whose completions the user took. */
  readonly accepted: ReadonlySet<string>;
  readonly table: PriceTable;
  /** Models to choose from, beside the well known ones: those the user has. */
  readonly own: readonly Comparable[];
  /** The user's choice; one that is none of the choices is the first. */
  readonly wanted: string;
}

/** `null`: no model has a price. */
export function compared({ requests, accepted, table, own, wanted }: Comparing): SavingsWords | null {
  const known = new Map([...own, ...closedModels].map((each) => [keyOf(each), each]));
  const priced = [...known.values()].filter(({ card, model }) => table.ratesOf(card, model) !== undefined);
  const chosen = priced.find((each) => keyOf(each) === wanted) ?? priced[0];
  if (chosen === undefined) return null;
  const tableDate = priceTableEdition.date;
  const savings = savingsOf({ requests, accepted, closed: pricedAt(table, chosen), tableDate });
  const sentences = sentencesOf(savings);
  return {
    choices: priced.map((each) => ({ value: keyOf(each), label: each.name })),
    chosen: keyOf(chosen),
    sentences:
      sentences.length > 0 ? sentences : ['Nothing to compare yet: chat answers and completions you took count here.'],
    note: `Estimates, at list prices of ${tableDate}: another model counts the same text in other tokens and answers in other words.`,
  };
}

function keyOf({ card, model }: Comparable): string {
  return `${card}/${model}`;
}

/** Prices may change from day to day, not from request to request: the table is asked once a day. */
function pricedAt(table: PriceTable, { card, model, name }: Comparable): Compared {
  const lists = new Map<string, ReturnType<PriceTable['listOf']>>();
  return {
    name,
    costNanoUsd: (usage, atMs) => {
      const day = dayOf(atMs);
      if (!lists.has(day)) lists.set(day, table.listOf(card, model, atMs));
      const list = lists.get(day);
      return list && costNanoUsd(list, usage);
    },
  };
}

function sentencesOf({ unmetered, metered }: Savings): readonly string[] {
  const there = metered.cost.basis === 'unmetered' ? 'On this computer nobody would have charged for' : undefined;
  return [
    ...(countOf(unmetered) === 0
      ? []
      : [`What nobody charged for (${wordsOf(unmetered)}) would have cost ${costAt(unmetered)} at ${unmetered.name}.`]),
    ...(countOf(metered) === 0 || there === undefined
      ? []
      : [`${there} what did cost ${moneyWords(metered.spend) ?? 'nothing known'}: ${wordsOf(metered)}.`]),
  ];
}

function countOf({ chatAnswers, completions }: Elsewhere): number {
  return chatAnswers + completions;
}

function wordsOf({ chatAnswers, completions, promptTokens, completionTokens }: Elsewhere): string {
  const counts = [
    ...(chatAnswers === 0 ? [] : [numberOf(chatAnswers, 'chat answer')]),
    ...(completions === 0 ? [] : [`${numberOf(completions, 'completion')} you took`]),
  ];
  return `${counts.join(', ')}; ${shortCount(promptTokens)} tokens read, ${shortCount(completionTokens)} written`;
}

function costAt({ cost, leftOut }: Elsewhere): string {
  if (cost.basis !== 'estimate') return 'nobody knows how much';
  if (leftOut === 0) return `about ${dollars(cost.nanoUsd)}`;
  return `at least about ${dollars(cost.nanoUsd, 'down')} (${numberOf(leftOut, 'request')} without counted tokens left out)`;
}
