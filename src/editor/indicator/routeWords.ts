/** Routes become words for people here. Pure. */
import type { Route, RouteKind } from '../../ledger/entry.ts';

/** Where a route ends, in words for people. @param server who runs there, where that is known. */
export function placeOf(route: Route, server?: string): string {
  const where = route.remote === undefined ? '' : ` @${route.remote}`;
  switch (route.kind) {
    case 'inProcess':
      return route.remote === undefined ? 'this computer' : `remote host${where}`;
    case 'loopback': {
      if (route.evidence === 'assumed') return `this computer, may forward${where}`;
      return `this computer${server === undefined ? '' : ` (${server})`}${where}`;
    }
    case 'private':
      return `private network${where}`;
    case 'internet':
      return `${server ?? `internet: ${route.forwardsTo ?? route.host ?? 'unknown host'}`}${where}`;
  }
}

/** Whether what is sent there is read by nobody but this computer. */
export function isOwn({ kind, evidence }: Route): boolean {
  return kind === 'inProcess' || (kind === 'loopback' && evidence === 'verified');
}

/** A server on this computer that did not say that it holds its model. */
export function mayForward({ kind, evidence }: Route): boolean {
  return kind === 'loopback' && evidence === 'assumed';
}

/** From the least to the most exposed. */
export const exposure: readonly RouteKind[] = ['inProcess', 'loopback', 'private', 'internet'];

/** A codicon for these routes: of several the most exposed is drawn. */
export function placeIcon(routes: readonly Route[]): string {
  const worst = Math.max(...routes.map(({ kind }) => exposure.indexOf(kind)));
  switch (exposure[worst]) {
    case 'private':
      return 'server';
    case 'internet':
      return 'cloud';
    default:
      return routes.some(mayForward) ? 'question' : 'device-desktop';
  }
}
