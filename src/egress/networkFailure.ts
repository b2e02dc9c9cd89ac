/** What sockets die of becomes a sentence here: which host, seen from which machine, and what to do. Pure. */
import { Failure, type FailureKind } from '../base/failure.ts';
import type { Side } from './route.ts';

/** Whom a connection was meant for, and who made it. */
export interface Ends {
  /** As people know it: `host:port`, or a socket's path. */
  readonly host: string;
  readonly side: Side;
}

/** An error of Node's sockets, TLS, HTTP parser or resolver as a failure. A failure stays what it is. */
export function networkFailure(error: unknown, ends: Ends): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const failure = (kind: FailureKind, message: string, isPassing = false): Failure =>
    new Failure(kind, message, { cause: error, facts: { host: ends.host }, isPassing });
  const certificate = certificateSentence(code, ends);
  if (certificate !== undefined) return failure('tls', certificate);
  if (isOfProxy(error)) {
    const sentence =
      `The proxy on the way to ${ends.host} does not answer. ` +
      'VS Code takes it from its settings "http.proxy" and "http.noProxy", or from the system.';
    return failure('unreachable', sentence);
  }
  if (code.startsWith('HPE_')) return failure('badResponse', `What answers at ${ends.host} does not speak HTTP.`);
  const [sentence, isPassing = false] = connectionSentence(code, ends);
  return failure('unreachable', sentence, isPassing);
}

/** The connection ended while the answer was read. */
export function cutShort(error: unknown, { host }: Ends): Failure {
  if (error instanceof Failure) return error;
  const isNoHttp = codeOf(error).startsWith('HPE_');
  return isNoHttp
    ? new Failure('badResponse', `${host} broke off its answer with what is no HTTP.`, {
        cause: error,
        facts: { host },
      })
    : new Failure('unreachable', `${host} closed the connection in the middle of its answer.`, {
        cause: error,
        facts: { host },
        isPassing: true,
      });
}

/** Nothing came for so long. */
export function silent({ host }: Ends, silenceMs: number): Failure {
  const seconds = Math.round(silenceMs / 1000);
  return new Failure('unreachable', `${host} has sent nothing for ${seconds} s, so Paddock stopped waiting.`, {
    facts: { host },
    action: 'openSettings',
  });
}

/** No connection within the time that connecting may take. */
export function tooSlow({ host, side }: Ends, limitMs: number): Failure {
  const sentence = `${upper(nameOf(side))} could not connect to ${host} within ${limitMs / 1000} s.`;
  return new Failure('unreachable', sentence, { facts: { host } });
}

/** The connection led to another machine than the one that was promised; nothing was sent. */
export class Elsewhere extends Failure {
  constructor({ host }: Ends) {
    const sentence =
      `The connection to ${host} led to another address than its name stands for, so nothing was sent. ` +
      "A proxy may stand between that VS Code's settings do not name.";
    super('unreachable', sentence, { facts: { host }, isPassing: true });
  }
}

/** Somebody stopped it. */
export function stopped(): Failure {
  return new Failure('aborted', 'Stopped.');
}

/** [what to say, whether the same may work in a moment] */
function connectionSentence(code: string, { host, side }: Ends): readonly [string, boolean?] {
  const here = nameOf(side);
  switch (code) {
    case 'ECONNREFUSED':
      return [`Nothing answers at ${host}, asked from ${here}. Is the server running?`];
    case 'ENOENT':
    case 'EACCES':
      return [`There is no socket at ${host} on ${here} that Paddock may use.`];
    case 'ENOTFOUND':
      return [`${upper(here)} cannot find ${host}: its DNS knows no such name.`];
    case 'EAI_AGAIN':
      return [`${upper(here)} cannot find ${host}: its DNS does not answer.`, true];
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return [`${upper(here)} has no way to ${host}.`];
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return [`${host} closed the connection before it answered ${here}.`, true];
    default:
      return [`The connection from ${here} to ${host} failed${code === '' ? '' : ` (${code})`}.`];
  }
}

/** @returns `undefined` when it has nothing to do with TLS. */
function certificateSentence(code: string, { host, side }: Ends): string | undefined {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `The certificate of ${host} has expired. Whoever runs that server has to renew it.`;
    case 'CERT_NOT_YET_VALID':
      return `The certificate of ${host} is not valid yet. Is the clock of ${nameOf(side)} right?`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return (
        `The certificate of ${host} was made for another name, so that server may be somebody else. ` +
        'Use the name that the certificate is for.'
      );
    case 'CERT_REVOKED':
    case 'CERT_REJECTED':
      return `The certificate of ${host} was taken back by its authority. Nothing was sent.`;
    default:
  }
  if (/^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/.test(code)) {
    return (
      `${upper(nameOf(side))} does not trust the certificate of ${host}. If it is your company's or your own, install ` +
      `its authority in that system's certificate store and leave VS Code's setting "http.systemCertificates" on.`
    );
  }
  if (/^(EPROTO|ERR_SSL_|ERR_TLS_)/.test(code)) {
    return `${host} and ${nameOf(side)} found no common encryption. Does its address begin with "http://"?`;
  }
  return undefined;
}

/** VS Code's own words, which come without a code. */
function isOfProxy(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Failed to establish a socket connection to proxies');
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function nameOf({ remote }: Side): string {
  return remote === undefined ? 'this computer' : `the remote host ${remote}`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
