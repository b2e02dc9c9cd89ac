import { createHash } from 'node:crypto';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Checksums, type Checksum } from '../../src/weights/checksums.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LogLines } from '../support/log.ts';

function setUp(kept = new Map<string, Checksum>()) {
  const clock = new FakeClock();
  const log = new LogLines();
  const store = {
    get: (file: string) => kept.get(file),
    set: (file: string, sum: Checksum) => void kept.set(file, sum),
  };
  const sums = new Checksums({ store, clock, log });
  /** Lets the file be read: real reads, pauses of a clock that stands still. */
  const finish = async (): Promise<void> => {
    let isDone = false;
    const done = sums.settled().then(() => (isDone = true));
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(10_000);
    }
    await done;
  };
  return { sums, finish, kept, clock, log };
}

function file(bytes: Buffer): { readonly path: string; readonly sha256: string } {
  const path = join(temporaryFolder(), 'm.gguf');
  writeFileSync(path, bytes);
  return { path, sha256: createHash('sha256').update(bytes).digest('hex') };
}

test('a file is summed up once it was loaded, step by step, and until then nothing is known', async () => {
  const { path, sha256 } = file(Buffer.alloc(2_500_000, 'weights'));
  const { sums, finish, kept } = setUp();
  expect(sums.of(path)).toBeUndefined();
  sums.learn([path]);
  expect(sums.of(path)).toBeUndefined();
  await finish();
  expect(sums.of(path)).toBe(sha256);
  expect(kept.get(path)).toMatchObject({ bytes: 2_500_000, sha256 });
});

test('what is kept holds without reading the file again, until it changes', async () => {
  const { path } = file(Buffer.from('one'));
  const first = setUp();
  first.sums.learn([path]);
  await first.finish();
  const kept = new Map([...first.kept].map(([name, sum]) => [name, { ...sum, sha256: 'as kept' }]));
  const second = setUp(kept);
  second.sums.learn([path]);
  await second.sums.settled();
  expect(second.sums.of(path)).toBe('as kept');
  appendFileSync(path, ' more');
  second.sums.learn([path]);
  await second.finish();
  expect(second.sums.of(path)).toBe(createHash('sha256').update('one more').digest('hex'));
});

test('a file that cannot be read is said once, and the next one is summed up', async () => {
  const [gone, there] = [file(Buffer.from('gone')), file(Buffer.from('there'))];
  rmSync(gone.path);
  const { sums, finish, log } = setUp();
  sums.learn([gone.path, there.path]);
  await finish();
  expect([sums.of(gone.path), sums.of(there.path)]).toEqual([undefined, there.sha256]);
  expect(log.lines).toEqual([expect.stringContaining('ENOENT')]);
});

test('the end of the window ends the work quietly', async () => {
  const { path } = file(Buffer.alloc(3_000_000));
  const { sums, clock, log } = setUp();
  sums.learn([path]);
  await new Promise((resolve) => setImmediate(resolve));
  sums.dispose();
  await sums.settled();
  expect([sums.of(path), log.lines, clock.waiting]).toEqual([undefined, [], 0]);
});

test('a changed file is unknown at once, though another one is being summed up', async () => {
  const [changing, other] = [file(Buffer.from('one')), file(Buffer.from('other'))];
  const { sums, finish, clock } = setUp();
  sums.learn([changing.path]);
  await finish();
  sums.learn([other.path]);
  await vi.waitFor(() => expect(clock.waiting).toBe(1));
  appendFileSync(changing.path, ' more');
  sums.learn([changing.path]);
  await vi.waitFor(() => expect(sums.of(changing.path)).toBeUndefined());
  expect(sums.of(other.path)).toBeUndefined();
  await finish();
  expect(sums.of(changing.path)).toBe(createHash('sha256').update('one more').digest('hex'));
});
