import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { cutShort, networkFailure } from '../../src/egress/networkFailure.ts';

const ends = { host: 'gpu.corp:8000', side: { remote: undefined } };
const far = { host: 'gpu.corp:8000', side: { remote: 'build-box' } };
const withCode = (code: string): Error => Object.assign(new Error(`something ${code}`), { code });

describe('what a socket dies of', () => {
  it.each([
    [
      'ECONNREFUSED',
      'unreachable',
      false,
      'Nothing answers at gpu.corp:8000, asked from this computer. Is the server running?',
    ],
    ['ENOTFOUND', 'unreachable', false, 'This computer cannot find gpu.corp:8000: its DNS knows no such name.'],
    ['EAI_AGAIN', 'unreachable', true, 'This computer cannot find gpu.corp:8000: its DNS does not answer.'],
    ['EHOSTUNREACH', 'unreachable', false, 'This computer has no way to gpu.corp:8000.'],
    ['ECONNRESET', 'unreachable', true, 'gpu.corp:8000 closed the connection before it answered this computer.'],
    ['EPIPE', 'unreachable', true, 'gpu.corp:8000 closed the connection before it answered this computer.'],
    ['EMFILE', 'unreachable', false, 'The connection from this computer to gpu.corp:8000 failed (EMFILE).'],
    ['HPE_INVALID_CONSTANT', 'badResponse', false, 'What answers at gpu.corp:8000 does not speak HTTP.'],
  ])('%s is %s', (code, kind, isPassing, message) => {
    expect(networkFailure(withCode(code), ends)).toMatchObject({
      kind,
      isPassing,
      message,
      facts: { host: ends.host },
    });
  });

  it.each([
    ['CERT_HAS_EXPIRED', /has expired/],
    ['CERT_NOT_YET_VALID', /clock of this computer/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /made for another name/],
    ['CERT_REVOKED', /taken back/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /http\.systemCertificates/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /http\.systemCertificates/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /http\.systemCertificates/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /http\.systemCertificates/],
    ['CERT_UNTRUSTED', /http\.systemCertificates/],
    ['EPROTO', /begin with "http:\/\/"/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /begin with "http:\/\/"/],
  ])('%s is about encryption, names the host and what to do', (code, words) => {
    const failure = networkFailure(withCode(code), ends);
    expect(failure).toMatchObject({ kind: 'tls', isPassing: false });
    expect(failure.message).toMatch(words);
    expect(failure.message).toContain(ends.host);
  });

  it('says which machine asked, when that is not the one with the window', () => {
    expect(networkFailure(withCode('ENOTFOUND'), far).message).toBe(
      'The remote host build-box cannot find gpu.corp:8000: its DNS knows no such name.',
    );
  });

  it('names the proxy, when it was that', () => {
    const error = new Error('Failed to establish a socket connection to proxies: PROXY 10.0.0.1:3128');
    expect(networkFailure(error, ends).message).toContain('http.proxy');
  });

  it('stays what it is, when somebody said it already', () => {
    const failure = new Failure('aborted', 'Stopped.');
    expect([networkFailure(failure, ends), cutShort(failure, ends)]).toEqual([failure, failure]);
    expect(networkFailure('odd', ends)).toMatchObject({ kind: 'unreachable' });
  });

  it('in the middle of an answer is a cut, or no HTTP any more', () => {
    expect(cutShort(withCode('ECONNRESET'), ends)).toMatchObject({ kind: 'unreachable', isPassing: true });
    expect(cutShort(undefined, ends)).toMatchObject({ kind: 'unreachable', isPassing: true });
    expect(cutShort(withCode('HPE_INVALID_CHUNK_SIZE'), ends)).toMatchObject({ kind: 'badResponse', isPassing: false });
  });
});
