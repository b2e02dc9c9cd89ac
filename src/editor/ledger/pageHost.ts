/** The ledger's page is answered here: reads the ledger when a page opens, follows it, and tells the page what changed. */
import type { Clock } from '../../base/clock.ts';
import type { Event } from '../../base/emitter.ts';
import { asFailure, isAbort } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { compared, type Comparable } from '../../ledger/comparing.ts';
import type { Entry } from '../../ledger/entry.ts';
import { Holdings } from '../../ledger/holdings.ts';
import type { Merged } from '../../ledger/merge.ts';
import { requestsIn, sectionsOf } from '../../ledger/page.ts';
import type { PriceTable } from '../../ledger/price.ts';
import { parseFromPage, type Look, type PageAction, type Sections, type ToPage } from '../../ledger/protocol.ts';
import { recordOf } from '../../ledger/record.ts';
import type { StatisticsContent } from '../../ledger/statisticsLog.ts';
import { failureLine } from '../failureLine.ts';

/** Entries that come within so long are drawn together, ms. */
const frameMs = 16;
/** The page is told of lines that were read at most so often, ms. */
const tellEveryMs = 100;

/** What a page needs of the rest. */
export interface PageHostNeeds {
  /** Reads the whole ledger; calls back now and then with how many lines it has read. */
  readonly read: (onLines: (lines: number) => void, signal: AbortSignal) => Promise<Holdings>;
  readonly onDidAppend: Event<Entry>;
  readonly statistics: () => StatisticsContent;
  readonly prices: () => Promise<PriceTable>;
  /** Models of the user's that may have a list price. */
  readonly ownModels: () => readonly Comparable[];
  readonly act: (action: Exclude<PageAction, 'own' | 'again'>) => void;
  readonly copy: (text: string) => unknown;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is on the page. */
interface Shown {
  readonly holdings: Holdings;
  readonly uses: StatisticsContent['uses'];
  readonly accepted: StatisticsContent['accepted'];
  /** Of merged ledgers: who. */
  readonly people?: readonly string[];
}

/** One page's host; it outlives the page's reloads. */
export class PageHost implements Disposable {
  private readonly store = new Store();
  private readonly needs: PageHostNeeds;
  private readonly post: (message: ToPage) => void;
  private look: Look | undefined;
  private shown: Shown | undefined;
  private merged: Merged | undefined;
  /** The request to lead to, once the page has its rows. */
  private wanted: string | undefined;
  private table: PriceTable | undefined;
  /** What the page has, section by section. */
  private readonly sent = new Map<string, string>();
  /** While the ledger is read: what is appended meanwhile, and how to stop. */
  private reading: { readonly stop: AbortController; readonly appended: Entry[] } | undefined;
  private cancelShow: (() => void) | undefined;
  private lastShowMs = 0;

  constructor(needs: PageHostNeeds, post: (message: ToPage) => void) {
    this.needs = needs;
    this.post = post;
    this.store.add(needs.onDidAppend((entry) => this.append(entry)));
  }

  /** Something came from the page; whatever it is. */
  receive(message: unknown): void {
    const said = parseFromPage(message);
    switch (said?.kind) {
      case undefined:
        return this.needs.log.warn('ledger: its page said what it may not say');
      case 'ready':
        this.look = said.look;
        this.sent.clear();
        return this.begin();
      case 'look':
        this.look = said.look;
        return this.showNow();
      case 'open':
        return this.tellRecord(said.id);
      case 'copy':
        return this.copy(said.id);
      case 'act':
        return this.act(said.action);
    }
  }

  /** Reads everything anew, when something else than appending has changed it. */
  readonly again = (): void => {
    this.shown = undefined;
    if (this.look !== undefined) this.begin();
  };

  /** Shows other people's ledgers in the place of the user's own. */
  showMerged(merged: Merged): void {
    this.merged = merged;
    this.again();
  }

  /** Leads to one request of the user's own. */
  find(requestId: string): void {
    this.wanted = requestId;
    if (this.merged === undefined) return this.leadToWanted();
    this.merged = undefined;
    this.again();
  }

  /** Nobody looks: nothing is kept, and what is read is no longer needed. */
  rest(): void {
    this.reading?.stop.abort();
    this.cancelShow?.();
    [this.reading, this.cancelShow, this.shown, this.look] = [undefined, undefined, undefined, undefined];
  }

  dispose(): void {
    this.rest();
    this.store.dispose();
  }

