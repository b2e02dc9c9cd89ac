import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type * as vscode from 'vscode';
import { deleteLedger } from '../../../src/editor/ledger/deleteLedger.ts';
import { exportLedger } from '../../../src/editor/ledger/exportLedger.ts';
import { mergeLedgers } from '../../../src/editor/ledger/mergeLedgers.ts';
import { verifyLedger } from '../../../src/editor/ledger/verifyLedger.ts';
import { parseExport } from '../../../src/ledger/export.ts';
import { Holdings } from '../../../src/ledger/holdings.ts';
import type { Merged } from '../../../src/ledger/merge.ts';
import type { CompletionUse } from '../../../src/ledger/statistics.ts';
import { headHash, verifyChain } from '../../../src/ledger/verify.ts';
import { FakeClock } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { noon, openLedger, paid, question } from '../../support/ledgers.ts';
import { Person, type Act } from '../../support/person.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

const use: CompletionUse = {
  ...{ day: '2026-11-22', modelId: 'm', language: 'rust', offered: 4, accepted: 2, acceptedInPart: 0 },
  ...{ acceptedLines: 3, judged: 2, judgedLines: 3, stillThere: 2, keptLines: 3 },
};

/** A person, what they were told, and the files that were saved. */
function given(...acts: readonly Act[]) {
  const person = new Person(...acts);
  const said: string[] = [];
  const saved = new Map<string, string>();
  const memento = new FakeMemento();
  const common = {
    ...person.needs,
    clock: new FakeClock(noon),
    memento,
    notices: { say: (text: string) => void said.push(text) },
  };
  const save = (name: string, text: string) => {
    saved.set(name, text);
    return Promise.resolve(`/home/ada/${name}`);
  };
  return { person, said, saved, memento, common, save };
}

function held(): Holdings {
  const holdings = new Holdings();
  holdings.add(question('a', { items: [{ uri: 'file:///home/ada/secret-plan.ts', bytes: 3 }], label: 'ACME' }));
  holdings.add(paid('a', 1_000_000));
  return holdings;
}

describe('exporting the ledger', () => {
  const exporting = async (acts: readonly Act[], uses: readonly CompletionUse[] = [use]) => {
    const parts = given(...acts);
    const statistics = () => ({ uses, accepted: new Set<string>() });
    await exportLedger({
      ...parts.common,
      ...{ statistics, save: parts.save, head: () => 'ab' },
      read: () => Promise.resolve(held()),
    });
    return parts;
  };

  it('leaves out names and personal figures unless they are chosen', async () => {
    const { saved, said, memento } = await exporting([
      { pick: 'JSON' },
      { pick: 'Leave them out' },
      { pick: 'Leave them out' },
      { type: ' ' },
      { type: 'Ada' },
    ]);
    const text = saved.get('paddock-ledger-2026-11-22.json') ?? '';
    const found = parseExport(text);
    expect(found).toMatchObject({ person: 'Ada', hasNames: false, head: 'ab' });
    expect(found.uses).toBeUndefined();
    expect(text).not.toContain('secret-plan');
    expect(said).toEqual(['1 request exported to /home/ada/paddock-ledger-2026-11-22.json.']);
    expect(memento.get('ledger.person')).toBe('Ada');
  });

  it('has them where they are chosen', async () => {
    const { saved } = await exporting([
      { pick: 'JSON' },
      { pick: 'Export them' },
      { pick: 'Export them' },
      { type: 'Ada' },
    ]);
    const text = saved.get('paddock-ledger-2026-11-22.json') ?? '';
    expect(text).toContain('secret-plan');
    expect(parseExport(text).uses).toEqual([use]);
  });

  it('as a table asks for no person and no figures', async () => {
    const { saved, person } = await exporting([{ pick: 'CSV' }, { pick: 'Leave them out' }]);
    expect(saved.get('paddock-ledger-2026-11-22.csv')).toContain('costUsd');
    expect(person.left).toBe(0);
  });

  it.each<[string, readonly Act[]]>([
    ['format', ['escape']],
    ['names', [{ pick: 'JSON' }, 'escape']],
    ['figures', [{ pick: 'JSON' }, { pick: 'Leave them out' }, 'escape']],
    ['person', [{ pick: 'JSON' }, { pick: 'Leave them out' }, { pick: 'Leave them out' }, 'escape']],
  ])('exports nothing when the question about the %s is closed', async (_what, acts) => {
    const { saved, said } = await exporting(acts);
    expect([saved.size, said.length]).toEqual([0, 0]);
  });
});

