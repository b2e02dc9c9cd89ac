/** The one road to a model: choose it, open a passage, stream, settle; try again while nothing has been said. */
import { createHash } from 'node:crypto';
import type { Clock } from './base/clock.ts';
import { asFailure, Failure, midStream } from './base/failure.ts';
import { pause } from './base/pause.ts';
import type { Destination, Ending, Gate, Passage } from './egress/gate.ts';
import { Counting, longestAnswerTokens, requestSize } from './exchange/counting.ts';
import { createGuard, type GuardNeeds } from './exchange/masking.ts';
import { createPreview, type Preview, type Previewed, type PreviewNeeds } from './exchange/preview.ts';
import { Rests, retryDelayMs } from './exchange/retry.ts';
import type { LedgerItem } from './ledger/entry.ts';
import {
  isAnswer,
  type Ask,
  type Chunk,
  type InfillRequest,
  type InfillWindow,
  type Model,
  type ModelRequest,
  type OnProgress,
  type Purpose,
  type ReadAhead,
  type Role,
  type ServedModel,
} from './models/model.ts';

/** What the exchange needs. */
export interface ExchangeNeeds extends GuardNeeds, Omit<PreviewNeeds, 'now'> {
  /** The model picked for a role; `undefined`: none is. */
  readonly choose: (role: Role) => Model | undefined;
  /** Where a server's model is asked, and what is known of the program there. May ask the server what it is. */
  readonly destinationOf: (model: ServedModel, signal: AbortSignal) => Promise<Destination>;
  readonly gate: Pick<Gate, 'open'>;
  /** The user set a hard limit: then no answer may be of any length where somebody may charge for it. */
  readonly hasHardLimit: () => boolean;
  readonly clock: Clock;
}

/** Ways to reach a model. Everything that goes through them has one intent and one settlement per try. */
export interface Exchange {
  /**
   * Asks the model picked for the purpose's role, at most three times until the first chunk came. After a failure that
   * will not mend by itself, automatic requests fail the same way for a while without anything being sent.
   */
  readonly ask: Ask;
  readonly readAhead: ReadAhead;
  /** What a request would send, where, and for how much; asks no server, starts no engine, never throws. */
  readonly preview: (previewed: Previewed, signal: AbortSignal) => Promise<Preview>;
  /** Something changed that may mend what failed (a key, a setting): automatic requests are sent again. */
  readonly endRests: () => void;
}

export function createExchange(needs: ExchangeNeeds): Exchange {
  const rests = new Rests(needs.clock);
  return {
    ask: asking(needs, rests),
    readAhead: readingAhead(needs),
    preview: createPreview({ ...needs, now: () => needs.clock.now() }),
    endRests: () => rests.end(),
  };
}

function asking(needs: ExchangeNeeds, rests: Rests): Ask {
  const { choose, clock } = needs;
  const guard = createGuard(needs);
  return async function* ask({ modelId, ...purpose }, request, signal) {
    const model = choose(purpose.role);
    if (model === undefined) throw new Failure('noModel', 'No model is chosen yet.', { action: 'chooseModel' });
    if (modelId !== undefined && modelId !== model.id) {
      throw new Failure('noModel', 'Another model was chosen before this could be asked. Nothing was sent.');
    }
    const rest = purpose.initiator === 'user' ? undefined : rests.of(model.id);
    if (rest !== undefined) throw rest;
    for (let tries = 1; ; tries += 1) {
      let hasBegun = false;
      try {
        for await (const chunk of asked({ ...needs, guard }, { purpose, request, model }, signal)) {
          // Here, not behind the loop: a reader who has enough leaves it.
          if (!hasBegun && isAnswer(chunk)) rests.end(model.id);
          hasBegun ||= isAnswer(chunk);
          yield chunk;
        }
        return rests.end(model.id);
      } catch (error) {
        const failure = hasBegun ? midStream(asFailure(error, 'unexpected', 'showLog')) : asAskFailure(error, signal);
        const delayMs = retryDelayMs(failure, tries, clock);
        if (delayMs === undefined) {
          // What a server makes of another extension's request says nothing of what typing would get.
          if (purpose.initiator !== 'extension' || failure.kind !== 'badResponse') rests.note(model.id, failure);
          throw failure;
        }
        await pause(clock, delayMs, signal);
      }
    }
  };
}

interface Question {
  readonly purpose: Purpose;
  readonly request: ModelRequest;
  readonly model: Model;
}

