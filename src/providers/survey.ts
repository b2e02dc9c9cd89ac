/** "What is this server, and what models does it have?" is answered here, by its shape and never by its port alone. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Destination, Passage, ServerNature } from '../egress/gate.ts';
import type { CardId, Endpoint, Errand, ServedModel } from '../models/model.ts';

/** What a server turned out to be. */
export interface ServerFacts {
  readonly card: CardId;
  /** For people: `llama-server`. */
  readonly name: string;
  readonly version: string | undefined;
  /** Ollama's is told for each of its models; here it is `holdsWeights`. */
  readonly nature: ServerNature;
}

/** One model a server offers. */
export interface ListedModel {
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
  /** What a million tokens cost, integer nano-dollars. Absent: not told. */
  readonly price?: { readonly promptNanoUsd: number; readonly completionNanoUsd: number };
}

/** What is remembered of a model and its server. */
export interface KnownModel {
  readonly facts?: ServerFacts;
  readonly contextTokens?: number;
  readonly forwardsTo?: string;
  readonly canInsert?: boolean;
}

/** A server found on this machine. */
export interface FoundServer {
  readonly endpoint: Endpoint;
  readonly facts: ServerFacts;
  readonly models: readonly ListedModel[];
}

/** What the survey needs. */
export interface SurveyNeeds {
  readonly openErrand: (destination: Destination, errand: Errand, signal: AbortSignal) => Promise<Passage>;
  readonly clock: Clock;
  readonly log: Log;
  /** Endpoints the user configured; those on this machine are looked at by `discover` too. */
  readonly configured?: () => readonly Endpoint[];
}

/** Asks servers what they are and remembers it for a minute. */
export class Survey {
  protected readonly needs: SurveyNeeds;

  constructor(needs: SurveyNeeds) {
    this.needs = needs;
  }

  /**
   * Where a model is asked and what is known of the program there. A server on this machine is asked what it is, once a
   * minute; others are taken as their card says. Throws `Failure` when nothing answers.
   */
  destinationOf(_model: ServedModel, _signal: AbortSignal): Promise<Destination> {
    return Promise.reject(new Error('soon'));
  }

  /** What a server is; asks it. Throws `Failure`. */
  factsOf(_endpoint: Endpoint, _signal: AbortSignal, _initiator: Errand['initiator']): Promise<ServerFacts> {
    return Promise.reject(new Error('soon'));
  }

  /** Its models; asks it. Throws `Failure`. */
  list(_endpoint: Endpoint, _signal: AbortSignal): Promise<readonly ListedModel[]> {
    return Promise.reject(new Error('soon'));
  }

  /** The context a model runs with now; `undefined`: the server does not tell. Throws `Failure`. */
  contextOf(_model: ServedModel, _signal: AbortSignal): Promise<number | undefined> {
    return Promise.reject(new Error('soon'));
  }

  /** What is remembered, at once; `undefined`: nothing is. */
  known(_model: ServedModel): KnownModel | undefined {
    return undefined;
  }

  /** The servers that run on this machine, within a second. Never throws: what does not answer is not there. */
  discover(_signal: AbortSignal): Promise<readonly FoundServer[]> {
    return Promise.resolve([]);
  }

  /** Forgets a server, or all: the next question is asked anew. */
  forget(_baseUrl?: string): void {}
}