describe('merging ledgers', () => {
  const exportedBy = async (person: string, ...more: readonly Act[]) => {
    const parts = given({ pick: 'JSON' }, { pick: 'Leave them out' }, ...more, { type: person });
    const statistics = () => ({ uses: [use], accepted: new Set<string>() });
    await exportLedger({
      ...parts.common,
      ...{ statistics, save: parts.save, head: () => undefined },
      read: () => Promise.resolve(held()),
    });
    return [...parts.saved.values()][0] ?? '';
  };

  const merging = async (files: Readonly<Record<string, string>>, ...acts: readonly Act[]) => {
    const parts = given(...acts);
    const uris = Object.keys(files).map((path) => ({ path }) as vscode.Uri);
    const window = Object.assign(parts.common.window, { showOpenDialog: () => Promise.resolve(uris) });
    const fs = { readFile: ({ path }: vscode.Uri) => Promise.resolve(new TextEncoder().encode(files[path])) };
    const shown: Merged[] = [];
    await mergeLedgers({ ...parts.common, window, fs, save: parts.save, show: (merged) => shown.push(merged) });
    return { ...parts, shown };
  };

  it('shows several on the page, by label', async () => {
    const [ada, bo] = [await exportedBy('Ada', { pick: 'Leave' }), await exportedBy('Bo', { pick: 'Leave' })];
    const { shown } = await merging({ '/a.json': ada, '/b.json': bo }, { pick: 'Show them' });
    expect(shown[0]).toMatchObject({ people: ['Ada', 'Bo'], uses: [] });
    expect(shown[0]?.byLabel).toMatchObject([{ label: 'ACME', requests: 2, spend: { nanoUsd: 2_000_000 } }]);
  });

  it('saves them as a table and as JSON', async () => {
    const ada = await exportedBy('Ada', { pick: 'Leave' });
    const csv = await merging({ '/a.json': ada }, { pick: 'Save as CSV' });
    expect(csv.saved.get('paddock-ledgers-2026-11-22.csv')).toContain('ACME');
    const json = await merging({ '/a.json': ada }, { pick: 'Save as JSON' });
    const text = json.saved.get('paddock-ledgers-2026-11-22.json') ?? '';
    expect(JSON.parse(text)).toMatchObject({ format: 'paddock-merged-ledgers', people: ['Ada'], uses: [] });
    expect(json.said).toEqual(['Ledgers of 1 person saved to /home/ada/paddock-ledgers-2026-11-22.json.']);
  });

  it('asks before it takes in personal figures that somebody exported', async () => {
    const ada = await exportedBy('Ada', { pick: 'Export them' });
    const left = await merging({ '/a.json': ada }, { pick: 'Leave them out' }, { pick: 'Show them' });
    expect(left.shown[0]?.uses).toEqual([]);
    const taken = await merging({ '/a.json': ada }, { pick: 'Take them in' }, { pick: 'Show them' });
    expect(taken.shown[0]?.uses).toEqual([use]);
  });

  it('names the file that is no export', async () => {
    await expect(merging({ '/home/a/wrong.json': '{}' })).rejects.toThrow(/^wrong\.json: This file is no ledger/);
  });
});

describe('verifying the ledger', () => {
  async function chained() {
    const folder = temporaryFolder();
    const { ledger } = openLedger(folder);
    onTestFinished(() => ledger.dispose());
    for (const id of ['a', 'b']) {
      await ledger.begin(question(id));
      ledger.append(paid(id, 1_000));
    }
    await ledger.written();
    return folder;
  }

  const verifying = async (folder: string, ...acts: readonly Act[]) => {
    const parts = given(...acts);
    const copied: string[] = [];
    const verify = (kept: string | undefined) => Promise.resolve(verifyChain(folder, kept));
    const copy = (text: string) => Promise.resolve(void copied.push(text));
    await verifyLedger({ ...parts.common, verify, copy, save: parts.save });
    return { ...parts, copied };
  };

  it('says that it is whole, and what it cannot see', async () => {
    const { person } = await verifying(await chained());
    const [seen] = person.seen;
    expect(seen?.title).toBe('The ledger is whole: 5 lines follow from one another.');
    expect(seen?.text).toMatch(/What these files alone cannot show:\n• Lines may have been cut off the end\./);
  });

  it('copies and saves the head hash', async () => {
    const folder = await chained();
    const head = headHash(folder)?.head ?? '';
    expect((await verifying(folder, { pick: 'Copy Head Hash' })).copied).toEqual([head]);
    const { saved } = await verifying(folder, { pick: 'Save Head Hash' });
    expect([...saved.values()][0]?.startsWith(`${head}\n`)).toBe(true);
  });

  it('finds a kept hash again, and says when it is gone', async () => {
    const folder = await chained();
    const head = headHash(folder)?.head ?? '';
    const again = await verifying(
      folder,
      { pick: 'Compare' },
      { type: 'no hash' },
      { type: ` ${head.toUpperCase()} ` },
    );
    expect(again.person.seen.at(-1)?.text).toContain('The kept hash is in chain-000001.jsonl, line 5');
    const gone = await verifying(folder, { pick: 'Compare' }, { type: 'f'.repeat(64) });
    expect(gone.person.seen.at(-1)?.title).toBe('The ledger does not have the line with the kept hash.');
  });

  it('says where it breaks', async () => {
    const folder = await chained();
    const file = join(folder, 'chain-000001.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.map((line, index) => (index === 2 ? line.replace('1000', '9000') : line)).join('\n'));
    const { person } = await verifying(folder);
    expect(person.seen[0]?.title).toBe('The ledger is broken at 1 place.');
    expect(person.seen[0]?.text).toMatch(/chain-000001\.jsonl, line 4: it does not follow/);
  });

  it('says that there is nothing yet', async () => {
    const { person } = await verifying(temporaryFolder());
    expect(person.seen[0]?.title).toBe('There is nothing to verify.');
  });
});

describe('deleting the ledger', () => {
  const deleting = async (...acts: readonly Act[]) => {
    const parts = given(...acts);
    const done: string[] = [];
    const deleteAll = () => Promise.resolve(void done.push('deleted'));
    const exportAll = () => Promise.resolve(void done.push('exported'));
    await deleteLedger({ ...parts.common, deleteAll, exportAll });
    return { ...parts, done };
  };

  it('asks first, and says what stays', async () => {
    const { done, said, person } = await deleting({ pick: 'Delete' });
    expect(done).toEqual(['deleted']);
    expect(said).toEqual(['The ledger was deleted.']);
    expect(person.seen[0]).toMatchObject({ kind: 'dialog', title: 'Delete the whole ledger?' });
    expect(person.seen[0]?.text).toContain('What stays: one line that says when it was deleted');
  });

  it('deletes nothing when it is closed, or something is exported first', async () => {
    expect((await deleting('escape')).done).toEqual([]);
    expect((await deleting({ pick: 'Export First' })).done).toEqual(['exported']);
  });
});
