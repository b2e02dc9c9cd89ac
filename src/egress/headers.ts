/** The headers of every request are made here, from a short list; whatever a client library wanted else is dropped. */

/** What a request says about itself, beside its body. */
export interface HeaderFacts {
  /** What the caller asked for; only the few names below are read. */
  readonly asked: Headers;
  /** Bytes of the body; `undefined`: there is none. */
  readonly bodyBytes: number | undefined;
  /** Ranges are for downloads. */
  readonly mayAskRange: boolean;
  readonly key: { readonly auth: 'bearer' | 'api-key'; readonly value: string } | undefined;
}

const acceptable = ['application/json', 'text/event-stream', 'application/x-ndjson', '*/*'];
/** `bytes=100-` and what a server called the file's version. */
const ranges = { range: /^bytes=\d+-\d*$/, 'if-range': /^[\x21-\x7e ]{1,200}$/ } as const;

/**
 * The whole head but for `host` and `connection`, which Node adds. A client library's own headers could carry what the
 * environment put there (`OPENAI_CUSTOM_HEADERS`), and names of the user's system.
 */
export function headersFor({ asked, bodyBytes, mayAskRange, key }: HeaderFacts): Record<string, string> {
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
  if (key?.auth === 'bearer') headers.authorization = `Bearer ${key.value}`;
  if (key?.auth === 'api-key') headers['api-key'] = key.value;
  return headers;
}
