import { describe, expect, it } from 'vitest';
import { asFailure, Failure } from '../../src/base/failure.ts';
import { failureLine } from '../../src/editor/failureLine.ts';

describe('a failure in the log', () => {
  it('has its kind, our own words, its facts and where it arose', () => {
    const failure = new Failure('badResponse', 'Nobody understands it.', { facts: { host: 'a.example', status: 502 } });
    const [head, ...frames] = failureLine(failure).split('\n');
    expect(head).toBe('badResponse: Nobody understands it. host=a.example status=502');
    expect(frames[0]).toMatch(/^\s+at .*failureLine\.test\.ts/);
  });

  it('has no word of an error that is not ours, even one that looks like a place in the code', () => {
    const error = new TypeError('cannot read "const secret = 1"\n    at secret (secret.ts:1:1)');
    const line = failureLine(asFailure(error, 'unexpected', 'showLog'));
    expect(line).not.toContain('secret');
    expect(line).toMatch(/^unexpected\n\s+at /);
    expect(line).toMatch(/\nfrom TypeError\n\s+at .*failureLine\.test\.ts/);
  });

  it('has no word of what was thrown and is no error, nor of a stack that does not hold its message', () => {
    expect(failureLine(asFailure('secret', 'unexpected'))).not.toContain('secret');
    const error = new Error('first');
    error.message = 'other';
    error.stack = 'Error: first\n    at secret (secret.ts:1:1)';
    expect(failureLine(asFailure(error, 'unexpected'))).not.toContain('secret');
  });
});
