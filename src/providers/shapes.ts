/** A server is recognised by the shape of what it answers, and its models are read from it, here. Pure. */
import type { CardId } from '../models/model.ts';
import { at, defined, listAt, numberAt, textAt } from './json.ts';

/** What was asked of a server to recognise it; `undefined`: it did not answer that with JSON. */
export type Answers = Readonly<Partial<Record<Probe, unknown>>>;
export type Probe = 'props' | 'ollama' | 'lmStudio' | 'vllm' | 'litellm' | 'models';

/** Where each probe asks, from the server's root. */
export const probePaths: Readonly<Record<Probe, string>> = {
  props: '/props',
  ollama: '/api/version',
  lmStudio: '/api/v0/models',
  vllm: '/version',
  litellm: '/health/liveliness',
  models: '/v1/models',
};

/** What a server turned out to be. */
export interface Recognised {
  readonly card: CardId;
  readonly version: string | undefined;
  /** Whether its model can call tools; llama-server says so of the one it holds. Absent: not told here. */
  readonly canCallTools?: boolean;
}

/** The first shape that fits; `undefined`: it is no model's server at all. */
export function recognise(answers: Answers): Recognised | undefined {
  const { props, ollama, lmStudio, vllm, litellm, models } = answers;
  if (typeof at(props, 'default_generation_settings') === 'object') {
    return { card: 'llamaServer', version: textAt(props, 'build_info'), ...llamaServerTools(props) };
  }
  const isVersion = /^\d+\.\d+/;
  const ollamaVersion = textAt(ollama, 'version') ?? '';
  if (isVersion.test(ollamaVersion)) return { card: 'ollama', version: ollamaVersion };
  const hasLmStudioModels = listAt(lmStudio, 'data').some((model) => textAt(model, 'compatibility_type') !== undefined);
  if (hasLmStudioModels) return { card: 'lmStudio', version: undefined };
  const listed = listAt(models, 'data');
  if (listed.some((model) => textAt(model, 'owned_by') === 'vllm')) {
    return { card: 'vllm', version: textAt(vllm, 'version') };
  }
  if (litellm === "I'm alive!") return { card: 'litellm', version: undefined };
  return Array.isArray(at(models, 'data')) ? { card: 'generic', version: undefined } : undefined;
}

/** The probe that a card's server answers as no other does. */
export const ownProbes: Readonly<Partial<Record<CardId, Probe>>> = {
  llamaServer: 'props',
  ollama: 'ollama',
  lmStudio: 'lmStudio',
  vllm: 'models',
  litellm: 'litellm',
};

/** One model a server offers. */
export interface ReadModel {
  /** What the server calls it. */
  readonly model: string;
  /** Short name for people. */
  readonly name: string;
  /** The context it runs with now, never the largest it could have. `undefined`: not told. */
  readonly contextTokens: number | undefined;
  /** The server passes what this model is asked on to this host. */
  readonly forwardsTo?: string;
  /** Whether it is in memory. Absent: not told. */
  readonly isLoaded?: boolean;
  /** Whether the server says it can fill in text. Absent: not told. */
  readonly canInsert?: boolean;
  /** Whether the server says it can call tools. Absent: not told. */
  readonly canCallTools?: boolean;
  /** What a million tokens cost, integer nano-dollars. Absent: not told. */
  readonly price?: { readonly promptNanoUsd: number; readonly completionNanoUsd: number };
}

/** llama-server's `/v1/models` and `/props`: a slot's context, which is what one request has. */
export function llamaServerModels(models: unknown, props: unknown): ReadModel[] {
  const slotTokens = numberAt(props, 'default_generation_settings', 'n_ctx');
  return listAt(models, 'data').flatMap((each) => {
    const model = textAt(each, 'id');
    if (model === undefined) return [];
    const contextTokens = slotTokens ?? numberAt(each, 'meta', 'n_ctx');
    return [{ model, name: fileName(model), contextTokens, ...llamaServerTools(props) }];
  });
}

/** What the chat template that it uses has room for; builds before 2026 do not say. */
function llamaServerTools(props: unknown): { readonly canCallTools?: boolean } {
  const caps = ['supports_tools', 'supports_tool_calls'].map((cap) => at(props, 'chat_template_caps', cap));
  return caps.every((cap) => typeof cap === 'boolean') ? { canCallTools: caps.every((cap) => cap) } : {};
}

/**
 * Ollama's `/api/tags`, and `/api/ps` for what is loaded now and with which context. @param loadTokens the context that
 * we load the others with.
 */
export function ollamaModels(tags: unknown, running: unknown, loadTokens: number): ReadModel[] {
  const loaded = new Map(
    listAt(running, 'models').map((each) => [textAt(each, 'model') ?? textAt(each, 'name'), each]),
  );
  return listAt(tags, 'models').flatMap((each) => {
    const model = textAt(each, 'model') ?? textAt(each, 'name');
    if (model === undefined) return [];
    const forwardsTo = forwardOf(model, each);
    const isLoaded = loaded.has(model);
    const ownTokens = isLoaded ? numberAt(loaded.get(model), 'context_length') : loadTokens;
    const contextTokens = forwardsTo === undefined ? ownTokens : undefined;
    return [{ model, name: model, contextTokens, isLoaded, ...defined({ forwardsTo }) }];
  });
}

