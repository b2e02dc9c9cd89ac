/**
 * What leaves this computer passes through here on its way out, and its answer on the way back: files that never leave
 * stop the request, secrets get names, and the names become secrets again in the answer.
 */
import { Failure } from '../base/failure.ts';
import { loadDetect } from '../egress/mask/detect.ts';
import { createUnmask, type Undo } from '../egress/mask/unmask.ts';
import { Mask, stem, type Masked, type Text } from '../egress/mask.ts';
import { ignoredBy, type Ignored, type IgnoreRules } from '../egress/ignored.ts';
import { needsConsent } from '../egress/policy.ts';
import type { LedgerItem, Route } from '../ledger/entry.ts';
import type {
  ChatMessage,
  ChatRequest,
  Chunk,
  InfillRequest,
  InfillWindow,
  Item,
  ModelRequest,
} from '../models/model.ts';
import type { Tool, Toolbox, ToolCall } from '../models/tools.ts';
import { jsonPieces } from './jsonStrings.ts';

/** What is asked before anything leaves. */
export interface GuardNeeds {
  /** The ignore files above a document, as they are now. Absent: there are none; secret files stay here all the same. */
  readonly ignoreFiles?: (uri: string) => Promise<readonly IgnoreRules[]>;
}

/** Gets one request ready for where it goes. */
export interface Outgoing {
  /**
   * Gives the documents as they are sent, for the ledger. Called once, before anything was sent or written down.
   * @throws Failure `denied` when one of them never leaves; `unexpected` when secrets could not be looked for.
   */
  readonly prepare: (route: Route) => Promise<readonly LedgerItem[]>;
  /** The documents as they were asked about, for the opening. */
  readonly items: readonly Item[];
  /**
   * What may be sent on this route; the request itself where it stays on this computer.
   * @throws Failure `unexpected` when it leaves and was not prepared.
   */
  readonly request: (route: Route) => ModelRequest;
  /** The answer as the user should see it. */
  readonly answer: (chunks: AsyncIterable<Chunk>) => AsyncIterable<Chunk>;
}

/** Guards all requests of a session; names stay the same throughout. Reads its rules when the first request leaves. */
export function createGuard({ ignoreFiles }: GuardNeeds): (request: ModelRequest, items: readonly Item[]) => Outgoing {
  let loading: Promise<Mask> | undefined;
  const load = async (): Promise<Mask> => {
    loading ??= loadDetect().then((detect) => new Mask(detect));
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      const message = 'Nothing was sent: the rules that find secrets in it could not be loaded.';
      throw new Failure('unexpected', message, { action: 'showLog', cause: error });
    }
  };
  return (request, items) => {
    let sent: Sent | undefined;
    return {
      items: items.map(withoutPlace),
      async prepare(route) {
        if (!needsConsent(route)) return items.map(withoutPlace);
        for (const { uri } of items) refuseIgnored(uri, (await ignoreFiles?.(uri)) ?? []);
        const masked = maskRequest(request, items, await load());
        sent = masked;
        return masked.items;
      },
      request(route) {
        if (sent !== undefined || !needsConsent(route)) return sent?.request ?? request;
        throw new Failure('unexpected', 'Nothing was sent: nobody had looked for secrets in it.', {
          action: 'showLog',
        });
      },
      answer: (chunks) => (sent === undefined ? chunks : unmasked(chunks, sent.undo)),
    };
  };
}

interface Sent {
  readonly request: ModelRequest;
  readonly undo: Undo;
}

function refuseIgnored(uri: string, files: readonly IgnoreRules[]): void {
  const ignored = ignoredBy(uri, files);
  if (ignored !== undefined) throw keptBack(uri, ignored);
}

