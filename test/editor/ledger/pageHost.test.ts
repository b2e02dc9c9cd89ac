import { describe, expect, it, onTestFinished } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { PageHost } from '../../../src/editor/ledger/pageHost.ts';
import type { Entry } from '../../../src/ledger/entry.ts';
import { Holdings } from '../../../src/ledger/holdings.ts';
import { loadPriceTable } from '../../../src/ledger/price.ts';
import type { Look, ToPage } from '../../../src/ledger/protocol.ts';
import { readingHoldings } from '../../../src/ledger/report.ts';
import { atOnce } from '../../../src/base/turns.ts';
import { FakeClock, settle } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { noon, openLedger, paid, question } from '../../support/ledgers.ts';
import { LogLines } from '../../support/log.ts';

const look: Look = {
  ...{ period: 'all', fromDay: '', toDay: '', model: '', route: '', purpose: '', outcome: '', text: '' },
  ...{ firstRow: 0, compared: '' },
} as const;

const table = loadPriceTable();

function start(read: () => Promise<Holdings>, more: { readonly onDidAppend?: Emitter<Entry>['event'] } = {}) {
  const clock = new FakeClock(noon);
  const log = new LogLines();
  const appended = new Emitter<Entry>();
  const posted: ToPage[] = [];
  const acted: string[] = [];
  const copied: string[] = [];
  const needs = {
    read,
    onDidAppend: appended.event,
    statistics: () => ({ uses: [], accepted: new Set<string>() }),
    prices: () => table,
    ownModels: () => [],
    act: (action: string) => void acted.push(action),
    copy: (text: string) => copied.push(text),
    clock,
    log,
    ...more,
  };
  const host = new PageHost(needs, (message) => posted.push(message));
  onTestFinished(() => host.dispose());
  /** Sections of all that was posted since, in order. */
  const shown = () => posted.splice(0).flatMap((message) => (message.kind === 'shown' ? [message.sections] : []));
  return { host, clock, log, appended, posted, acted, copied, shown };
}

const holdingOf = (...entries: readonly Entry[]): Holdings => {
  const holdings = new Holdings();
  for (const entry of entries) holdings.add(entry);
  return holdings;
};

describe('a page that opens', () => {
  it('is told that the ledger is read, then everything, then what answers would have cost', async () => {
    const page = start(() => Promise.resolve(holdingOf(question('a'), paid('a', 1_000_000))));
    page.host.receive({ kind: 'ready', look });
    expect(page.posted).toEqual([{ kind: 'reading', lines: 0 }]);
    await table;
    await settle();
    await page.clock.advance(1_000);
    const [first, second] = page.shown();
    expect(Object.keys(first ?? {}).sort()).toEqual(
      ['about', 'chart', 'choices', 'completions', 'rows', 'shares', 'sums', 'totals'].sort(),
    );
    expect(Object.keys(second ?? {}).sort()).toEqual(['rows', 'savings']);
  });

  it('has what was appended while it was read, once', async () => {
    const reading = Promise.withResolvers<Holdings>();
    const page = start(() => reading.promise);
    page.host.receive({ kind: 'ready', look });
    page.appended.fire(question('a'));
    page.appended.fire(paid('a', 1_000_000));
    page.appended.fire(question('b'));
    reading.resolve(holdingOf(question('a')));
    await settle();
    const [first] = page.shown();
    expect(first?.rows?.rows.map(({ id, outcome }) => `${id} ${outcome}`).sort()).toEqual(['a finished', 'b no end']);
  });

  it('says why the ledger could not be read, and tries again when asked', async () => {
    let isBroken = true;
    const page = start(() => (isBroken ? Promise.reject(new Error('the disk is gone')) : Promise.resolve(holdingOf())));
    page.host.receive({ kind: 'ready', look });
    await settle();
    expect(page.posted.at(-1)).toEqual({
      kind: 'failed',
      message: 'The ledger could not be read: the disk is gone',
    });
    isBroken = false;
    page.host.receive({ kind: 'act', action: 'again' });
    await settle();
    expect(page.shown()[0]?.about?.isEmpty).toBe(true);
  });
});