  private act(action: PageAction): void {
    if (action === 'own') this.merged = undefined;
    if (action === 'own' || action === 'again') return this.again();
    this.needs.act(action);
  }

  private begin(): void {
    this.reading?.stop.abort();
    if (this.merged !== undefined) {
      const { people, rows, uses } = this.merged;
      const holdings = new Holdings();
      holdings.addOld(rows);
      this.shown = { holdings, uses, accepted: new Set(), people };
      return this.showNow();
    }
    this.shown = undefined;
    const reading = { stop: new AbortController(), appended: [] };
    this.reading = reading;
    void this.read(reading);
  }

  private async read(reading: NonNullable<PageHost['reading']>): Promise<void> {
    const { read, statistics, clock, log } = this.needs;
    this.post({ kind: 'reading', lines: 0 });
    let toldMs = clock.monotonicMs();
    const tell = (lines: number): void => {
      if (clock.monotonicMs() - toldMs < tellEveryMs) return;
      toldMs = clock.monotonicMs();
      this.post({ kind: 'reading', lines });
    };
    try {
      const holdings = await read(tell, reading.stop.signal);
      if (this.reading !== reading) return;
      for (const entry of reading.appended) holdings.add(entry);
      this.shown = { holdings, ...statistics() };
      this.reading = undefined;
      this.showNow();
      this.leadToWanted();
      await this.loadPrices();
    } catch (error) {
      if (isAbort(error) || this.reading !== reading) return;
      const failure = asFailure(error, 'diskFailed');
      log.error(failureLine(failure));
      this.reading = undefined;
      this.post({ kind: 'failed', message: `The ledger could not be read: ${failure.message}` });
    }
  }

  private leadToWanted(): void {
    const { wanted, look, shown } = this;
    if (wanted === undefined || look === undefined || shown === undefined) return;
    this.wanted = undefined;
    this.post({ kind: 'find', id: wanted });
  }

  private async loadPrices(): Promise<void> {
    if (this.table !== undefined) return;
    try {
      this.table = await this.needs.prices();
      this.showSoon();
    } catch (error) {
      this.needs.log.warn(`ledger: no prices to compare with: ${String(error)}`);
    }
  }

  private append(entry: Entry): void {
    this.reading?.appended.push(entry);
    if (this.shown === undefined || this.shown.people !== undefined) return;
    this.shown.holdings.add(entry);
    this.showSoon();
  }

  /** As soon as a frame allows, and so that a long ledger leaves most of the time to others. */
  private showSoon(): void {
    this.cancelShow ??= this.needs.clock.schedule(Math.max(frameMs, 4 * this.lastShowMs), () => this.showNow());
  }

  private showNow(): void {
    this.cancelShow?.();
    this.cancelShow = undefined;
    const { look, shown } = this;
    if (look === undefined || shown === undefined) return;
    const startedMs = this.needs.clock.monotonicMs();
    const sections = this.changed(this.sectionsNow(shown, look));
    if (Object.keys(sections).length > 0) this.post({ kind: 'shown', sections });
    this.lastShowMs = this.needs.clock.monotonicMs() - startedMs;
  }

  private sectionsNow({ holdings, uses, accepted, people }: Shown, look: Look): Partial<Sections> {
    const { clock, ownModels } = this.needs;
    const nowMs = clock.now();
    const sections = sectionsOf({ holdings, uses, nowMs, ...(people === undefined ? {} : { people }) }, look);
    if (people !== undefined) return { ...sections, savings: null };
    if (this.table === undefined) return sections;
    const requests = requestsIn(holdings, look, nowMs);
    const comparing = { requests, accepted, table: this.table, own: ownModels(), wanted: look.compared };
    return { ...sections, savings: compared(comparing) };
  }

  /** Those the page does not have yet. The rows always: the page waits for an answer to its look. */
  private changed(sections: Partial<Sections>): Partial<Sections> {
    const fresh = Object.entries(sections).filter(([key, section]) => {
      const text = JSON.stringify(section);
      if (this.sent.get(key) === text && key !== 'rows') return false;
      this.sent.set(key, text);
      return true;
    });
    return Object.fromEntries(fresh);
  }

  private tellRecord(id: string): void {
    const request = this.shown?.holdings.find(id);
    this.post({ kind: 'record', id, record: request && recordOf(request) });
  }

  private copy(id: string): void {
    const request = this.shown?.holdings.find(id);
    if (request !== undefined) this.needs.copy(recordOf(request).json);
  }
}
