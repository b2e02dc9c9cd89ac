/** A model's place becomes a route here. Pure. */
import type { Route } from '../ledger/entry.ts';
import type { EmbeddedModel } from '../models/model.ts';
import { isAddress, isLocalhost, mostExposed, type Exposure } from './exposure.ts';
import type { Origin } from './origin.ts';
import { isProxied, type Proxy } from './proxy.ts';

/** Where this extension itself runs: on the machine with the window, or on a remote host it is connected to. */
export interface Side {
  /** The remote host's name; `undefined` on the machine with the window. */
  readonly remote: string | undefined;
}

/** Whether the program that answers holds the weights itself. */
export type ServerNature = 'unknown' | 'holdsWeights' | 'forwards';

/** What is known of the program behind an origin. */
export interface Program {
  readonly nature: ServerNature;
  /** Where it passes the bytes on to; only when its nature is `forwards`. */
  readonly forwardsTo?: string | undefined;
}

/** The way to the first machine: how exposed it is, and whether that is known or hidden. */
export interface Hop {
  readonly exposure: Exposure;
  /** Its addresses are known and the connection is held to them. */
  readonly isKnown: boolean;
}

/** The route to a model in our own engine: a child process that we start ourselves and that opens no connection. */
export function routeTo(_model: EmbeddedModel, side: Side): Route {
  return { kind: 'inProcess', evidence: 'verified', host: undefined, remote: side.remote };
}

/** The route to a server, from the way to the first machine and from what is known of the program there. */
export function routeOver(hop: Hop, { shown: host }: Origin, program: Program, { remote }: Side): Route {
  const { nature, forwardsTo } = program;
  if (nature === 'forwards') {
    const beyond = forwardsTo === undefined ? {} : { forwardsTo };
    return { kind: 'internet', evidence: 'assumed', host, remote, ...beyond };
  }
  // Nothing is more exposed than the internet, so there it does not matter whether the bytes are passed on.
  const isSeen = hop.isKnown && (nature === 'holdsWeights' || hop.exposure === 'internet');
  return { kind: hop.exposure, evidence: isSeen ? 'verified' : 'assumed', host, remote };
}

/**
 * The first machine. A proxy hides it: only a literal private address stays what it says, since names may lie. What
 * nobody resolved counts as the internet, but for literal addresses and names that say where they are.
 * @param addresses every address its name stands for; `undefined`: nobody resolved it, or the proxy will.
 */
export function hopTo(origin: Origin, addresses: readonly string[] | undefined, proxy: Proxy): Hop {
  const { host, socketPath } = origin;
  if (socketPath !== undefined || isLocalhost(host)) return { exposure: 'loopback', isKnown: true };
  if (isProxied(origin, proxy)) {
    return { exposure: isAddress(host) ? mostExposed([host]) : 'internet', isKnown: false };
  }
  if (isAddress(host)) return { exposure: mostExposed([host]), isKnown: true };
  if (addresses !== undefined && addresses.length > 0) return { exposure: mostExposed(addresses), isKnown: true };
  return { exposure: host.endsWith('.local') ? 'private' : 'internet', isKnown: false };
}
