/** A reference, as a setting holds it, becomes the model it names here, or the reason why it names none. Pure. */
import type { CardId, EmbeddedModel, Endpoint, Model } from './model.ts';
import type { ServerPrice } from './price.ts';

/** One server the user configured. */
export interface ServerEntry {
  /** Base URL, normalized: see `parseBaseUrl`. */
  readonly url: string;
  readonly kind: CardId;
  /** What the user calls it; absent: what its card says. */
  readonly name?: string;
  /** What the user says it costs; absent: what the price table or the server says, and nothing on a server of one's own. */
  readonly price?: ServerPrice;
}

/** What a reference says. */
export type Ref =
  /** The empty reference: the file that is set for this computer's own engine. */
  | { readonly kind: 'local' }
  /** `embedded:/abs/file.gguf`: another file for this computer's own engine. */
  | { readonly kind: 'embedded'; readonly file: string }
  /** `BASE_URL#MODEL`: a server's model. */
  | { readonly kind: 'served'; readonly baseUrl: string; readonly model: string }
  /** It names nothing; `reason` is a sentence for the user. */
  | { readonly kind: 'bad'; readonly reason: string };

/** What a reference is resolved against. */
export interface Choosing {
  readonly ref: string;
  readonly servers: readonly ServerEntry[];
  /** Absolute path of the file set for this computer's own engine; empty: none is. */
  readonly localFile: string;
  /** The model of a file; `undefined` for an empty path. */
  readonly embedded: (file: string) => EmbeddedModel | undefined;
  /** How a server speaks that the user did not configure, as far as its address tells. */
  readonly guessCard: (baseUrl: string) => CardId;
}

const embeddedPrefix = 'embedded:';
const schemes = ['http:', 'https:', 'unix:'];

/** Every card there is; the compiler sees to it that none is missing. */
const isCard: Readonly<Record<CardId, true>> = {
  openai: true,
  anthropic: true,
  gemini: true,
  mistral: true,
  codestral: true,
  azure: true,
  deepseek: true,
  groq: true,
  openrouter: true,
  together: true,
  llamaServer: true,
  ollama: true,
  lmStudio: true,
  vllm: true,
  litellm: true,
  generic: true,
};

/** The ids of all cards. */
export const cardIds = Object.keys(isCard) as readonly CardId[];

/** Reads a reference. Everything it does not understand is `bad`, never something else. */
export function parseRef(ref: string): Ref {
  if (ref === '') return { kind: 'local' };
  if (ref.startsWith(embeddedPrefix)) {
    const file = ref.slice(embeddedPrefix.length);
    return isAbsolute(file) ? { kind: 'embedded', file } : bad(`"${file}" is not the absolute path of a file.`);
  }
  const hash = ref.indexOf('#');
  const model = ref.slice(hash + 1);
  if (hash < 0) return bad('A model of a server is written as its base URL, "#" and the name of the model.');
  if (model === '' || model !== model.trim()) return bad('After "#" the name of the model is missing.');
  const parsed = parseBaseUrl(ref.slice(0, hash));
  return parsed.kind === 'bad' ? parsed : { kind: 'served', baseUrl: parsed.baseUrl, model };
}

/**
 * Checks a base URL and writes it the one way it is compared: scheme and host in lower case, no default port, no slash
 * at the end. `unix:/path` names a socket. User names, passwords, queries and fragments are refused: they would carry
 * secrets into settings.
 */
export function parseBaseUrl(
  text: string,
): { readonly kind: 'url'; readonly baseUrl: string } | { readonly kind: 'bad'; readonly reason: string } {
  const url = URL.parse(text.trim());
  if (url === null) return bad('It is not a URL. One looks like "http://localhost:8080/v1".');
  const { protocol, username, password, search, hash, host, pathname } = url;
  if (!schemes.includes(protocol)) return bad(`Servers are reached by http, https or unix, not by "${protocol}".`);
  if (username !== '' || password !== '') return bad('A user name or password does not belong into a URL.');
  if (search !== '' || hash !== '' || /[?#]/.test(text)) return bad('A base URL has nothing after "?" or "#".');
  const path = pathname.replace(/\/+$/, '');
  if (protocol !== 'unix:') {
    if (!/^https?:\/\//i.test(text.trim())) return bad('It is not a URL. One looks like "http://localhost:8080/v1".');
    return { kind: 'url', baseUrl: `${protocol}//${host}${path}` };
  }
  const isSocket = host === '' && path.startsWith('/') && isDecodable(path);
  return isSocket ? { kind: 'url', baseUrl: `unix:${path}` } : bad('A socket is written as "unix:/path/of/it.sock".');
}

/** Whether every "%" stands for a byte of UTF-8: a socket's path is looked up decoded. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false; // the caller says so
  }
}

/**
 * What keys and consents are tied to: scheme, host and port; for a socket its path.
 * @param baseUrl as `parseBaseUrl` gives it.
 */
export function originOf(baseUrl: string): string {
  return baseUrl.startsWith('unix:') ? baseUrl : new URL(baseUrl).origin;
}

/** The model a reference names; `undefined`: it is bad, or no file is set for this computer's own engine. */
export function modelOf({ ref, servers, localFile, embedded, guessCard }: Choosing): Model | undefined {
  const parsed = parseRef(ref);
  switch (parsed.kind) {
    case 'bad':
      return undefined;
    case 'local':
      return embedded(localFile);
    case 'embedded':
      return embedded(parsed.file);
    case 'served': {
      const { baseUrl, model } = parsed;
      const card = servers.find(({ url }) => url === baseUrl)?.kind ?? guessCard(baseUrl);
      return {
        id: servedRef(baseUrl, model),
        name: shortName(model),
        provider: 'server',
        endpoint: { baseUrl, card },
        model,
      };
    }
  }
}

/** The reference that names a model, whichever file is set for this computer's own engine. */
export function refOf(model: Model): string {
  return model.provider === 'embedded' ? embeddedPrefix + model.file : servedRef(model.endpoint.baseUrl, model.model);
}

/** The reference to a model of a server. */
export function servedRef(baseUrl: Endpoint['baseUrl'], model: string): string {
  return `${baseUrl}#${model}`;
}

/** `meta-llama/Llama-3.3-70B-Instruct` -> `Llama-3.3-70B-Instruct`; llama-server calls a model by its file's path. */
function shortName(model: string): string {
  const last = model.split(/[\\/]/).findLast((part) => part !== '') ?? model;
  return last.replace(/\.gguf$/i, '') || model;
}

/** On any system: settings are carried from one to the other. */
function isAbsolute(file: string): boolean {
  return /^([/\\]|[A-Za-z]:[/\\])/.test(file);
}

function bad(reason: string): { readonly kind: 'bad'; readonly reason: string } {
  return { kind: 'bad', reason };
}
