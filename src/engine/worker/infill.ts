/** One request becomes units of work here: read what is missing in chunks, then write token by token. */
import { TokenBias, type LlamaContextSequence, type Token } from 'node-llama-cpp';
import type { InfillRequest, InfillWindow } from '../../models/model.ts';
import { systemClock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import type { EndReason } from '../messages.ts';
import { Continuation } from './healing.ts';
import { promptFor, type Prompt } from './layout.ts';
import type { LoadedModel } from './load.ts';
import { remembering } from './remembering.ts';
import type { Work } from './scheduler.ts';
import { commonLength, pickReading, pickWindow, type Pick, type Reading } from './sequences.ts';
import type { Tally } from './tally.ts';

/** Added to the logits of the tokens that agree with the typed text: more than any two logits are apart. */
const agreeingLogit = 1000;
const cachedConstraints = 32;

/** Reads and writes for requests, over the sequences of one model. */
export class Reader {
  private readonly loaded: LoadedModel;
  private readonly places: Place[];
  private readonly constraint: (rest: string) => TokenBias;
  private uses = 0;
  private serving: Place | undefined;

  constructor(loaded: LoadedModel) {
    this.loaded = loaded;
    this.places = loaded.sequences.map((sequence) => ({ sequence, lastUse: 0, isBusy: false }));
    const free = new TokenBias(loaded.model.tokenizer);
    const constrained = remembering(cachedConstraints, (rest) => this.constraintFor(rest));
    this.constraint = (rest) => (rest === '' ? free : constrained(rest));
  }

  /** Answers one request. Stopped between units it leaves what was read for the next one. */
  async *infill(request: InfillRequest, tally: Tally, emit: (text: string) => void): Work<EndReason> {
    const { prompt, place, window } = this.choose(request);
    tally.window = window;
    place.isBusy = true;
    this.serving = place;
    try {
      const last = yield* this.read(place, prompt.tokens, tally);
      return yield* this.write({ place, last, rest: prompt.rest, maxTokens: request.maxTokens, tally, emit });
    } finally {
      place.isBusy = false;
    }
  }

  /** Reads a window while nobody waits; whoever comes in between finds what has been read so far. */
  async *readAhead(window: InfillWindow, line: string, tally: Tally): Work<EndReason> {
    const { tokens } = promptFor(this.loaded.tokenizer, window, window.line ?? line);
    if (!this.fits(tokens)) return 'read';
    for (;;) {
      // Chosen anew for each chunk: a request may have used the sequence since the last one.
      const picked = pickReading(this.readings(), tokens, { isSparing: true });
      if (picked === undefined) return 'read';
      // Short ones throughout: a request that comes in between must not wait long.
      const chunk = tokens.slice(picked.reused, -1).slice(0, this.loaded.pace.chunkTokens(0));
      if (chunk.length === 0) return 'read';
      const place = this.placeAt(picked);
      await this.cutBack(place, picked.reused);
      await this.readChunk(place, chunk, tally);
      yield;
    }
  }

  private choose({ windows, line, patienceMs, maxTokens }: InfillRequest): Choice {
    const readings = this.readings();
    const choices = windows.flatMap((window, index): Choice[] => {
      const prompt = promptFor(this.loaded.tokenizer, window, window.line ?? line);
      const picked = pickReading(readings, prompt.tokens);
      if (picked === undefined || !this.fits(prompt.tokens, maxTokens)) return [];
      return [{ prompt, place: this.placeAt(picked), reused: picked.reused, window: index }];
    });
    const costs = choices.map(({ prompt, reused }) => this.loaded.pace.readMs(prompt.tokens.length - reused));
    const choice = costs.length === 0 ? undefined : choices[pickWindow(costs, patienceMs)];
    if (choice === undefined) throw new Failure('requestInvalid', 'No window fits into the context of the model.');
    return choice;
  }

  /** All but the last chunk, which {@link write} evaluates since it brings the first token. */
  private async *read(place: Place, prompt: readonly number[], tally: Tally): Work<readonly number[]> {
    const reused = Math.min(commonLength(place.sequence.contextTokens, prompt), prompt.length - 1);
    tally.didReuse(reused);
    await this.cutBack(place, reused);
    for (let start = reused; ;) {
      const chunk = prompt.slice(start, start + this.loaded.pace.chunkTokens(tally.readingMs));
      start += chunk.length;
      if (start === prompt.length) return chunk;
      await this.readChunk(place, chunk, tally);
      yield;
    }
  }

  private async readChunk(place: Place, chunk: readonly number[], tally: Tally): Promise<void> {
    const { llama, threads } = this.loaded;
    place.lastUse = ++this.uses;
    llama.maxThreads = threads.prefill;
    const startMs = systemClock.monotonicMs();
    await place.sequence.evaluateWithoutGeneratingNewTokens(chunk as Token[]);
    this.didRead(chunk.length, systemClock.monotonicMs() - startMs, tally);
  }

  private async *write(writing: Writing): Work<EndReason> {
    const { place, last, maxTokens, tally, emit } = writing;
    const { llama, threads, vocabulary, model, contextTokens } = this.loaded;
    const continuation = new Continuation(writing.rest);
    place.lastUse = ++this.uses;
    const tokens = place.sequence.evaluate(last as Token[], {
      temperature: 0,
      yieldEogToken: true,
      tokenBias: () => this.constraint(continuation.rest),
    });
    try {
      for (let isFirst = true; ; isFirst = false) {
        llama.maxThreads = isFirst && last.length > 1 ? threads.prefill : threads.decode;
        const startMs = systemClock.monotonicMs();
        const { value: token } = await tokens.next();
        const tookMs = systemClock.monotonicMs() - startMs;
        if (isFirst) this.didRead(last.length, tookMs, tally);
        else this.didWrite(tookMs, tally);
        const bytes = token === undefined ? undefined : vocabulary.bytesOf(token);
        if (token === undefined || bytes === undefined || model.isEogToken(token)) return 'endOfText';
        const isRepeating = bytes.length <= continuation.rest.length;
        const text = continuation.accept(bytes);
        if (isRepeating) tally.didRepeat();
        else tally.didGenerate();
        if (text !== '') emit(text);
        if (tally.completionTokens >= maxTokens) return 'maxTokens';
        if (place.sequence.nextTokenIndex >= contextTokens - 2) return 'maxTokens';
        yield;
      }
    } finally {
      await tokens.return();
    }
  }

  private didRead(tokens: number, tookMs: number, tally: Tally): void {
    tally.didRead(tokens, tookMs);
    this.loaded.pace.didRead(tokens, tookMs);
    this.loaded.threads.didRead(tokens, tookMs);
  }

  private didWrite(tookMs: number, tally: Tally): void {
    tally.didWrite(tookMs);
    this.loaded.pace.didWrite(tookMs);
    this.loaded.threads.didWrite(tookMs);
  }

  private async cutBack(place: Place, length: number): Promise<void> {
    const { sequence } = place;
    if (sequence.nextTokenIndex <= length) return;
    await sequence.eraseContextTokenRanges([{ start: length, end: sequence.nextTokenIndex }]);
  }

  private readings(): Reading[] {
    return this.places.map((place) => ({
      tokens: place.sequence.contextTokens,
      lastUse: place.lastUse,
      isBusy: place.isBusy,
      isServing: place === this.serving,
    }));
  }

  private placeAt({ index }: Pick): Place {
    const place = this.places[index];
    if (place === undefined) throw new Error('A reading was picked that does not exist.');
    return place;
  }

  /** The library would silently drop the beginning of a prompt that does not fit. */
  private fits(tokens: readonly number[], maxTokens = 0): boolean {
    return tokens.length + maxTokens + mostRepeatedTokens < this.loaded.contextTokens;
  }

  private constraintFor(rest: string): TokenBias {
    const { vocabulary, model } = this.loaded;
    return new TokenBias(model.tokenizer).set(vocabulary.agreeing(rest) as Token[], { logit: agreeingLogit });
  }
}

/** Room for the tokens that repeat the typed text, and the library's own reserve. */
const mostRepeatedTokens = 32;

/** A sequence and how it is used. */
interface Place {
  readonly sequence: LlamaContextSequence;
  lastUse: number;
  isBusy: boolean;
}

interface Choice {
  readonly prompt: Prompt;
  readonly place: Place;
  readonly reused: number;
  readonly window: number;
}

interface Writing {
  readonly place: Place;
  readonly last: readonly number[];
  readonly rest: string;
  readonly maxTokens: number;
  readonly tally: Tally;
  readonly emit: (text: string) => void;
}
