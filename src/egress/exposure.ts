/** "How far away is this address?" is answered here. Pure. */
import ipaddr from 'ipaddr.js';
import type { RouteKind } from '../ledger/entry.ts';

/** How exposed one hop over the network is. */
export type Exposure = Exclude<RouteKind, 'inProcess'>;

/** From the least to the most exposed. */
const exposures: readonly Exposure[] = ['loopback', 'private', 'internet'];

/** Whether the first is farther out than the second. */
export function isMoreExposed(hop: Exposure, other: Exposure): boolean {
  return exposures.indexOf(hop) > exposures.indexOf(other);
}

/**
 * An address range is a fact about numbers, not about who owns the machine: `private` are RFC 1918, unique local
 * (RFC 4193), link-local and shared address space (RFC 6598: carriers, Tailscale). Everything that is not known to stay
 * near counts as the internet: transition prefixes (NAT64, 6to4, Teredo) whatever address they wrap, benchmarking and
 * reserved ranges (proxies answer from these), deprecated site-local ones, and what is no address at all.
 */
export function exposureOf(address: string): Exposure {
  switch (parsed(address)?.range()) {
    case 'loopback':
      return 'loopback';
    case 'private':
    case 'uniqueLocal':
    case 'linkLocal':
    case 'carrierGradeNat':
      return 'private';
    default:
      return 'internet';
  }
}

/** Of several the most exposed, since any of them may answer. @param addresses at least one. */
export function mostExposed(addresses: readonly string[]): Exposure {
  const worst = Math.max(...addresses.map((address) => exposures.indexOf(exposureOf(address))));
  return exposures[worst] ?? 'internet';
}

/** Whether it stands for no machine: `0.0.0.0` and `::` (where a server may listen), broadcast, multicast. */
export function isNowhere(address: string): boolean {
  return ['unspecified', 'broadcast', 'multicast'].includes(parsed(address)?.range() ?? '');
}

/** Whether a host is an address, so that nothing is looked up. */
export function isAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);
}

/** Whether a name is this computer by definition (RFC 6761), so that nobody is asked for its address. */
export function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Whether two spellings are one address: IPv4-mapped is IPv4, a zone only says by which interface. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [parsed(one), parsed(other)];
  return a !== undefined && b !== undefined && bare(a.toNormalizedString()) === bare(b.toNormalizedString());
}

function parsed(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // `::127.0.0.1` is the long deprecated "IPv4-compatible" form, which systems send to an IPv6 router, not to loopback.
  const isCompatible = /^::\d+\.\d+\.\d+\.\d+$/.test(address);
  if (!isAddress(address) || isCompatible) return undefined;
  return ipaddr.process(address);
}

function bare(address: string): string {
  return address.replace(/%.*$/, '');
}
