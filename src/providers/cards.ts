/** How each known server speaks, as data: the endpoint cards. What a server really is, the survey finds out. */
import type { Destination } from '../egress/gate.ts';
import type { CardId, Endpoint } from '../models/model.ts';
import { infillTokensOf } from './infillTokens.ts';

/**
 * How a server is asked to fill in text. `fim`: an endpoint made for it (Mistral); `suffix`: the `suffix` parameter of
 * `/completions`; `tokens`: the model's own infill tokens, written out, through `/completions`; `llamaServer`, `ollama`:
 * their native endpoints; `chat`: a chat prompt that asks for the missing text, the last resort.
 */
export type InfillWay = 'fim' | 'suffix' | 'tokens' | 'llamaServer' | 'ollama' | 'chat';

/** What differs between servers that speak OpenAI's chat protocol. */
export interface ChatQuirks {
  /** The field that limits the answer. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Whether `stream_options.include_usage` may be sent; the others send usage unasked, or refuse unknown fields. */
  readonly canIncludeUsage: boolean;
  /** Whether a model's thoughts may stand in its answer as a leading `<think>` block. */
  readonly hasThinkTags: boolean;
  /** Whether all its chat models can call tools. Absent: only where the server says so of one. */
  readonly canCallTools?: true;
  /** Ollama's own chat endpoint; its OpenAI-compatible one ignores the context length asked for. */
  readonly isOllama?: true;
}

/** One way to speak to a kind of server. */
export interface Card {
  readonly id: CardId;
  /** For people: `OpenAI`. */
  readonly name: string;
  /** Where its API begins; `{...}` stands for a name of the user's. Absent: only the user knows. */
  readonly baseUrl?: string;
  /** Where a person gets a key. */
  readonly keyPage?: string;
  readonly auth: Destination['auth'];
  /** Whether somebody charges for it; `undefined`: nobody knows. */
  readonly isMetered: boolean | undefined;
  /** How it is asked to fill in text, unless the model's name says that it cannot; see `infillWayOf`. */
  readonly infill: InfillWay;
  /** Where `suffix` is spoken, when not below `baseUrl`. */
  readonly completionsPath?: string;
  readonly chat: ChatQuirks;
  /** How far this card was tried: against the real thing, against its documented wire format, or not at all. */
  readonly tried: 'live' | 'fixtures' | 'never';
  /** Whether people run it themselves. */
  readonly isSelfHosted: boolean;
  /** Where it listens when nobody says otherwise. */
  readonly defaultPort?: number;
}

const plainChat: ChatQuirks = { maxTokensField: 'max_tokens', canIncludeUsage: true, hasThinkTags: false };
const openChat: ChatQuirks = { ...plainChat, hasThinkTags: true };
const closed = { auth: 'bearer', isMetered: true, chat: plainChat, isSelfHosted: false } as const;
const selfHosted = { auth: 'bearer', isMetered: false, chat: openChat, isSelfHosted: true } as const;

/** All cards, in the order they are offered. */
export const cards: readonly Card[] = [
  {
    ...closed,
    id: 'openai',
    name: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    keyPage: 'https://platform.openai.com/api-keys',
    // Its reasoning models refuse `max_tokens`.
    chat: { ...plainChat, maxTokensField: 'max_completion_tokens', canCallTools: true },
    infill: 'chat',
    tried: 'fixtures',
  },
  {
    ...closed,
    id: 'anthropic',
    name: 'Anthropic',
    baseUrl: 'https://api.anthropic.com/v1',
    keyPage: 'https://platform.claude.com/settings/keys',
    auth: 'anthropic',
    chat: { ...plainChat, canCallTools: true },
    infill: 'chat',
    tried: 'fixtures',
  },
  {
    ...closed,
    id: 'gemini',
    name: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyPage: 'https://aistudio.google.com/apikey',
    infill: 'chat',
    tried: 'fixtures',
  },
  {
    ...closed,
    id: 'mistral',
    name: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    keyPage: 'https://console.mistral.ai/api-keys',
    // Sends usage unasked and refuses fields it does not know.
    chat: { ...plainChat, canIncludeUsage: false },
    infill: 'fim',
    tried: 'fixtures',
  },
  {
    ...closed,
    id: 'codestral',
    name: 'Codestral',
    baseUrl: 'https://codestral.mistral.ai/v1',
    keyPage: 'https://console.mistral.ai/codestral',
    chat: { ...plainChat, canIncludeUsage: false },
    infill: 'fim',
    tried: 'fixtures',
  },
  {
    ...selfHosted,
    id: 'llamaServer',
    name: 'llama-server',
    chat: plainChat, // it sorts out thoughts by itself
    infill: 'llamaServer',
    tried: 'live',
    defaultPort: 8080,
  },
  {
    ...selfHosted,
    id: 'ollama',
    name: 'Ollama',
    chat: { ...plainChat, isOllama: true },
    infill: 'ollama',
    tried: 'fixtures',
    defaultPort: 11434,
  },
  { ...selfHosted, id: 'lmStudio', name: 'LM Studio', infill: 'tokens', tried: 'fixtures', defaultPort: 1234 },
  // Its `/completions` answers a `suffix` with an error.
  { ...selfHosted, id: 'vllm', name: 'vLLM', infill: 'tokens', tried: 'fixtures', defaultPort: 8000 },
  // It may turn a plain prompt into a chat message on the way, which would garble infill tokens.
  {
    ...selfHosted,
    id: 'litellm',
    name: 'LiteLLM',
    isMetered: undefined,
    infill: 'chat',
    tried: 'fixtures',
    defaultPort: 4000,
  },
  {
    ...closed,
    id: 'azure',
    name: 'Azure OpenAI',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    keyPage: 'https://portal.azure.com',
    auth: 'api-key',
    chat: { ...plainChat, maxTokensField: 'max_completion_tokens' },
    infill: 'chat',
    tried: 'never',
  },
  {
    ...closed,
    id: 'deepseek',
    name: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    keyPage: 'https://platform.deepseek.com/api_keys',
    infill: 'suffix',
    completionsPath: '/beta/completions',
    tried: 'never',
  },
  {
    ...closed,
    id: 'groq',
    name: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyPage: 'https://console.groq.com/keys',
    infill: 'chat',
    tried: 'never',
  },
  {
    ...closed,
    id: 'openrouter',
    name: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyPage: 'https://openrouter.ai/settings/keys',
    infill: 'chat',
    tried: 'never',
  },
  {
    ...closed,
    id: 'together',
    name: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    keyPage: 'https://api.together.ai/settings/api-keys',
    chat: openChat,
    infill: 'chat',
    tried: 'never',
  },
  {
    ...selfHosted,
    id: 'generic',
    name: 'OpenAI-compatible server',
    isMetered: undefined,
    infill: 'tokens',
    tried: 'fixtures',
  },
];

