/** Every server that speaks OpenAI's protocols is asked through here. The only file that uses the client library. */
import type { Send } from '../models/model.ts';
import { pieceOfCompletion } from './completionEvents.ts';
import { checked, failureOfEvent, type Asked } from './errors.ts';
import type { Piece } from './pieces.ts';

/** One question in OpenAI's protocol. */
export interface Question {
  /** Where the API begins, without a slash at the end. */
  readonly api: string;
  /** The whole address. */
  readonly url: string;
  readonly body: object;
  readonly asked: Asked;
}

/** The library waits no longer than this for an answer to begin, in ms: the most a timer can, 25 days. */
const never = 2_147_483_647;
/** The library wants a key; the gate drops its headers and sets its own. */
const placeholderKey = 'set-by-the-gate';

/** Asks, and gives what streams back, event by event. Throws `Failure` when no stream begins. */
export async function* askInOpenAi(
  { api, url, body, asked }: Question,
  send: Send,
  signal: AbortSignal,
): AsyncGenerator<Piece, void, void> {
  const { OpenAI, APIError } = await import('openai');
  const end = { isSeen: false };
  const client = new OpenAI({
    baseURL: api,
    apiKey: placeholderKey,
    // Each of these would otherwise be taken from an `OPENAI_...` variable of the environment.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0,
    timeout: never,
    fetch: async (address, init) => watched(await checked(await send(address, init), 'events', asked), end),
  });
  try {
    // Not `chat.completions.create`: dialects have fields and addresses that its types do not know.
    const events = await client.post<AsyncIterable<unknown>>(url, {
      body,
      stream: true,
      signal,
      headers: { accept: 'text/event-stream' },
    });
    for await (const event of events) yield pieceOfCompletion(event);
  } catch (error) {
    // The library throws what an `error` event says.
    if (!(error instanceof APIError) || error.error === undefined) throw error;
    yield { failure: failureOfEvent({ error: error.error }, asked) };
  }
  if (end.isSeen) yield { isDone: true };
}

const endMark = /^data: ?\[DONE\]/;
/** So many characters of a line tell whether it is the mark. */
const markLength = 16;

/** The same response; says when the mark of the end went by, which the library keeps to itself. */
function watched(response: Response, end: { isSeen: boolean }): Response {
  if (response.body === null) return response;
  const decoder = new TextDecoder();
  /** How the line begins that has not ended yet. */
  let begun = '';
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      const lines = (begun + decoder.decode(bytes, { stream: true })).split(/[\r\n]/);
      end.isSeen ||= lines.some((line) => endMark.test(line));
      begun = lines.at(-1)?.slice(0, markLength) ?? '';
      controller.enqueue(bytes);
    },
  });
  const body = (response.body as ReadableStream<Uint8Array>).pipeThrough(watch);
  return new Response(body, { status: response.status, headers: response.headers });
}
