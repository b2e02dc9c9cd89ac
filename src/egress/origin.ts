/** A URL becomes the one place its requests may go to here. Pure. */
import { Failure } from '../base/failure.ts';
import { originOf } from '../models/choose.ts';

/** The place a passage leads to: scheme, host and port, or a Unix socket. */
export interface Origin {
  /** What keys and consents are tied to: `https://api.openai.com`, `unix:/run/llama.sock`. */
  readonly id: string;
  /** Lower case, IPv6 without brackets, without a dot at the end; for a socket its path. */
  readonly host: string;
  readonly port: number;
  /** For people and the ledger: `host:port` as asked for, or the socket's path. */
  readonly shown: string;
  readonly isSecure: boolean;
  /** Absolute; `undefined`: it is reached over TCP. */
  readonly socketPath: string | undefined;
}

/** Requests through a Unix socket have to be written as some URL: this one's paths. */
const socketUrl = 'http://localhost';

/**
 * Reads where a URL leads: `http`, `https`, or `unix:/path` for a socket. Odd spellings of addresses (decimal, octal,
 * hexadecimal, short) come out as what they mean.
 * @throws Failure `requestInvalid` for every other scheme, for a user name or password in it, and for what is no URL.
 */
export function originFrom(text: string): Origin {
  const url = URL.parse(text);
  if (url === null) throw invalid(`"${text}" is not the address of a server.`);
  const { protocol, username, password, hostname, port, host, pathname } = url;
  if (username !== '' || password !== '') throw invalid(`The address of ${host} has a user name or password in it.`);
  if (protocol === 'unix:') {
    const path = host === '' && pathname.startsWith('/') ? decoded(pathname) : undefined;
    if (path === undefined) throw invalid(`"${text}" is not the path of a socket.`);
    return { id: originOf(text), host: path, port: 0, shown: path, isSecure: false, socketPath: path };
  }
  if (protocol !== 'http:' && protocol !== 'https:') throw invalid(`Servers are not reached by "${protocol}".`);
  const isSecure = protocol === 'https:';
  return {
    id: originOf(text),
    host: bareHost(hostname),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    shown: host,
    isSecure,
    socketPath: undefined,
  };
}

/** The path and query of a request's URL, if it stays with the origin; `undefined`: it would leave it. */
export function pathWithin(origin: Origin, url: URL): string | undefined {
  const expected = origin.socketPath === undefined ? origin.id : socketUrl;
  const isWithin = url.origin === expected && url.username === '' && url.password === '';
  return isWithin ? url.pathname + url.search : undefined;
}

/** `undefined`: it has a "%" that stands for nothing. */
function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined; // the caller says so
  }
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function invalid(message: string): Failure {
  return new Failure('requestInvalid', message, { action: 'openSettings' });
}