/**
 * The context Ollama is asked to load a model with, unless it has loaded it already. The same for every request, as
 * `keep_alive` is: another number would make it load the model again.
 */
export const ollamaContextTokens = 8192;
export const ollamaKeepAlive = '10m';

const byId = new Map(cards.map((card) => [card.id, card]));

export function cardOf(id: CardId): Card {
  const card = byId.get(id);
  if (card === undefined) throw new TypeError(`There is no card ${id}.`);
  return card;
}

/**
 * The card an address suggests: by the vendor's host, or by a known server's usual port on an address of the user's own.
 * A guess for a form's default; what answers there is found out by the survey.
 */
export function guessCard(baseUrl: string): CardId {
  if (!URL.canParse(baseUrl)) return 'generic';
  const { hostname, port } = new URL(baseUrl);
  const byHost = cards.find((card) => card.baseUrl !== undefined && isHostOf(hostname, card.baseUrl));
  const byPort = cards.find((card) => card.defaultPort !== undefined && port === String(card.defaultPort));
  return (byHost ?? byPort)?.id ?? 'generic';
}

function isHostOf(hostname: string, cardUrl: string): boolean {
  const cardHost = /^https:\/\/([^/]+)/.exec(cardUrl)?.[1] ?? '';
  if (!cardHost.startsWith('{')) return hostname === cardHost;
  return hostname.endsWith(cardHost.slice(cardHost.indexOf('}') + 1));
}

/**
 * How this model is asked to fill in text. Infill tokens are only used when the model's name says which; a server whose
 * models' tokens are unknown is asked by a chat prompt. @param canInsert what the server says about it, where it does.
 */
export function infillWayOf(card: Card, model: string, canInsert?: boolean): InfillWay {
  const hasTokens = infillTokensOf(model) !== undefined;
  if (card.infill === 'tokens') return hasTokens ? 'tokens' : 'chat';
  if (card.infill === 'ollama' && canInsert === false && !hasTokens) return 'chat';
  if (card.infill === 'fim' && !(canInsert ?? /codestral/i.test(model))) return 'chat';
  return card.infill;
}

/** Whether completions of this model are asked for by a chat prompt, which is slower and worse: the picker says so. */
export function isChatPrompt(card: Card, model: string, canInsert?: boolean): boolean {
  return infillWayOf(card, model, canInsert) === 'chat';
}

/** Where an endpoint's OpenAI-compatible API begins, and where its native one does; neither ends with a slash. */
export interface Addresses {
  readonly api: string;
  readonly root: string;
}

/**
 * An address without a path is taken for a server's root, whose API is at `/v1`: people write both. A Unix socket's
 * requests are addressed to `http://localhost`, as the gate wants them; the passage leads to the socket.
 */
export function addressesOf({ baseUrl }: Pick<Endpoint, 'baseUrl'>): Addresses {
  if (baseUrl.startsWith('unix:')) return { api: 'http://localhost/v1', root: 'http://localhost' };
  const trimmed = baseUrl.replace(/\/+$/, '');
  const { origin, pathname } = new URL(trimmed);
  if (pathname === '/' || pathname === '') return { api: `${origin}/v1`, root: origin };
  return { api: trimmed, root: trimmed.replace(/\/v1$/, '') };
}

/** An endpoint's host for people: `api.openai.com`, `127.0.0.1:8080`, a socket's path. */
export function hostOf({ baseUrl }: Pick<Endpoint, 'baseUrl'>): string {
  return baseUrl.startsWith('unix:') ? baseUrl.slice('unix:'.length) : new URL(baseUrl).host;
}
