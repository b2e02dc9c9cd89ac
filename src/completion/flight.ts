/**
 * The one request in the air passes through here. A newer keystroke joins it if its text still fits, else it is
 * stopped; what has landed is kept and every waiter looks up what it means for its own place.
 */
import type { Clock } from '../base/clock.ts';
import { asFailure, isAbort, type Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { Disposable } from '../base/store.ts';
import type { Ask, Chunk, InfillRequest, Purpose } from '../models/model.ts';
import { anchorOf, placeAfter, trailTo, typedSince, type Anchor, type Place } from './place.ts';
import type { Writing } from './recall.ts';
import { cut, cutWhole, outlineOf, type Cut } from './shape.ts';
import type { Outline } from './shape/stops.ts';

/** What is sent out. */
export interface Departure {
  readonly place: Place;
  readonly request: InfillRequest;
  readonly purpose: Purpose;
  readonly outline: Outline;
  /** After the suggestion, the next line is read too, for as long as nobody needs the model. */
  readonly mayReadOn: boolean;
}

/**
 * How waiting ended: there is something to look up; the text went elsewhere or no further, so the place may be asked
 * for by itself; what is around the place does not fit the model; nobody waits any more.
 */
export type Landing = 'landed' | 'diverged' | 'unfit' | 'stopped';

export interface FlightNeeds {
  readonly ask: Ask;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps what the model wrote at the place; called again when more of it has come. */
  readonly keep: (place: Place, writing: Writing) => void;
}

interface Waiter {
  /** What was typed since the flight's place. */
  readonly typed: string;
  readonly settle: (landing: Landing) => void;
  readonly fail: (failure: Failure) => void;
}

/** One request while it runs. */
interface Aloft extends Departure {
  readonly anchor: Anchor;
  readonly abort: AbortController;
  /** Oldest first. */
  readonly waiters: Set<Waiter>;
  text: string;
  /** The ledger's id for it, once it is sent. */
  requestId: string | undefined;
  /** Ends of what has been kept; empty until the suggestion is complete. */
  readonly ends: number[];
  cancelGrace: () => void;
}

/**
 * The editor cancels the old call when it begins the next, asks for it 50 ms later, and only then can that join. So
 * long, with some room, a request lives on while nobody waits for it.
 */
const graceMs = 150;

/** Holds at most one request; starting another stops it. */
export class Flight implements Disposable {
  private readonly needs: FlightNeeds;
  private aloft: Aloft | undefined;

  constructor(needs: FlightNeeds) {
    this.needs = needs;
  }

  /** Whether what is in the air may still answer this place. If not, it is stopped. */
  keepsFor(place: Place): boolean {
    const typed = this.aloft && typedSince(this.aloft.anchor, trailTo(place));
    if (this.aloft !== undefined && typed !== undefined && mayAgree(this.aloft, typed)) return true;
    this.stop();
    return false;
  }

  /** Waits with what is in the air; call it where `keepsFor` said yes. Throws `Failure`. */
  join(place: Place, signal: AbortSignal): Promise<Landing> {
    const typed = this.aloft && typedSince(this.aloft.anchor, trailTo(place));
    if (this.aloft === undefined || typed === undefined) return Promise.resolve('diverged');
    return wait(this.aloft, typed, signal, () => this.beginGrace());
  }

  /** Sends a request out, in place of what is in the air, and waits for it. Throws `Failure`. */
  depart(departure: Departure, signal: AbortSignal): Promise<Landing> {
    this.stop();
    if (signal.aborted) return Promise.resolve('stopped');
    const aloft: Aloft = {
      ...departure,
      anchor: anchorOf(departure.place),
      abort: new AbortController(),
      waiters: new Set(),
      text: '',
      requestId: undefined,
      ends: [],
      cancelGrace: () => undefined,
    };
    this.aloft = aloft;
    const landing = wait(aloft, '', signal, () => this.beginGrace());
    void this.run(aloft);
    return landing;
  }

  /** Stops what is in the air; its waiters are told. Safe when nothing is. */
  stop(): void {
    this.end('stopped');
  }

  /** Stops what is in the air for a place in this document. */
  stopIn(uri: string): void {
    if (this.aloft?.place.uri === uri) this.stop();
  }

  dispose(): void {
    this.stop();
  }

  private end(landing: Landing): void {
    const aloft = this.aloft;
    if (aloft === undefined) return;
    this.release(aloft, landing);
    aloft.abort.abort();
  }

  private beginGrace(): void {
    const aloft = this.aloft;
    if (aloft === undefined || aloft.waiters.size > 0 || aloft.ends.length > 0) return;
    aloft.cancelGrace();
    aloft.cancelGrace = this.needs.clock.schedule(graceMs, () => {
      if (this.aloft === aloft && aloft.waiters.size === 0) this.stop();
    });
  }

  /** Never throws: a failure goes to the waiters, or into the log when there are none. */
  private async run(aloft: Aloft): Promise<void> {
    try {
      for await (const chunk of this.needs.ask(aloft.purpose, aloft.request, aloft.abort.signal)) {
        if (this.aloft !== aloft) break;
        if (this.hear(aloft, chunk) === 'more') continue;
        // Nobody can join any more while the stream unwinds. Leaving it ends the work; aborting as well would make
        // "enough" look like "stopped" to everybody below.
        this.release(aloft, 'diverged');
        break;
      }
      if (this.aloft === aloft && aloft.ends.length === 0) this.land(aloft, wholeCut(aloft, false));
    } catch (error) {
      if (isAbort(error)) this.release(aloft, 'stopped');
      else this.report(aloft, error);
    } finally {
      this.release(aloft, 'diverged');
    }
  }

  /** Takes it out of the air; who still waits is told. Does nothing once another is there. */
  private release(aloft: Aloft, landing: Landing): void {
    if (this.aloft !== aloft) return;
    this.aloft = undefined;
    aloft.cancelGrace();
    for (const waiter of aloft.waiters) waiter.settle(landing);
  }

  private report(aloft: Aloft, error: unknown): void {
    const failure = asFailure(error, 'unexpected', 'showLog');
    // The text is what does not fit, and the user can do nothing about it.
    if (failure.kind === 'requestInvalid') return this.release(aloft, 'unfit');
    if (aloft.waiters.size === 0) this.needs.log.warn(`completion failed while nobody waited: ${failure.message}`);
    for (const waiter of aloft.waiters) waiter.fail(failure);
  }

  private hear(aloft: Aloft, chunk: Chunk): 'enough' | 'more' {
    if (chunk.kind === 'end') {
      const isCutOff = chunk.reason !== 'endOfText';
      if (aloft.ends.length === 0) this.land(aloft, wholeCut(aloft, isCutOff));
      else if (!isCutOff) this.readOn(aloft, aloft.text + '\n');
      return 'enough';
    }
    if (chunk.kind === 'opened') aloft.requestId = chunk.requestId;
    if (chunk.kind !== 'text') return 'more'; // reading and thinking are no text for the document
    aloft.text += chunk.text;
    if (aloft.ends.length > 0) return this.readOn(aloft, aloft.text);
    const found = cut(aloft.text, aloft.outline);
    if (found !== undefined) {
      this.land(aloft, found);
      return found.mayReadOn && aloft.mayReadOn ? this.readOn(aloft, aloft.text) : 'enough';
    }
    const newest = [...aloft.waiters].at(-1);
    if (newest !== undefined && !mayAgree(aloft, newest.typed)) this.end('diverged');
    return 'more';
  }

  /** The suggestion is complete: keeps it and tells the waiters. */
  private land(aloft: Aloft, { length, reason }: Cut): void {
    aloft.ends.push(length);
    this.keep(aloft, aloft.text.slice(0, length), reason);
    for (const waiter of aloft.waiters) waiter.settle('landed');
  }

  /** Keeps the line after the suggestion too, as soon as it is complete. */
  private readOn(aloft: Aloft, text: string): 'enough' | 'more' {
    const [shown = 0] = aloft.ends;
    const start = shown + 1;
    const place = placeAfter(aloft.place, text.slice(0, start));
    const found = cut(text.slice(start), outlineOf(place, 'line', 1));
    if (found === undefined) return 'more';
    if (found.length > 0) {
      aloft.ends.push(start + found.length);
      const reason = shown === 0 ? 'lineComplete' : undefined;
      this.keep(aloft, text.slice(0, start + found.length), reason);
    }
    for (const waiter of aloft.waiters) waiter.settle('landed');
    return 'enough';
  }

  private keep({ place, ends, requestId }: Aloft, text: string, reason: Writing['reason']): void {
    this.needs.keep(place, { text, ends: [...ends], reason, requestId });
  }
}

function wait(aloft: Aloft, typed: string, signal: AbortSignal, onLeft: () => void): Promise<Landing> {
  if (signal.aborted) return Promise.resolve('stopped');
  aloft.cancelGrace();
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      aloft.waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      leave();
      resolve('stopped');
      onLeft();
    };
    const waiter: Waiter = {
      typed,
      settle: (landing) => {
        leave();
        resolve(landing);
      },
      fail: (failure) => {
        leave();
        reject(failure);
      },
    };
    aloft.waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Whether the text so far and what was typed can be the same. A line break that the model has not written yet is not
 * waited for where the text ends with its line.
 */
function mayAgree({ text, outline, ends }: Aloft, typed: string): boolean {
  if (text.startsWith(typed)) return true;
  const isPastEnd = outline.form === 'line' && ends.length === 0 && typed.includes('\n', text.length);
  return typed.startsWith(text) && !isPastEnd;
}

function wholeCut(aloft: Aloft, isCutOff: boolean): Cut {
  return cutWhole(aloft.text, aloft.outline, isCutOff);
}
