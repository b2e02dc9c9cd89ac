/** "May this go there?" is answered here, from every rule that holds at once: the strictest wins. Pure. */
import type { RouteKind } from '../ledger/entry.ts';

/**
 * How far bytes may go. `device`: the engine in this computer's own process; `loopback`: servers on this computer too;
 * `private`: the private network; `any`: anywhere.
 */
export type Ceiling = 'device' | 'loopback' | 'private' | 'any';

/** The rules of one source: the user's settings, the machine owner's file, or a repository's. All only tighten. */
export interface PolicyRules {
  /** For people: the file's path, or `your settings`. */
  readonly source: string;
  readonly ceiling?: Ceiling;
  /** Host names, `*.` before one means any name below it. Absent: all are allowed. */
  readonly allowedHosts?: readonly string[];
  readonly forbiddenHosts?: readonly string[];
  /** Model names as the server calls them, `*` stands for any characters. Absent: all are allowed. */
  readonly allowedModels?: readonly string[];
  readonly forbiddenModels?: readonly string[];
  /** Globs of files that never leave the engine's process; relative to `root`. */
  readonly neverSend?: readonly string[];
  /** URI of the folder the file speaks for; absent: all folders. */
  readonly root?: string;
}

/** A policy file that could not be understood: as long as it is there, nothing leaves the engine's process. */
export interface BrokenPolicy {
  readonly source: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** What the user agreed to, once per origin. */
export interface Consent {
  /** `https://api.openai.com`; where the server passes bytes on: its origin, ` -> ` and the host behind it. */
  readonly destination: string;
  /** The most exposed route agreed to. */
  readonly route: Exclude<RouteKind, 'inProcess'>;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Everything that holds now. */
export interface Policy {
  readonly rules: readonly PolicyRules[];
  readonly broken: readonly BrokenPolicy[];
  readonly consents: readonly Consent[];
}
