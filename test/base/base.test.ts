import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../src/base/emitter.ts';
import { asFailure, Failure, isAbort } from '../../src/base/failure.ts';
import { pause } from '../../src/base/pause.ts';
import { onEnd, Store } from '../../src/base/store.ts';
import { FakeClock } from '../support/clock.ts';

describe('a store', () => {
  it('ends what it owns, newest first, once', () => {
    const ended: string[] = [];
    const store = new Store();
    store.add(onEnd(() => ended.push('first')));
    store.add(onEnd(() => ended.push('second')));
    store.dispose();
    store.dispose();
    expect(ended).toEqual(['second', 'first']);
    expect(store.size).toBe(0);
  });

  it('ends at once what is added after its own end', () => {
    const store = new Store();
    store.dispose();
    const end = vi.fn<() => void>();
    store.add(onEnd(end));
    expect(end).toHaveBeenCalledOnce();
  });

  it('can let one item go early', () => {
    const store = new Store();
    const end = vi.fn<() => void>();
    const item = store.add(onEnd(end));
    store.release(item);
    expect([end.mock.calls.length, store.size]).toEqual([1, 0]);
  });
});

describe('an emitter', () => {
  it('tells every listener in order, even when one throws', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    emitter.event(() => {
      throw new Error('deaf');
    });
    emitter.event((value) => heard.push(`b${value}`));
    expect(() => emitter.fire(1)).toThrow('deaf');
    expect(heard).toEqual(['b1']);
  });

  it('tells a listener that was added twice twice, and stops when it leaves', () => {
    const emitter = new Emitter<number>();
    const heard: number[] = [];
    const listener = (value: number): void => void heard.push(value);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    expect(heard).toEqual([1, 1, 2]);
  });
});

describe('a failure', () => {
  it('stays itself, an abort stays an abort, and anything else becomes the given kind', () => {
    const failure = new Failure('noModel', 'No model is chosen yet.');
    expect(asFailure(failure, 'unexpected')).toBe(failure);
    expect(asFailure(new DOMException('x', 'AbortError'), 'unexpected').kind).toBe('aborted');
    const wrapped = asFailure(new TypeError('x is not y'), 'diskFailed', 'showLog');
    expect(wrapped).toMatchObject({ kind: 'diskFailed', message: 'x is not y', action: 'showLog' });
    expect(wrapped.cause).toBeInstanceOf(TypeError);
    expect(isAbort(wrapped)).toBe(false);
  });
});

describe('a pause', () => {
  it('ends when its time has come and not before', async () => {
    const clock = new FakeClock();
    const done = vi.fn<() => void>();
    void pause(clock, 100).then(done);
    await clock.advance(99);
    expect(done).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(done).toHaveBeenCalledOnce();
  });

  it('throws when stopped and leaves no timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const waiting = pause(clock, 100, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
    await expect(pause(clock, 100, controller.signal)).rejects.toMatchObject({ kind: 'aborted' });
    expect(clock.waiting).toBe(0);
  });
});