describe('a page that is open', () => {
  async function opened() {
    const page = start(() => Promise.resolve(holdingOf(question('a'), paid('a', 1_000_000))));
    page.host.receive({ kind: 'ready', look });
    await table;
    await settle();
    await page.clock.advance(1_000);
    page.shown();
    return page;
  }

  it('is told together what comes within a frame, and only what changed', async () => {
    const page = await opened();
    page.appended.fire(question('b'));
    page.appended.fire(paid('b', 2_000_000));
    expect(page.posted).toEqual([]);
    await page.clock.advance(16);
    const [sections, ...more] = page.shown();
    expect(more).toEqual([]);
    expect(sections?.rows?.total).toBe(2);
    expect(Object.keys(sections ?? {})).not.toContain('choices');
    expect(Object.keys(sections ?? {})).not.toContain('completions');
  });

  it('is answered when it looks elsewhere, and told nothing while nobody looks', async () => {
    const page = await opened();
    page.host.receive({ kind: 'look', look: { ...look, text: 'nowhere' } });
    expect(page.shown()[0]?.rows?.total).toBe(0);
    page.host.rest();
    page.appended.fire(question('c'));
    await page.clock.advance(1_000);
    expect(page.posted).toEqual([]);
    page.host.receive({ kind: 'ready', look });
    await settle();
    expect(page.shown()[0]?.rows?.total).toBe(1);
  });

  it('gets a request’s record, and nothing for one that is gone', async () => {
    const page = await opened();
    page.host.receive({ kind: 'open', id: 'a' });
    page.host.receive({ kind: 'open', id: 'zz' });
    page.host.receive({ kind: 'copy', id: 'a' });
    page.host.receive({ kind: 'copy', id: 'zz' });
    expect(page.posted.map((message) => message.kind === 'record' && message.record !== undefined)).toEqual([
      true,
      false,
    ]);
    expect(page.copied).toHaveLength(1);
    expect(JSON.parse(page.copied[0] ?? '')).toHaveLength(2);
  });

  it('is led to a request once it has the rows, out of other people’s ledgers too', async () => {
    const found = (page: ReturnType<typeof start>) => page.posted.splice(0).map((message) => message.kind);
    const page = start(() => Promise.resolve(holdingOf(question('a'), paid('a', 1_000_000))));
    page.host.find('a');
    expect(found(page)).toEqual([]);
    page.host.receive({ kind: 'ready', look });
    await table;
    await settle();
    await page.clock.advance(1_000);
    expect(found(page)).toEqual(['reading', 'shown', 'find', 'shown']);
    page.host.find('a');
    expect(page.posted.splice(0)).toEqual([{ kind: 'find', id: 'a' }]);
    page.host.showMerged({ people: ['Ada'], rows: [], byLabel: [], uses: [] });
    page.host.find('a');
    await settle();
    expect(found(page)).toEqual(['shown', 'reading', 'shown', 'find']);
    page.host.rest();
    page.host.receive({ kind: 'ready', look });
    await settle();
    expect(found(page)).not.toContain('find');
  });

  it('runs commands by their names, and nothing else', async () => {
    const page = await opened();
    for (const action of ['export', 'verify', 'merge', 'delete']) page.host.receive({ kind: 'act', action });
    page.host.receive({ kind: 'act', action: 'workbench.action.quit' });
    page.host.receive('nonsense');
    expect(page.acted).toEqual(['export', 'verify', 'merge', 'delete']);
    expect(page.log.lines.filter((line) => line.includes('what it may not say'))).toHaveLength(2);
  });

  it('shows other people’s ledgers, without what is the user’s alone, and the own again', async () => {
    const page = await opened();
    const own = holdingOf(question('x', { label: 'ACME' }), paid('x', 5_000_000));
    const rows = own.days.flatMap((day) => own.rowsOf(day));
    page.host.showMerged({ people: ['Ada', 'Bo'], rows, byLabel: [], uses: [] });
    const [sections] = page.shown();
    expect(sections?.about).toMatchObject({ people: ['Ada', 'Bo'], notes: [] });
    expect(sections?.savings).toBeNull();
    page.appended.fire(question('mine'));
    await page.clock.advance(1_000);
    expect(page.posted).toEqual([]);
    page.host.receive({ kind: 'act', action: 'own' });
    await settle();
    expect(page.shown()[0]?.about?.people).toBeUndefined();
  });
});

it('a real ledger is followed from its files on', async () => {
  const folder = temporaryFolder();
  const { ledger } = openLedger(folder);
  onTestFinished(() => ledger.dispose());
  await ledger.begin(question('a'));
  ledger.append(paid('a', 3_000_000));
  const read = async () => {
    await ledger.written();
    return atOnce(readingHoldings(folder));
  };
  const page = start(read, { onDidAppend: ledger.onDidAppend });
  page.host.receive({ kind: 'ready', look });
  await expect.poll(() => page.shown()[0]?.rows?.rows[0]?.money).toBe('$0.003');
  await ledger.begin(question('b'));
  await page.clock.advance(1_000);
  expect(
    page
      .shown()[0]
      ?.rows?.rows.map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['finished', 'no end']);
});
