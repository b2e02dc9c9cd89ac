/** The ledger leaves as a file here, and comes back from one, for a team's sums. Pure. */
import { Failure } from '../base/failure.ts';
import { parseEntry, type Intent, type LedgerItem, type Settlement } from './entry.ts';
import type { LedgerContent } from './report.ts';
import type { DailyRow, LedgerRequest } from './rows.ts';
import type { CompletionUse } from './statistics.ts';

/** Whose ledger it is and what of it leaves. */
export interface ExportOptions {
  /** For people: who exports. Exports of one person are put together as one ledger. */
  readonly person: string;
  /** Whether names of files and folders are in it, and hashes, from which names of known contents follow. */
  readonly hasNames: boolean;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The chain's head, which shows later that nothing was changed; `undefined`: there is no chain. */
  readonly head: string | undefined;
  /** What became of completions: personal figures, only where the user chose so. */
  readonly uses?: readonly CompletionUse[] | undefined;
}

/** One person's ledger as a file. What it says of requests is what the ledger says; contents are in neither. */
export interface LedgerExport {
  readonly format: 'paddock-ledger';
  readonly version: 1;
  readonly person: string;
  readonly exportedAtMs: number;
  readonly hasNames: boolean;
  readonly head?: string;
  readonly requests: readonly LedgerRequest[];
  /** Days whose requests are gone. */
  readonly oldRows: readonly DailyRow[];
  /** Absent: the user kept them. */
  readonly uses?: readonly CompletionUse[];
}

export function exportOf(content: LedgerContent, options: ExportOptions): LedgerExport {
  const { person, hasNames, atMs, head, uses } = options;
  return {
    ...{ format: 'paddock-ledger', version: 1, person, exportedAtMs: atMs, hasNames },
    ...(head === undefined ? {} : { head }),
    requests: hasNames ? content.requests : content.requests.map(withoutNames),
    oldRows: hasNames ? content.oldRows : content.oldRows.map(rowWithoutNames),
    ...(uses === undefined ? {} : { uses: hasNames ? uses : uses.map(useWithoutNames) }),
  };
}

/** After so many requests somebody else may have a turn. */
const requestsPerStep = 100;

/** The export as a file's text, step by step. */
export function* writingJson({ requests, ...exported }: LedgerExport): Generator<void, string, void> {
  const texts: string[] = [];
  for (const request of requests) {
    texts.push(JSON.stringify(request));
    if (texts.length % requestsPerStep === 0) yield;
  }
  return `${JSON.stringify(exported).slice(0, -1)},"requests":[${texts.join(',')}]}\n`;
}

/**
 * The export in a file that somebody else may have made.
 * @throws Failure `requestInvalid` when the text is no export of this version, or damaged.
 */
export function parseExport(text: string): LedgerExport {
  try {
    const found = JSON.parse(text) as Partial<LedgerExport>;
    const { format, version, person, exportedAtMs, requests, oldRows, uses } = found;
    const isOne = format === 'paddock-ledger' && version === 1 && typeof person === 'string';
    const isWhole =
      areAll(requests, isRequest) && areAll(oldRows, isRow) && (uses === undefined || areAll(uses, isUse));
    if (isOne && areNumbers({ exportedAtMs }) && isWhole) return found as LedgerExport;
  } catch {
    // It is no JSON either; the same is said of both.
  }
  throw new Failure('requestInvalid', 'This file is no ledger that Paddock exported, or one of a newer version.');
}

function withoutNames({ intent, settlement }: LedgerRequest): LedgerRequest {
  const { workspace: _name, holder: _process, ...rest } = intent;
  const { host, ...route } = rest.route;
  const bare: Intent = {
    ...rest,
    ...modelWithoutFolder(rest),
    route: { ...route, host: host && withoutFolders(host) },
    items: intent.items.map(withoutName),
    ...(rest.origin === undefined ? {} : { origin: withoutFolders(rest.origin) }),
  };
  return { intent: bare, settlement: settlement && settlementWithoutNames(settlement) };
}

function settlementWithoutNames(settlement: Settlement): Settlement {
  const { servedModel } = settlement;
  return servedModel === undefined ? settlement : { ...settlement, servedModel: withoutFolders(servedModel) };
}

function rowWithoutNames(row: DailyRow): DailyRow {
  const { modelId = null, modelName = null } = modelWithoutFolder(row);
  return { ...row, workspace: null, modelId, modelName, host: row.host && withoutFolders(row.host) };
}

function useWithoutNames(use: CompletionUse): CompletionUse {
  return { ...use, modelId: withoutFolders(use.modelId) };
}

function modelWithoutFolder({ modelId, modelName }: Pick<Intent | DailyRow, 'modelId' | 'modelName'>) {
  return {
    modelId: modelId === null ? undefined : modelId && withoutFolders(modelId),
    modelName: modelName === null ? undefined : modelName && withoutFolders(modelName),
  };
}

/**
 * Models of our own engine, and of servers that were given a file, are known by its path; so is a server behind a Unix
 * socket. Its folders may have the user's name in them. `meta/llama` and a web address are no paths.
 */
function withoutFolders(name: string): string {
  return name.replace(/(^|^embedded:|^unix:|#)(?:[A-Za-z]:[\\/]|[\\/])(?:[^#]*[\\/])?/g, '$1');
}

function withoutName({ bytes, maskedCount }: LedgerItem): LedgerItem {
  return { uri: '', bytes, ...(maskedCount === undefined ? {} : { maskedCount }) };
}

function isRequest(value: unknown): boolean {
  const { intent, settlement } = fieldsOf(value);
  const begun = parseEntry(intent);
  const ended = settlement === undefined ? undefined : parseEntry(settlement);
  if (begun?.kind !== 'intent' || !Array.isArray(begun.items)) return false;
  if (ended === undefined) return settlement === undefined;
  const isEnd =
    ended.kind === 'settlement' && ended.id === begun.id && typeof fieldsOf(ended.cost)['basis'] === 'string';
  const { usage } = ended as Settlement;
  const { promptTokens, completionTokens } = fieldsOf(usage);
  return isEnd && (usage === undefined || areNumbers({ promptTokens, completionTokens }));
}

function isRow(value: unknown): boolean {
  const { day, role, route, spend, requests, unsettled, promptTokens, completionTokens } = fieldsOf(value);
  const areWords = [day, role, route].every((each) => typeof each === 'string');
  const { nanoUsd, unpriced } = fieldsOf(spend);
  return areWords && areNumbers({ requests, unsettled, promptTokens, completionTokens, nanoUsd, unpriced });
}

function isUse(value: unknown): boolean {
  const { day, modelId, language, ...numbers } = fieldsOf(value);
  return [day, modelId, language].every((each) => typeof each === 'string') && areNumbers(numbers);
}

function areAll(values: unknown, isOne: (value: unknown) => boolean): boolean {
  return Array.isArray(values) && values.every(isOne);
}

function areNumbers(values: object): boolean {
  return Object.values(values).every(Number.isFinite);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