/** What Ollama's `/api/show` says of one model. */
export function ollamaModel(
  model: string,
  shown: unknown,
): Pick<ReadModel, 'forwardsTo' | 'canInsert' | 'canCallTools'> {
  const capabilities = at(shown, 'capabilities');
  const can = (what: string): boolean | undefined =>
    Array.isArray(capabilities) ? capabilities.includes(what) : undefined;
  return defined({ forwardsTo: forwardOf(model, shown), canInsert: can('insert'), canCallTools: can('tools') });
}

const ollamaCloud = 'ollama.com';

/**
 * The host an Ollama model is passed on to, by what the server says and by the names that Ollama gives its cloud's models;
 * `undefined`: it runs on the server itself.
 */
export function forwardOf(model: string, said?: unknown): string | undefined {
  const host = textAt(said, 'remote_host');
  if (host) return URL.parse(host)?.hostname ?? host;
  const isRemote = Boolean(textAt(said, 'remote_model')) || /[-:]cloud$/i.test(model);
  return isRemote ? ollamaCloud : undefined;
}

/** LM Studio's `/api/v0/models`. Embedding models are left out. */
export function lmStudioModels(models: unknown): ReadModel[] {
  return listAt(models, 'data').flatMap((each) => {
    const model = textAt(each, 'id');
    if (model === undefined || textAt(each, 'type') === 'embeddings') return [];
    const isLoaded = textAt(each, 'state') === 'loaded';
    return [{ model, name: model, contextTokens: numberAt(each, 'loaded_context_length'), isLoaded }];
  });
}

/** LiteLLM's `/v1/model/info`, whose prices are the ones the proxy counts with. */
export function litellmModels(info: unknown): ReadModel[] {
  const models = listAt(info, 'data').flatMap((each) => {
    const model = textAt(each, 'model_name');
    if (model === undefined) return [];
    const about = at(each, 'model_info');
    // It says 0 where it knows no price (`_get_model_info_helper` in its `utils.py`).
    const told = ['input_cost_per_token', 'output_cost_per_token'].map((key) => numberAt(about, key) || undefined);
    const price = priceOf(told[0], told[1]);
    return [{ model, name: model, contextTokens: undefined, ...defined({ price }) }];
  });
  return withoutRepeats(models);
}

/** Any `/models` in OpenAI's shape, and what some vendors add to it. Together leaves the wrapping away. */
export function listedModels(answer: unknown, card: CardId): ReadModel[] {
  const list = Array.isArray(answer) ? (answer as readonly unknown[]) : listAt(answer, 'data');
  const models = list.flatMap((each) => {
    const model = textAt(each, 'id');
    if (model === undefined) return [];
    const price = card === 'openrouter' ? openRouterPrice(each) : undefined;
    const parameters = card === 'openrouter' ? at(each, 'supported_parameters') : undefined;
    const canCallTools = Array.isArray(parameters) ? parameters.includes('tools') : undefined;
    const canInsert = at(each, 'capabilities', 'completion_fim');
    return [
      {
        model,
        name:
          textAt(each, 'display_name') ??
          (card === 'openrouter' ? textAt(each, 'name') : undefined) ??
          shortName(model),
        contextTokens: runningContext(each, card),
        ...defined({ price, canCallTools, canInsert: typeof canInsert === 'boolean' ? canInsert : undefined }),
      },
    ];
  });
  return withoutRepeats(models);
}

/** Only where the number is what the server runs with; what a model could have at most is another thing. */
function runningContext(model: unknown, card: CardId): number | undefined {
  if (card === 'vllm') return numberAt(model, 'max_model_len');
  if (card !== 'openrouter') return undefined;
  return numberAt(model, 'top_provider', 'context_length');
}

function openRouterPrice(model: unknown): ReadModel['price'] {
  const [prompt, completion] = ['prompt', 'completion'].map((side) => Number(textAt(model, 'pricing', side) ?? 'none'));
  return priceOf(prompt, completion);
}

/** @param promptUsd dollars per token. Negative ones are OpenRouter's sign for "it depends"; some are no sum of money. */
function priceOf(promptUsd: number | undefined, completionUsd: number | undefined): ReadModel['price'] {
  const [promptNanoUsd, completionNanoUsd] = [promptUsd, completionUsd].map((usd = Number.NaN) => {
    const perMillion = Math.round(usd * 1e15);
    return Number.isSafeInteger(perMillion) && perMillion >= 0 ? perMillion : undefined;
  });
  return promptNanoUsd === undefined || completionNanoUsd === undefined
    ? undefined
    : { promptNanoUsd, completionNanoUsd };
}

function shortName(model: string): string {
  return /\.gguf$/i.test(model) ? fileName(model) : model.replace(/^models\//, '');
}

function fileName(model: string): string {
  return (model.split(/[/\\]/).at(-1) ?? model).replace(/\.gguf$/i, '');
}

function withoutRepeats(models: readonly ReadModel[]): ReadModel[] {
  return [...new Map(models.map((each) => [each.model, each])).values()];
}