function keptBack(uri: string, { rule, source }: Ignored): Failure {
  const name = decoded(
    uri
      .replace(/[?#].*$/s, '')
      .split('/')
      .at(-1) ?? '',
  );
  const message = `${name} never leaves this computer: ${source} has "${rule}".`;
  return new Failure('denied', message, { action: 'switchProvider', facts: { rule, source } });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a lone "%" stands for itself
  }
}

/** The request with its secrets replaced, and how many there were in each document. */
export function maskRequest(
  request: ModelRequest,
  items: readonly Item[],
  mask: Mask,
): Sent & { readonly items: readonly LedgerItem[] } {
  return request.kind === 'chat' ? maskChat(request, items, mask) : maskInfill(request, items, mask);
}

function maskChat(request: ChatRequest, items: readonly Item[], mask: Mask) {
  const sheet: Text[] = request.messages.map(({ text }) => [text]);
  const write = (text: Text): Read => {
    const index = sheet.push(text) - 1;
    return ({ texts }) => texts[index] ?? [];
  };
  const readMessages = request.messages.map((message, index) => writeMessage(message, index, write));
  const readToolbox = request.toolbox && writeToolbox(request.toolbox, write);
  const masked = mask.of(sheet);
  const counted = items.map((item): LedgerItem => {
    const { place } = item;
    // The only one, and nobody said where it stands: it is the whole request, as another extension's is.
    if (place === undefined) return items.length > 1 ? item : { ...item, maskedCount: masked.findings.length };
    const inside = masked.findings.filter(
      ({ text, start, end }) => text === place.message && start < place.end && end > place.start,
    );
    return { ...withoutPlace(item), maskedCount: inside.length };
  });
  const messages = readMessages.map((read) => read(masked));
  const tools = readToolbox && { toolbox: readToolbox(masked) };
  return { request: { ...request, messages, ...tools }, undo: masked.undo, items: counted };
}

/** Reads again what was written to be masked. */
type Read = (masked: Masked) => Text;
type Write = (text: Text) => Read;

/** The text of a message is written already; here follows what goes with it. */
function writeMessage(message: ChatMessage, index: number, write: Write): (masked: Masked) => ChatMessage {
  const textIn = ({ texts }: Masked): string => texts[index]?.[0] ?? '';
  if (message.role === 'tool') {
    const readId = write([message.callId]);
    return (masked) => ({ ...message, text: textIn(masked), callId: readId(masked)[0] ?? '' });
  }
  const readCalls = message.calls?.map((call) => writeCall(call, write));
  return (masked) => {
    const calls = readCalls && { calls: readCalls.map((read) => read(masked)) };
    return { ...message, text: textIn(masked), ...calls };
  };
}

/** Its arguments as they read, in one text: what a key announces is a secret here as in a file. */
function writeCall({ id, name, argumentsJson }: ToolCall, write: Write): (masked: Masked) => ToolCall {
  const { pieces, json } = jsonPieces(argumentsJson);
  const [readId, readName, readPieces] = [write([id]), write([name]), write(pieces)];
  return (masked) => ({
    id: readId(masked)[0] ?? '',
    name: readName(masked)[0] ?? '',
    argumentsJson: json(readPieces(masked)),
  });
}

/** Each string of a schema by itself: that one names a password says nothing about the next. */
function writeToolbox({ tools, choice }: Toolbox, write: Write): (masked: Masked) => Toolbox {
  const reads = tools.map(({ name, description, schemaJson }) => {
    const { pieces, strings, json } = jsonPieces(schemaJson);
    const [readName, readDescription] = [write([name]), write([description])];
    const readStrings = new Map(strings.map((index) => [index, write([pieces[index] ?? ''])]));
    return (masked: Masked): Tool => ({
      name: readName(masked)[0] ?? '',
      description: readDescription(masked)[0] ?? '',
      schemaJson: json(pieces.map((piece, index) => readStrings.get(index)?.(masked)[0] ?? piece)),
    });
  });
  return (masked) => ({ choice, tools: reads.map((read) => read(masked)) });
}

/** All windows end at the cursor: a secret around it has its name before the cursor and nothing after it. */
function maskInfill(request: InfillRequest, items: readonly Item[], mask: Mask) {
  const masked = mask.of(request.windows.map(({ head, line, suffix }) => [head, line ?? request.line, suffix]));
  const windows = request.windows.map((_, index) => windowOf(masked, index));
  const { findings, undo } = masked;
  const maskedCount = findings.filter(({ text }) => text === 0).length;
  return {
    request: { ...request, windows, line: windows[0]?.line ?? '' },
    undo,
    items: items.map((item): LedgerItem => ({ ...withoutPlace(item), maskedCount })),
  };
}

/** A head ends with a whole line: what a secret over several lines leaves of its last one goes to the cursor's. */
function windowOf({ texts }: Masked, index: number): InfillWindow & { readonly line: string } {
  const [head = '', line = '', suffix = ''] = texts[index] ?? [];
  const end = head.lastIndexOf('\n') + 1;
  return { head: head.slice(0, end), line: head.slice(end) + line, suffix };
}

function withoutPlace({ place: _, ...item }: Item): LedgerItem {
  return item;
}

/** The answer with its secrets back, what may be the beginning of a name one piece later. */
async function* unmasked(chunks: AsyncIterable<Chunk>, undo: Undo): AsyncGenerator<Chunk, void, void> {
  if (undo.size === 0) return yield* chunks;
  const streams = { text: createUnmask(undo), reasoning: createUnmask(undo) };
  const rest = function* (): Generator<Chunk, void, void> {
    for (const kind of ['reasoning', 'text'] as const) {
      const text = streams[kind].end();
      if (text !== '') yield { kind, text };
    }
  };
  try {
    for await (const chunk of chunks) {
      if (chunk.kind === 'end' || chunk.kind === 'toolCall') yield* rest();
      if (chunk.kind === 'toolCall') yield { kind: 'toolCall', ...unmaskedCall(chunk, undo) };
      else if (chunk.kind !== 'text' && chunk.kind !== 'reasoning') yield chunk;
      else {
        const text = streams[chunk.kind].push(chunk.text);
        if (text !== '') yield { kind: chunk.kind, text };
      }
    }
    yield* rest();
  } catch (error) {
    yield* rest();
    throw error;
  }
}

/** As text is: whoever gave the secret gets it back, but in no web address that it did not stand in. */
function unmaskedCall({ id, name, argumentsJson }: ToolCall, undo: Undo): ToolCall {
  const put = (text: string): string => {
    if (!text.includes(stem)) return text;
    const stream = createUnmask(undo);
    return stream.push(text) + stream.end();
  };
  const { pieces, json } = jsonPieces(argumentsJson);
  return { id: put(id), name: put(name), argumentsJson: json(pieces.map(put)) };
}
