/** The cache of everything fetched: whole or not at all, by one process at a time. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheFolder, cachePath, makeOnce, tryLock, withLock } from '../../scripts/lib/cache.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'paddock-cache-test-'));
  vi.stubEnv('PADDOCK_CACHE', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the cache folder', () => {
  it.each([
    [{ PADDOCK_CACHE: '/mine' }, 'linux', '/mine'],
    [{ XDG_CACHE_HOME: '/xdg' }, 'linux', '/xdg/paddock'],
    [{}, 'linux', '/home/me/.cache/paddock'],
    [{}, 'darwin', '/home/me/Library/Caches/paddock'],
    [{ LOCALAPPDATA: '/local' }, 'win32', '/local/paddock'],
  ] as const)('for %j on %s is %s', (environment, platform, expected) => {
    expect(cacheFolder(environment, platform, '/home/me')).toBe(expected);
  });
});

describe('a step of the cache', () => {
  it('is done once', async () => {
    const make = vi.fn((temporary: string) => write(temporary, 'whole'));
    expect(await makeOnce('a/b', make)).toBe(cachePath('a', 'b'));
    await makeOnce('a/b', make);
    expect(make).toHaveBeenCalledTimes(1);
    expect(readFileSync(cachePath('a', 'b'), 'utf8')).toBe('whole');
  });

  it('leaves nothing under its name when it fails, and starts afresh the next time', async () => {
    const failing = async (temporary: string) => {
      mkdirSync(temporary);
      await write(path.join(temporary, 'half'), '');
      throw new Error('line cut');
    };
    await expect(makeOnce('tool', failing)).rejects.toThrow('line cut');
    expect(existsSync(cachePath('tool'))).toBe(false);
    await makeOnce('tool', async (temporary) => {
      mkdirSync(temporary);
      await write(path.join(temporary, 'all'), '');
    });
    expect(readdirSync(cachePath('tool'))).toEqual(['all']);
  });

  it('is done once by two that ask at the same time', async () => {
    const make = vi.fn((temporary: string) => write(temporary, ''));
    await Promise.all([makeOnce('same', make), makeOnce('same', make)]);
    expect(make).toHaveBeenCalledTimes(1);
  });
});

describe('a lock', () => {
  it('lets one in at a time, and tells the other whom it waits for', async () => {
    const order: string[] = [];
    const onWait = vi.fn();
    let finish = () => {};
    const first = withLock('door', async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('first');
    });
    const second = withLock('door', async () => void order.push('second'), { onWait });
    await vi.waitFor(() => expect(onWait).toHaveBeenCalledWith(`process ${process.pid}`));
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('is free again after its holder failed', async () => {
    await expect(withLock('door', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(tryLock('door')).toBeTypeOf('function');
  });

  it('is refused while somebody has it, and given after', () => {
    const giveBack = tryLock('room');
    expect(tryLock('room')).toBeUndefined();
    giveBack?.();
    expect(tryLock('room')).toBeTypeOf('function');
  });

  it('of a process that died is taken over at once', async () => {
    tryLock('dead')?.();
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const giveBack = tryLock('dead');
    const [lockFile] = readdirSync(cachePath('locks'));
    writeFileSync(
      cachePath('locks', String(lockFile)),
      JSON.stringify({ token: 'x', processId: dead, host: hostname() }),
    );
    expect(await withLock('dead', () => Promise.resolve('in'))).toBe('in');
    giveBack?.();
  });
});

async function write(file: string, text: string): Promise<void> {
  await Promise.resolve();
  writeFileSync(file, text);
}
