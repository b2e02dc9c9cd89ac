/** The headers of every request are made here, from a short list; whatever a client library wanted else is dropped. */

/** What a request says about itself, beside its body. */
export interface HeaderFacts {
  /** What the caller asked for; only the few names below are read. */
  readonly asked: Headers;
  /** Bytes of the body; `undefined`: there is none. */
  readonly bodyBytes: number | undefined;
  /** Ranges are for downloads. */
  readonly mayAskRange: boolean;
  /** As it is sent. */
  readonly path: string;
  readonly key: Key | undefined;
}

/** A key, and how its server wants it. */
export interface Key {
  readonly auth: 'bearer' | 'api-key' | 'anthropic';
  readonly value: string;
}

const acceptable = ['application/json', 'text/event-stream', 'application/x-ndjson', '*/*'];
/** `bytes=100-` and what a server called the file's version. */
const ranges = { range: /^bytes=\d+-\d*$/, 'if-range': /^[\x21-\x7e ]{1,200}$/ } as const;

/**
 * The whole head but for `host` and `connection`, which Node adds. A client library's own headers could carry what the
 * environment put there (`OPENAI_CUSTOM_HEADERS`), and names of the user's system.
 */
export function headersFor({ asked, bodyBytes, mayAskRange, path, key }: HeaderFacts): Record<string, string> {
  const accept = asked.get('accept') ?? '';
  const headers: Record<string, string> = {
    accept: acceptable.includes(accept) ? accept : '*/*',
    // A packed stream would come in lumps.
    'accept-encoding': 'identity',
    'user-agent': 'Paddock',
  };
  if (bodyBytes !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(bodyBytes);
  }
  for (const name of ['range', 'if-range'] as const) {
    const value = asked.get(name);
    if (mayAskRange && value !== null && ranges[name].test(value)) headers[name] = value;
  }
  return key === undefined ? headers : { ...headers, ...keyHeaders(key, path) };
}

/**
 * Anthropic's own API wants the key in `x-api-key`, with a version, and takes a bearer token for another kind of
 * credential (platform.claude.com/docs/en/manage-claude/authentication); its layer for OpenAI's library is asked as that library asks
 * (platform.claude.com/docs/en/api/openai-sdk). Each gets what is written of it, never both.
 */
function keyHeaders({ auth, value }: Key, path: string): Record<string, string> {
  switch (auth) {
    case 'bearer':
      return { authorization: `Bearer ${value}` };
    case 'api-key':
      return { 'api-key': value };
    case 'anthropic':
      if (/\/chat\/completions(\?|$)/.test(path)) return { authorization: `Bearer ${value}` };
      return { 'x-api-key': value, 'anthropic-version': '2023-06-01' };
  }
}
