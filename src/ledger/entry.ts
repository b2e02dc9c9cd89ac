/** The vocabulary of the ledger: what is written before a request starts and after it ended. */
import type { FailureKind } from '../base/failure.ts';
import type { Errand, Item, Purpose, Speed, Usage } from '../models/model.ts';

/** Where bytes go, from the least to the most exposed. */
export type RouteKind = 'inProcess' | 'loopback' | 'private' | 'internet';

/** Where one request goes, computed from what is really connected, never from a label. */
export interface Route {
  readonly kind: RouteKind;
  /** `assumed`: the other end may pass the bytes on, or a proxy hides where they end. */
  readonly evidence: 'verified' | 'assumed';
  /** `host:port` as asked for, or a Unix socket's path; `undefined` for the engine in its own process. */
  readonly host: string | undefined;
  /** The server there passes the bytes on to this host. */
  readonly forwardsTo?: string;
  /** The machine this extension runs on, when it is not the one with the window: its remote name. */
  readonly remote: string | undefined;
}

/** Written before the first byte leaves. */
export interface Intent {
  readonly kind: 'intent';
  /** 32 hex digits; the settlement carries the same. */
  readonly id: string;
  /** Milliseconds since 1970, UTC. */
  readonly atMs: number;
  readonly purpose: Purpose | Errand;
  /** `undefined` for an errand, which asks no model. */
  readonly modelId: string | undefined;
  readonly modelName: string | undefined;
  readonly route: Route;
  readonly items: readonly Item[];
}

/**
 * How a request ended: by itself, because the reader had enough, stopped from outside, cut by the server before it said
 * that it was done, or failed.
 */
export type Outcome = 'finished' | 'enough' | 'stopped' | 'cut' | 'failed';

/**
 * What was paid. `unmetered`: nobody charges for it, there is no sum to show (and it is never shown as 0). `unknown`:
 * it may cost something and nobody said how much. `billed`: the server said.
 */
export type Cost =
  | { readonly basis: 'unmetered' }
  | { readonly basis: 'unknown' }
  | {
      readonly basis: 'billed';
      /** Integer nano-dollars. */
      readonly nanoUsd: number;
    };

/** Written once after the request ended. */
export interface Settlement {
  readonly kind: 'settlement';
  readonly id: string;
  readonly atMs: number;
  readonly outcome: Outcome;
  /** Only when the outcome is `failed`. */
  readonly failure: FailureKind | undefined;
  /** `undefined`: nothing was counted, which is not the same as zero tokens. */
  readonly usage: Usage | undefined;
  readonly speed: Speed | undefined;
  readonly cost: Cost;
  /** Bytes of bodies, as they went over the connection. Absent where there is none. */
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  /** The model that answered, as the server calls it. Absent: not told. */
  readonly servedModel?: string;
}

/** One line of the ledger. */
export type Entry = Intent | Settlement;

/** The entry in a line of a ledger file, or `undefined` when it is none (another version, damage). */
export function parseEntry(record: unknown): Entry | undefined {
  if (!isObject(record)) return undefined;
  const { kind, id, atMs, purpose, route, outcome } = record;
  if (typeof id !== 'string' || typeof atMs !== 'number') return undefined;
  const isIntent = kind === 'intent' && isObject(purpose) && isObject(route);
  const isSettlement = kind === 'settlement' && typeof outcome === 'string';
  return isIntent || isSettlement ? (record as unknown as Entry) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
