import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../src/base/journal.ts';
import { parseEntry, type Entry } from '../../src/ledger/entry.ts';

/** What a ledger's files say of requests: first what is in windows' own files, then what is in the chain. */
export function entriesIn(folder: string): readonly Entry[] {
  const names = readdirSync(folder).filter((name) => /^(\d{4}-|chain-).*\.jsonl$/.test(name));
  const records = names.sort().flatMap((name) => readJournal(join(folder, name)).records);
  return records.map(parseEntry).filter((entry) => entry !== undefined);
}