/** One try: from the passage's opening to its settlement. */
async function* asked(
  needs: ExchangeNeeds & { readonly guard: ReturnType<typeof createGuard> },
  { purpose, request: wanted, model }: Question,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, void> {
  if (signal.aborted) throw new Failure('aborted', 'Stopped.');
  const { gate, providerOf, destinationOf, guard, estimator } = needs;
  const destination = model.provider === 'server' ? await destinationOf(model, signal) : undefined;
  const request = limited(needs, { model, request: wanted }, destination);
  const provider = providerOf(model);
  const outgoing = guard(request, itemsOf(request));
  const { items, prepare } = outgoing;
  const size = model.provider === 'server' ? requestSize(estimator, model, request) : undefined;
  const sampling = provider.sampling?.(request);
  const passage = await gate.open({ purpose, model, destination, items, prepare, size, sampling, signal });
  const counting = model.provider === 'server' ? new Counting(estimator, model, request) : undefined;
  const settlement = settling(passage, counting);
  let ending: Ending = { outcome: 'enough' }; // stands when the reader leaves the loop
  try {
    yield { kind: 'opened', requestId: passage.requestId };
    const chunks = provider.stream(outgoing.request(passage.route), passage.send, settlement.count, signal);
    for await (const chunk of outgoing.answer(chunks)) {
      if (isAnswer(chunk)) passage.heard();
      counting?.hear(chunk);
      if (chunk.kind === 'end') {
        if (chunk.usage !== undefined) settlement.count(chunk.usage, chunk.speed);
        ending = {
          outcome: chunk.reason === 'cut' ? 'cut' : 'finished',
          speed: chunk.speed,
          servedModel: chunk.servedModel,
        };
      }
      yield chunk;
    }
  } catch (error) {
    const failure = asAskFailure(error, signal);
    counting?.fail(failure);
    ending = endingOf(failure);
    throw failure;
  } finally {
    settlement.settle(ending.outcome === 'enough' && signal.aborted ? { outcome: 'stopped' } : ending);
  }
}

function readingAhead({ choose, gate, providerOf }: ExchangeNeeds): ReadAhead {
  /** The newest reading, while it runs and after it was finished: the same again would find nothing to read. */
  let newest: { readonly key: string; readonly abort: AbortController } | undefined;
  return (request) => {
    const model = choose('completion');
    const provider = model && providerOf(model);
    const key = JSON.stringify([model?.id, request]);
    if (model === undefined || provider?.readAhead === undefined || newest?.key === key) return;
    newest?.abort.abort();
    const reading = { key, abort: new AbortController() };
    newest = reading;
    const items = itemOf(request, request.window);
    const { signal } = reading.abort;
    const read = async (): Promise<void> => {
      const purpose = { role: 'completion', initiator: 'ahead' } as const;
      const settlement = settling(await gate.open({ purpose, model, destination: undefined, items, signal }));
      try {
        await provider.readAhead?.(request, settlement.count, signal);
        settlement.settle({ outcome: 'finished' });
      } catch (error) {
        settlement.settle(endingOf(asFailure(error, 'unexpected')));
        throw error;
      }
    };
    // Nobody waits for it: the engine's own state tells the user what is wrong.
    read().catch(() => {
      if (newest === reading) newest = undefined;
    });
  };
}

/** An answer that can be of any length can cost anything, which a hard limit does not allow. */
function limited(
  { hasHardLimit, pricing }: ExchangeNeeds,
  { model, request }: Pick<Question, 'model' | 'request'>,
  destination?: Destination,
): ModelRequest {
  const isOpen = request.kind === 'chat' && request.maxTokens === undefined;
  if (!isOpen || model.provider !== 'server' || !hasHardLimit()) return request;
  return pricing.isMetered(model, destination?.isMetered) === false
    ? request
    : { ...request, maxTokens: longestAnswerTokens };
}

/** Collects the counts of one passage and closes it with them. */
function settling(
  passage: Passage,
  counting?: Counting,
): { readonly count: OnProgress; readonly settle: (ending: Ending) => void } {
  let counted: Pick<Ending, 'usage' | 'speed' | 'sampling'> = {};
  return {
    count: (usage, speed, sampling = counted.sampling) => void (counted = { usage, speed, sampling }),
    settle: (ending) => passage.close({ ...ending, ...counted, guess: counting?.guess(ending.outcome === 'failed') }),
  };
}

/** Whatever an aborted request died of, it was stopped. */
function asAskFailure(error: unknown, signal: AbortSignal): Failure {
  return signal.aborted
    ? new Failure('aborted', 'Stopped.', { cause: error })
    : asFailure(error, 'unexpected', 'showLog');
}

function endingOf({ kind }: Failure): Ending {
  return kind === 'aborted' ? { outcome: 'stopped' } : { outcome: 'failed', failure: kind };
}

function itemsOf(request: ModelRequest): readonly LedgerItem[] {
  if (request.kind === 'infill') return itemOf(request, request.windows[0]);
  return request.items.map((item) => {
    const { message = -1, start, end } = item.place ?? {};
    const text = request.messages[message]?.text.slice(start, end);
    return text === undefined ? item : { ...item, sha256: sha256Of(text) };
  });
}

/** Without a window, the cursor's line is sent all the same. */
function itemOf(
  { document: uri, line, cursorLine }: Pick<InfillRequest, 'document' | 'line' | 'cursorLine'>,
  { head, suffix, line: ownLine = line }: InfillWindow = { head: '', suffix: '' },
): readonly LedgerItem[] {
  const text = head + ownLine + suffix;
  const lines = cursorLine && ([cursorLine - breaksIn(head + ownLine), cursorLine + breaksIn(suffix)] as const);
  return [{ uri, bytes: Buffer.byteLength(text), ...(lines && { lines }), sha256: sha256Of(text) }];
}

function breaksIn(text: string): number {
  return text.split('\n').length - 1;
}

/** A few thousandths of a millisecond for a completion: later it shows which state of a document was handed over. */
function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
