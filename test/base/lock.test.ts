import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stateOf, thisHolder } from '../../src/base/holder.ts';
import { FolderLock } from '../../src/base/lock.ts';
import { FakeClock } from '../support/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { firstWord, outputOf, source, startNode } from '../support/nodeChild.ts';

/** Marks the lock as held by somebody, as a holder does it. */
function hold(path: string, holder: string, turn = 'turn'): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, `${holder}.${turn}`), '');
}

const [, , place = ''] = thisHolder.split('.');
/** Larger than any number a system gives to a process. */
const nobody = `99999999.5.${place}`;
const elsewhere = '1.5.another0place';

describe('whether a process still runs', () => {
  it('is known of this one, of one that was killed, and of a number that was given again', async () => {
    expect(stateOf(thisHolder)).toBe('running');
    expect(stateOf(nobody)).toBe('gone');
    const child = startNode(
      `import { thisHolder } from ${source('base/holder.ts')}; process.stdout.write(thisHolder); setInterval(() => {}, 1000);`,
    );
    let holder = '';
    child.stdout?.on('data', (bytes: Buffer) => (holder += bytes.toString()));
    await firstWord(child);
    expect(stateOf(holder)).toBe('running');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(stateOf(holder)).toBe('gone');
    const sameNumber = [process.pid, '5', place].join('.');
    expect(stateOf(sameNumber)).toBe('gone');
  });

  it('is unsure of other computers, of systems that do not tell, and of what is no process', () => {
    for (const holder of [elsewhere, `${process.pid}.x.${place}`, 'nonsense', ''])
      expect(stateOf(holder)).toBe('unsure');
  });
});

describe('a lock', () => {
  const pathIn = () => join(temporaryFolder(), 'lock');

  it('lets one in at a time, gives back what the work gives, and is free after work that throws', () => {
    const path = pathIn();
    const [first, second] = [new FolderLock(path), new FolderLock(path)];
    const inside = first.tryNow(() => second.tryNow(() => 'two at once'));
    expect(inside).toEqual({ value: undefined });
    expect(() => second.tryNow(() => failing())).toThrow('the work failed');
    expect(first.tryNow(() => 7)).toEqual({ value: 7 });
  });

  it('is taken at once from a holder that is dead, and what it had prepared is cleared away', () => {
    const path = pathIn();
    hold(path, nobody);
    hold(`${path}-${nobody}.another`, nobody);
    expect(new FolderLock(path).tryNow(() => 'in')).toEqual({ value: 'in' });
    expect(readdirSync(join(path, '..'))).toEqual(['lock']);
  });

  it('is never taken from a holder that runs: after a while the user is told that it hangs', async () => {
    const path = pathIn();
    hold(path, thisHolder);
    const clock = new FakeClock();
    const waiting = expect(new FolderLock(path).inTurn(() => 'in', clock)).rejects.toMatchObject({
      kind: 'diskFailed',
    });
    await clock.advance(60_000);
    await waiting;
    expect(readdirSync(path)).toHaveLength(1);
  });

  it('is taken from a holder nobody can ask after once the same turn has lasted half a minute awake', async () => {
    const path = pathIn();
    hold(path, elsewhere, 'first');
    const clock = new FakeClock();
    const waiting = new FolderLock(path).inTurn(() => clock.now(), clock);
    const startedMs = clock.now();
    await clock.advance(20_000);
    hold(path, elsewhere, 'first');
    await clock.advance(60_000);
    expect((await waiting) - startedMs).toBeGreaterThan(30_000);
    hold(path, elsewhere, 'second');
    expect(new FolderLock(path).tryNow(() => 'in')).toBeUndefined();
  });

  it('starts waiting anew when the turn is another one', async () => {
    const path = pathIn();
    hold(path, elsewhere, 'first');
    const clock = new FakeClock();
    let isIn = false;
    const waiting = new FolderLock(path).inTurn(() => (isIn = true), clock);
    await clock.advance(20_000);
    const [name = ''] = readdirSync(path);
    expect(name).toContain('first');
    hold(path, elsewhere, 'second');
    unlinkSync(join(path, name));
    await clock.advance(14_000);
    expect(isIn).toBe(false);
    unlinkSync(join(path, `${elsewhere}.second`));
    await clock.advance(1000);
    await waiting;
    expect(new FolderLock(path).tryNow(() => 'free')).toEqual({ value: 'free' });
  });

  it('can be waited for without hope: a signal ends it', async () => {
    const path = pathIn();
    hold(path, thisHolder);
    const clock = new FakeClock();
    const abort = new AbortController();
    const waiting = expect(new FolderLock(path).inTurn(() => 1, clock, abort.signal)).rejects.toMatchObject({
      kind: 'aborted',
    });
    await clock.advance(5);
    abort.abort();
    await waiting;
    expect(clock.waiting).toBe(0);
    expect(new FolderLock(path).atOnce(() => 1, 10)).toBeUndefined();
  });

  it('fails with a reason where no lock can be made', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(() => new FolderLock(join(folder, 'file', 'lock')).tryNow(() => 1)).toThrow(
      expect.objectContaining({ kind: 'diskFailed' }),
    );
  });
});

describe('a lock that several processes want', () => {
  /** Adds one to a number in a file, so often; what two read at the same time would be lost. */
  const counting = (path: string, count: string, turns: number) => `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { FolderLock } from ${source('base/lock.ts')};
    import { systemClock } from ${source('base/clock.ts')};
    const lock = new FolderLock(${JSON.stringify(path)});
    const file = ${JSON.stringify(count)};
    const clock = { ...systemClock, schedule: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); } };
    for (let turn = 0; turn < ${turns}; turn += 1)
      await lock.inTurn(() => writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1)), clock);`;

  it('loses nothing between them, also when all of them find it held by somebody dead', async () => {
    const path = join(temporaryFolder(), 'lock');
    const count = `${path}ed count`;
    writeFileSync(count, '0');
    hold(path, nobody);
    await Promise.all([1, 2, 3].map(() => outputOf(startNode(counting(path, count, 200)))));
    expect(readFileSync(count, 'utf8')).toBe('600');
  });

  it('goes on when a process is killed inside of it', async () => {
    const path = join(temporaryFolder(), 'lock');
    for (let kills = 0; kills < 3; kills += 1) {
      const child = startNode(`
        import { FolderLock } from ${source('base/lock.ts')};
        new FolderLock(${JSON.stringify(path)}).tryNow(() => { process.stdout.write('in'); for (;;); });`);
      await firstWord(child);
      expect(new FolderLock(path).tryNow(() => 'in')).toBeUndefined();
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(new FolderLock(path).tryNow(() => 'in')).toEqual({ value: 'in' });
    }
  });
});

function failing(): never {
  throw new Error('the work failed');
}
