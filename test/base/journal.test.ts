import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal, journalFolder, readJournal } from '../../src/base/journal.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('a journal', () => {
  it('gives back what was appended, in order, also after it was closed and opened again', () => {
    const file = join(temporaryFolder(), 'new folder', 'a.jsonl');
    const journal = new Journal(file);
    journal.append([{ n: 1 }, { n: 2, text: 'line\nbreak' }]);
    journal.dispose();
    journal.append([{ n: 3 }], true);
    journal.dispose();
    expect(readJournal(file)).toEqual({
      records: [{ n: 1 }, { n: 2, text: 'line\nbreak' }, { n: 3 }],
      damagedLines: 0,
    });
  });

  it('keeps whole lines and counts the cut one, wherever a crash cut it', () => {
    const file = join(temporaryFolder(), 'a.jsonl');
    const whole = '{"n":1}\n{"n":2,"text":"é"}\n';
    for (let cut = 1; cut < whole.length - 1; cut += 1) {
      writeFileSync(file, whole.slice(0, cut));
      const journal = new Journal(file);
      journal.append([{ n: 'after' }]);
      journal.dispose();
      const { records, damagedLines } = readJournal(file);
      const isCutAtLineEnd = [7, 8].includes(cut);
      expect(records.at(-1)).toEqual({ n: 'after' });
      expect(records.length).toBe(cut >= 7 ? 2 : 1);
      expect(damagedLines).toBe(isCutAtLineEnd ? 0 : 1);
    }
  });

  it('is empty when the file is not there, and fails with a reason when it cannot be written', () => {
    const folder = temporaryFolder();
    expect(readJournal(join(folder, 'none.jsonl'))).toEqual({ records: [], damagedLines: 0 });
    writeFileSync(join(folder, 'file'), '');
    const journal = new Journal(join(folder, 'file', 'below a file.jsonl'));
    expect(() => journal.append([{ n: 1 }])).toThrow(expect.objectContaining({ kind: 'diskFailed' }));
  });

  it('holds every record of a process that was killed right after append returned', async () => {
    const file = join(temporaryFolder(), 'killed.jsonl');
    const script = `
      import { Journal } from ${JSON.stringify(new URL('../../src/base/journal.ts', import.meta.url).href)};
      const journal = new Journal(${JSON.stringify(file)});
      for (let n = 0; ; n += 1) { journal.append([{ n }]); process.stdout.write(n + '\\n'); await new Promise(setImmediate); }`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
    while (said.split('\n').length < 50) await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    const lastSaid = Number(said.trimEnd().split('\n').at(-1));
    const { records } = readJournal(file);
    expect(lastSaid).toBeGreaterThan(40);
    expect(records.slice(0, lastSaid + 1)).toEqual(Array.from({ length: lastSaid + 1 }, (_, n) => ({ n })));
  });
});

describe('a folder of journals', () => {
  it('lists one day, whoever wrote it, and nothing else', () => {
    const folder = temporaryFolder();
    const mine = journalFolder(folder, 'mine');
    expect(mine.ofDay('2026-11-22')).toEqual([]);
    for (const name of ['2026-11-22-other.jsonl', '2026-11-21-mine.jsonl', '2026-11-22-x.tmp']) {
      appendFileSync(join(folder, name), '{}\n');
    }
    const journal = new Journal(mine.own('2026-11-22'));
    journal.append([{ n: 1 }]);
    journal.dispose();
    expect(mine.ofDay('2026-11-22')).toEqual([mine.own('2026-11-22'), join(folder, '2026-11-22-other.jsonl')]);
    expect(readFileSync(mine.own('2026-11-22'), 'utf8')).toBe('{"n":1}\n');
  });
});
