/** One event of OpenAI's streaming protocols (chat, completions, Mistral's FIM) becomes a piece here, in all dialects. */
import type { Usage } from '../models/model.ts';
import { at, defined, listAt, numberAt, textAt } from './json.ts';
import type { Piece } from './pieces.ts';
import { callPiecesOf } from './toolCalls.ts';

const stops: Readonly<Record<string, NonNullable<Piece['stop']>>> = {
  length: 'maxTokens',
  max_tokens: 'maxTokens',
  model_length: 'maxTokens',
  content_filter: 'filtered',
  refusal: 'filtered',
};

/** What an event of a chat or completions stream says. Anything not understood is left out. */
export function pieceOfCompletion(event: unknown): Piece {
  const choice = at(event, 'choices', 0);
  const delta = at(choice, 'delta') ?? at(choice, 'message') ?? choice;
  const finish = textAt(choice, 'finish_reason');
  return defined({
    text: textAt(delta, 'content') ?? textAt(delta, 'text') ?? partsOf(delta).text,
    reasoning: textAt(delta, 'reasoning_content') ?? textAt(delta, 'reasoning') ?? partsOf(delta).thinking,
    calls: callPiecesOf(delta),
    stop: finish === undefined ? undefined : (stops[finish] ?? ('endOfText' as const)),
    usage: usageOf(at(event, 'usage') ?? at(event, 'x_groq', 'usage')) ?? usageOfTimings(event),
    ...timingsOf(event),
    reading: readingOf(event),
    servedModel: textAt(event, 'model'),
  });
}

/** The speeds llama-server measures, in an event of any of its protocols. */
export function timingsOf(event: unknown): Pick<Piece, 'prefillTokPerS' | 'decodeTokPerS'> {
  const speeds = {
    prefillTokPerS: numberAt(event, 'timings', 'prompt_per_second'),
    decodeTokPerS: numberAt(event, 'timings', 'predicted_per_second'),
  };
  // It says 0 per second before the first token, and 1,000,000 of it.
  const hasRead = (numberAt(event, 'timings', 'prompt_n') ?? 0) > 0;
  const hasWritten = (numberAt(event, 'timings', 'predicted_n') ?? 0) > 1;
  return defined({
    prefillTokPerS: hasRead ? speeds.prefillTokPerS : undefined,
    decodeTokPerS: hasWritten ? speeds.decodeTokPerS : undefined,
  });
}

/** How far llama-server has read the prompt. */
function readingOf(event: unknown): Piece['reading'] {
  const readTokens = numberAt(event, 'prompt_progress', 'processed');
  const totalTokens = numberAt(event, 'prompt_progress', 'total');
  return readTokens === undefined || totalTokens === undefined ? undefined : { readTokens, totalTokens };
}

/** llama-server's counts so far, which come with every token when asked for. */
export function usageOfTimings(event: unknown): Usage | undefined {
  const read = numberAt(event, 'timings', 'prompt_n');
  const reused = numberAt(event, 'timings', 'cache_n');
  const completionTokens = numberAt(event, 'timings', 'predicted_n');
  if (read === undefined || completionTokens === undefined) return undefined;
  return { promptTokens: read + (reused ?? 0), cachedTokens: reused, completionTokens, source: 'provider' };
}

/** The counts in a `usage` object, in the names that OpenAI, DeepSeek, OpenRouter and LiteLLM use for them. */
export function usageOf(usage: unknown): Usage | undefined {
  const promptTokens = numberAt(usage, 'prompt_tokens');
  const told = numberAt(usage, 'completion_tokens');
  if (promptTokens === undefined && told === undefined) return undefined;
  const total = numberAt(usage, 'total_tokens') ?? 0;
  // Google and xAI leave thoughts out of the completion, and have them in the total.
  const unnamed = Math.max(0, total - (promptTokens ?? 0) - (told ?? 0));
  const cost = numberAt(usage, 'cost');
  return {
    promptTokens: promptTokens ?? 0,
    cachedTokens:
      numberAt(usage, 'prompt_tokens_details', 'cached_tokens') ??
      numberAt(usage, 'prompt_cache_hit_tokens') ??
      numberAt(usage, 'cache_read_input_tokens'),
    completionTokens: (told ?? 0) + unnamed,
    source: 'provider',
    ...defined({
      cacheWriteTokens:
        numberAt(usage, 'prompt_tokens_details', 'cache_write_tokens') ??
        numberAt(usage, 'cache_creation_input_tokens'),
      reasoningTokens:
        numberAt(usage, 'completion_tokens_details', 'reasoning_tokens') ?? (unnamed > 0 ? unnamed : undefined),
      billedNanoUsd: cost === undefined ? undefined : Math.round(cost * 1e9),
    }),
  };
}

/** Mistral's reasoning models send a list of parts where others send a text. */
function partsOf(delta: unknown): { readonly text?: string; readonly thinking?: string } {
  const parts = listAt(delta, 'content');
  const joined = (type: string, pick: (part: unknown) => string): string | undefined =>
    parts.length === 0
      ? undefined
      : parts
          .filter((part) => textAt(part, 'type') === type)
          .map(pick)
          .join('');
  const textOf = (part: unknown): string => textAt(part, 'text') ?? '';
  return defined({
    text: joined('text', textOf),
    thinking: joined('thinking', (part) => listAt(part, 'thinking').map(textOf).join('')),
  });
}
