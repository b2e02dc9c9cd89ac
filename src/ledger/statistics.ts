/**
 * Whether completions were worth it: what became of those that were offered. Personal figures: they stand beside the
 * ledger, never in it. Pure.
 */
import { dayOf, type Day } from './books.ts';

/** A line of the statistics: counts and sizes, never text nor a file's name. */
export type StatisticsRecord = Offered | Accepted | Judged;

/** So many completions were offered to the editor; whether it showed them it does not tell. */
export interface Offered {
  readonly kind: 'offered';
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly modelId: string;
  /** VS Code's language id. */
  readonly language: string;
  readonly count: number;
}

/** The user took one. Of several lines about the same one the last counts: more of it was taken. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly atMs: number;
  /** One for each completion that was offered. */
  readonly id: string;
  /** The request that made its text. */
  readonly requestId: string;
  readonly modelId: string;
  readonly language: string;
  /** `part`: some of its words or lines, and the rest not yet. */
  readonly how: 'whole' | 'part';
  /** What was taken: lines that hold more than white space, and UTF-16 code units. */
  readonly lines: number;
  readonly chars: number;
}

/** What was left of one that was taken. */
export interface Judged {
  readonly kind: 'judged';
  readonly atMs: number;
  readonly id: string;
  /** `due`: when its time was up. `closed`: earlier, because its document was closed. */
  readonly when: 'due' | 'closed';
  /** How long after it was taken, ms. */
  readonly afterMs: number;
  /** Lines still there, as they were or nearly; `undefined`: unknown, its document was closed without being saved. */
  readonly keptLines: number | undefined;
}

/** What became of one day's completions by one model in one language. */
export interface CompletionUse {
  /** The day they were offered or taken. */
  readonly day: Day;
  readonly modelId: string;
  readonly language: string;
  readonly offered: number;
  /** Taken as a whole. */
  readonly accepted: number;
  /** Taken in part, and no more of them. */
  readonly acceptedInPart: number;
  /** Lines of both. */
  readonly acceptedLines: number;
  /** Of both, how many were looked at again; of the others it is not known what became of them, or not yet. */
  readonly judged: number;
  /** Of those looked at again: the lines they had when they were taken. */
  readonly judgedLines: number;
  /** Of those looked at again, how many were still there, every line as it was or nearly. */
  readonly stillThere: number;
  /** Of the judged lines, how many were still there. */
  readonly keptLines: number;
}

/** The record in a line of a statistics file, or `undefined` when it is none. */
export function parseStatistics(record: unknown): StatisticsRecord | undefined {
  const { kind, atMs, id, modelId } = (record ?? {}) as Partial<Record<string, unknown>>;
  if (typeof atMs !== 'number') return undefined;
  const isOne =
    kind === 'judged'
      ? typeof id === 'string'
      : kind === 'accepted'
        ? areText(id, modelId)
        : kind === 'offered' && areText(modelId);
  return isOne ? (record as StatisticsRecord) : undefined;
}

/** Sums per day, model and language, of records in any order. */
export function usesOf(records: Iterable<StatisticsRecord>): readonly CompletionUse[] {
  const accepted = new Map<string, Accepted>();
  const judged = new Map<string, Judged>();
  const uses = new Map<string, CompletionUse>();
  const add = (of: Offered | Accepted, numbers: Partial<CompletionUse>): void => {
    const { modelId, language } = of;
    const use = { ...nothing, day: dayOf(of.atMs), modelId, language, ...numbers };
    const key = JSON.stringify([use.day, modelId, language]);
    uses.set(key, addUse(uses.get(key) ?? { ...use, ...nothing }, use));
  };
  for (const record of records) {
    if (record.kind === 'offered') add(record, { offered: record.count });
    else if (record.kind === 'judged') judged.set(record.id, record);
    else if (!isLess(record, accepted.get(record.id))) accepted.set(record.id, record);
  }
  for (const each of accepted.values()) add(each, numbersOf(each, judged.get(each.id)));
  return [...uses.values()];
}

/** The requests whose completions were taken, in whole or in part. */
export function acceptedRequests(records: Iterable<StatisticsRecord>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const record of records) if (record.kind === 'accepted') ids.add(record.requestId);
  return ids;
}

/** The numbers of both, under the first one's names. */
export function addUse(use: CompletionUse, more: CompletionUse): CompletionUse {
  return {
    ...use,
    offered: use.offered + more.offered,
    accepted: use.accepted + more.accepted,
    acceptedInPart: use.acceptedInPart + more.acceptedInPart,
    acceptedLines: use.acceptedLines + more.acceptedLines,
    judged: use.judged + more.judged,
    judgedLines: use.judgedLines + more.judgedLines,
    stillThere: use.stillThere + more.stillThere,
    keptLines: use.keptLines + more.keptLines,
  };
}

/** Of one completion the larger part counts, whatever the order of the lines. */
function isLess({ how, chars }: Accepted, known: Accepted | undefined): boolean {
  return known !== undefined && (how === known.how ? chars < known.chars : how === 'part');
}

function numbersOf({ how, lines }: Accepted, judged: Judged | undefined): Partial<CompletionUse> {
  const taken = { [how === 'whole' ? 'accepted' : 'acceptedInPart']: 1, acceptedLines: lines };
  if (judged?.keptLines === undefined) return taken;
  const keptLines = Math.min(lines, judged.keptLines);
  return { ...taken, judged: 1, judgedLines: lines, keptLines, stillThere: keptLines === lines ? 1 : 0 };
}

const nothing = {
  offered: 0,
  accepted: 0,
  acceptedInPart: 0,
  acceptedLines: 0,
  judged: 0,
  judgedLines: 0,
  stillThere: 0,
  keptLines: 0,
};

function areText(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
