/** The vocabulary of the ledger: what is written before a request starts and after it ended. */
import type { FailureKind } from '../base/failure.ts';
import type { Errand, Item, Purpose, Sampling, Speed, Usage } from '../models/model.ts';

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
  readonly items: readonly LedgerItem[];
  /** Scheme, host and port of the server. Absent: our own engine, or an entry of an earlier version. */
  readonly origin?: string;
  /** Whether somebody charges for it; absent: nobody knows. */
  readonly isMetered?: boolean;
  /** The extension that asked through VS Code. Absent: Paddock's own features. */
  readonly extension?: string;
  /** The folder that was worked in. Absent: none, or it was not told. */
  readonly workspace?: Workspace;
  /** What the user wants its cost booked under. */
  readonly label?: string;
  /** SHA-256 of the file with the weights, 64 hex digits. Absent: not known, as with every server. */
  readonly weightsSha256?: string;
  /** What the model was told about choosing tokens. Absent: the server's own choice, or not told. */
  readonly sampling?: Sampling;
  /** How long its prompt is, before anybody counted it. Absent: nobody guessed. */
  readonly estimatedPromptTokens?: number;
  /** The most it may cost, integer nano-dollars, kept free in every budget until it is settled. */
  readonly reservedNanoUsd?: number;
  /** The process that asks, where something left it: with its death the reservation ends. See `base/holder`. */
  readonly holder?: string;
}

/** A document that went into a request; never its text. */
export interface LedgerItem extends Item {
  /** Of the bytes that were handed over, before anything was masked; 64 hex digits. */
  readonly sha256?: string;
  /** How many secrets were replaced in it. Absent: nobody looked for any. */
  readonly maskedCount?: number;
}

/** A folder that is open in a window. */
export interface Workspace {
  /** Stays the same as long as the folder is where it is; tells nothing about its name. */
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/**
 * How a request ended: by itself, because the reader had enough, stopped from outside, cut by the server before it said
 * that it was done, or failed.
 */
export type Outcome = 'finished' | 'enough' | 'stopped' | 'cut' | 'failed';

/**
 * What was paid; sums are integer nano-dollars. `unmetered`: nobody charges for it, there is no sum to show (and it is
 * never shown as 0). `unknown`: it may cost something and nobody said how much. `billed`: the server said. `table`: the
 * tokens it reported at list prices, those of the day the price table was published, or the user's own where there is no
 * such day. `estimate`: the tokens or the price are estimated.
 */
export type Cost =
  | { readonly basis: 'unmetered' }
  | { readonly basis: 'unknown' }
  | { readonly basis: 'billed'; readonly nanoUsd: number }
  | { readonly basis: 'table'; readonly nanoUsd: number; readonly tableDate?: string }
  | { readonly basis: 'estimate'; readonly nanoUsd: number };

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
  /** How our own engine chose the tokens, which it decides itself where it was told nothing. Absent: not told. */
  readonly sampling?: Sampling;
}

/** What a line of the ledger says of a request. */
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

/**
 * Whether its entries belong to the chain that all windows share: what left this process for somebody who may pass it
 * on or lie elsewhere. The engine's own entries stay out of it, because typing must not wait for a lock; so do those of
 * a server on this computer that was seen to hold the weights itself, because nothing leaves the computer and nothing
 * is charged, so there is nothing to check and no budget to share. A server here that nobody can vouch for (`assumed`)
 * may be the way out, so it is in.
 */
export function isChained({ kind, evidence }: Route): boolean {
  return kind === 'private' || kind === 'internet' || (kind === 'loopback' && evidence === 'assumed');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
