/** "What became of that request?" is answered here, for the newest ones, without reading a file. */
import type { Entry } from './entry.ts';
import type { LedgerRequest } from './rows.ts';
import { leavesThisComputer } from './tally.ts';

const mostOwn = 200;
const mostThatLeft = 20;

/** The newest requests of this window, and the newest of all windows that left this computer. */
export class Recent {
  /** Oldest first. */
  private readonly own = new Map<string, LedgerRequest>();
  private readonly left = new Map<string, LedgerRequest>();

  /** An entry of this window's. */
  add(entry: Entry): void {
    keep(this.own, entry);
    if (this.own.size > mostOwn) this.own.delete(oldestEnded(this.own));
    this.hear(entry);
  }

  /** An entry of any window's. */
  hear(entry: Entry): void {
    if (entry.kind === 'settlement' || leavesThisComputer(entry)) keep(this.left, entry);
    const [oldest = ''] = this.left.keys();
    if (this.left.size > mostThatLeft) this.left.delete(oldest);
  }

  clear(): void {
    for (const requests of [this.own, this.left]) requests.clear();
  }

  /** `undefined`: it is another window's, or too old. */
  find(id: string): LedgerRequest | undefined {
    return this.own.get(id);
  }

  /** Newest first. */
  get thatLeft(): readonly LedgerRequest[] {
    return [...this.left.values()].sort((one, other) => other.intent.atMs - one.intent.atMs);
  }
}

/** The first settlement counts; one without its intent belongs to something older. */
function keep(requests: Map<string, LedgerRequest>, entry: Entry): void {
  const known = requests.get(entry.id);
  if (entry.kind === 'settlement') {
    if (known !== undefined) requests.set(entry.id, { ...known, settlement: known.settlement ?? entry });
    return;
  }
  if (known !== undefined) return;
  requests.set(entry.id, { intent: entry, settlement: undefined });
}

/** A long answer outlasts many completions, and somebody will ask for its receipt. */
function oldestEnded(requests: ReadonlyMap<string, LedgerRequest>): string {
  for (const [id, { settlement }] of requests) if (settlement !== undefined) return id;
  const [oldest = ''] = requests.keys();
  return oldest;
}
