/**
 * "Is this that host?" is answered here: every spelling of one host becomes the same name before it is compared, so
 * that no rule is passed by writing the host another way. Pure.
 */
import ipaddr from 'ipaddr.js';

/** Where something listens, in the one spelling that is compared. */
export interface Place {
  /** DNS name in lower case and ASCII, IP address in its short form, `localhost`, or `unix:/path`. */
  readonly name: string;
  /** `undefined`: not told. */
  readonly port: number | undefined;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * The place that a URL, a host, a host with a port or a socket's path names. `localhost` and the addresses of this
 * computer are one place. What cannot be understood is kept as it is, so that it equals itself only.
 */
export function placeOf(text: string): Place {
  const trimmed = text.trim();
  if (/^(unix:)?\//.test(trimmed)) return { name: `unix:${trimmed.replace(/^unix:/, '')}`, port: undefined };
  const [, scheme, rest = ''] = /^(?:([a-z][a-z\d+.-]*):\/\/)?(.*)$/is.exec(trimmed) ?? [];
  const authority = rest.replace(/[/?#].*$/s, '').replace(/^.*@/s, '');
  const [, bracketed, bare = authority, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/s.exec(authority) ?? [];
  const implied = scheme === undefined ? undefined : defaultPorts[scheme.toLowerCase()];
  return { name: nameOf(bracketed ?? bare), port: port === undefined ? implied : Number(port) };
}

/**
 * Whether a rule's pattern means the place: a host, `*.` before one for every name below it, or `*` for any; a port
 * behind it counts too.
 * @param whenPortUnknown the answer where the pattern has a port and the place has none.
 */
export function matchesHost(pattern: string, place: Place, whenPortUnknown: boolean): boolean {
  const [, star, rest = ''] = /^(\*\.?)?(.*)$/s.exec(pattern.trim()) ?? [];
  const isAny = star === '*' && /^(:\d+)?$/.test(rest);
  const wanted = isAny ? { name: '', port: rest === '' ? undefined : Number(rest.slice(1)) } : placeOf(rest);
  const isName = isAny || (star === '*.' ? place.name.endsWith(`.${wanted.name}`) : place.name === wanted.name);
  if (!isName || wanted.port === undefined) return isName;
  return place.port === undefined ? whenPortUnknown : place.port === wanted.port;
}

/** What is wrong with a pattern, a sentence's middle; `undefined`: nothing. */
export function hostPatternProblem(pattern: string): string | undefined {
  const trimmed = pattern.trim();
  if (trimmed === '') return 'a host is empty';
  if (/^unix:\/|^\*(:\d+)?$/.test(trimmed)) return undefined;
  const rest = trimmed.replace(/^\*\./, '');
  if (rest.includes('*')) return `in "${pattern}" the "*" is not at the beginning with a dot behind it`;
  if (/[/@?#\s]/.test(rest)) return `"${pattern}" is no host: write it without scheme, user, path or address range`;
  const { name, port } = placeOf(rest);
  if (port !== undefined && (port < 1 || port > 65_535)) return `"${pattern}" has no such port`;
  const isAddress = ipaddr.isValid(name);
  if (rest !== trimmed && isAddress) return `"${pattern}" puts "*." before an address`;
  const isReadable = isAddress || (name !== '' && !/[^a-z\d._-]|\.\./.test(name));
  return isReadable ? undefined : `"${pattern}" is no host`;
}

/** Whether the place is an address, a socket or this computer by its name: nothing that a DNS server could move. */
export function isLiteral({ name }: Place): boolean {
  return name === 'localhost' || name.startsWith('unix:') || ipaddr.isValid(name);
}

function nameOf(host: string): string {
  const name = host.includes(':') ? host.replace(/%.*$/s, '') : asciiOf(host);
  const address = ipaddr.isValid(name) ? ipaddr.process(name) : undefined;
  const range = address?.range();
  const isThisComputer = range === 'loopback' || range === 'unspecified' || /^(.*\.)?localhost$/.test(name);
  return isThisComputer ? 'localhost' : (address?.toString() ?? name);
}

/** As a browser would write it: punycode, lower case, addresses with four numbers, no dot at the end. */
function asciiOf(host: string): string {
  const bare = (name: string): string => name.toLowerCase().replace(/\.+$/, '');
  try {
    return bare(new URL(`http://${bare(host)}`).hostname);
  } catch {
    return bare(host); // no host at all: it equals itself only
  }
}
