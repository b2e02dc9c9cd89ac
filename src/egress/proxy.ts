/** "Does a proxy stand between?" is answered here, the way VS Code will decide it. Pure. */
import { exposureOf, isAddress, isLocalhost } from './exposure.ts';
import type { Origin } from './origin.ts';

/** What is announced about a proxy, by settings or by the environment VS Code was started in. */
export interface Proxy {
  /** `undefined`: none is. */
  readonly url: string | undefined;
  /** Hosts that are asked directly: `example.com` (and what is below), `host:port`, `*`. VS Code knows no ranges. */
  readonly noProxy: readonly string[];
  /** VS Code puts the proxy in place of no agent only: a request that brings its own is sent directly. Absent: always. */
  readonly leavesAgents?: boolean;
}

export const noProxy: Proxy = { url: undefined, noProxy: [] };

/** A proxy that was met on the way to where nobody announced one. */
export const unannounced: Proxy = { url: 'unannounced', noProxy: [] };

/** Whether requests to the origin go through the proxy. VS Code never proxies this computer's own addresses. */
export function isProxied({ host, port, socketPath }: Origin, proxy: Proxy): boolean {
  if (proxy.url === undefined || socketPath !== undefined || isOwn(host)) return false;
  return !proxy.noProxy.some((entry) => matches(entry.trim().toLowerCase(), host, port));
}

function isOwn(host: string): boolean {
  return isLocalhost(host) || (isAddress(host) && exposureOf(host) === 'loopback');
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry === '') return false;
  if (isAddress(entry)) return entry === host;
  const [name = '', onlyPort] = entry.split(':', 2);
  const domain = name.startsWith('.') ? name : `.${name}`;
  return `.${host}`.endsWith(domain) && (onlyPort === undefined || onlyPort === String(port));
}
