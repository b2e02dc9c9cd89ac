/** The vocabulary of a conversation's journal: what is written down, and the one parser for what is read back. */
import { isObject, list, oneOf, optional, shaped, text, truth, whole, type Guard } from './guards.ts';
import { isViewAction, type AnswerEnding, type AttachmentKind, type FailureView } from './protocol.ts';
import type { LeftOut, Receipt, ReceiptTry } from './protocol.ts';

/** What is asked. */
export interface Question {
  /** As it was typed. */
  readonly text: string;
  /** What the model is told in its place, where a `/` command stands for more words. */
  readonly prompt?: string;
  readonly attachments: readonly Attachment[];
}

/**
 * What goes with a question, as it was when it was asked: the conversation stays what it was when files change, and an
 * engine that has read it need not read it again.
 */
export interface Attachment {
  /** Used once, but by the same attachment of a question that is asked again; letters, digits, `-`, `_`; at most 64. */
  readonly id: string;
  readonly kind: AttachmentKind;
  /** `gate.ts:10-32`, `problems of gate.ts`. */
  readonly name: string;
  /** By the estimate or count that was shown. */
  readonly tokens: number;
  /** Of one file each, so that the ledger and the mask can tell them apart. */
  readonly parts: readonly AttachmentPart[];
}

export interface AttachmentPart {
  /** Where it comes from: the document's URI, or one of Paddock's own for what is no document. */
  readonly uri: string;
  /** Documents it may be of, where nobody can tell: rules about any of them hold for it too. */
  readonly mayBeOf?: readonly string[];
  /** For the model and for people: `src/egress/gate.ts:10-32`. */
  readonly name: string;
  /** VS Code's id of the language. Absent: plain text. */
  readonly language?: string;
  /** The lines of the document that the text is, from 1, both included. Absent: all of it, or it is no such part. */
  readonly lines?: readonly [first: number, last: number];
  readonly text: string;
}

/** The model that a question was asked of. */
export interface AskedModel {
  readonly id: string;
  readonly name: string;
}

/** What of the branch was sent with a question, so that the next one begins with the same bytes. */
export interface Sent {
  /** The oldest turn that was sent with it; its own id where none was. */
  readonly firstTurnId: string;
  /** Attachments of the question that were cut, by id: so many characters of their parts' texts were sent. */
  readonly keptChars: Readonly<Record<string, number>>;
  readonly leftOut: readonly LeftOut[];
}

/** How an answer ended. */
export interface Ended {
  readonly ending: AnswerEnding;
  /** Only when it failed. */
  readonly failure?: FailureView;
  /** Of the answer's text, so many characters stay. Absent: all. */
  readonly keptChars?: number;
  /** The same of what it thought before. */
  readonly keptReasoningChars?: number;
  readonly receipt?: Receipt;
}

/** A folder that is open in a window, as in the ledger. */
export interface Workspace {
  /** Stays the same as long as the folder is where it is; tells nothing about its name. */
  readonly id: string;
  /** For people. */
  readonly name: string;
}

interface Stamped {
  /** Milliseconds since 1970; within a conversation never less than what its writer had read before. */
  readonly atMs: number;
}

/** One line of a conversation's journal. Of events that set the same, the one with the latest stamp holds. */
export type ChatEvent = Stamped &
  /**
   * The first line of a window's journal. `workspace`: what is open in the window; absent: nothing, or an earlier
   * version wrote it. The first of all windows says where the conversation began.
   */
  (
    | {
        readonly kind: 'begun';
        readonly version: 1;
        readonly holder: string;
        readonly workspace?: Workspace;
      }
    /** A question. `parentId`: the turn it follows; absent: none. */
    | {
        readonly kind: 'asked';
        readonly turnId: string;
        readonly parentId?: string;
        readonly question: Question;
        readonly model: AskedModel;
      }
    | { readonly kind: 'sent'; readonly turnId: string; readonly sent: Sent }
    /** The ledger knows the request under this id. Again with another id where it was tried again. */
    | { readonly kind: 'opened'; readonly turnId: string; readonly requestId: string }
    /** More of an answer; either may be empty. */
    | { readonly kind: 'said'; readonly turnId: string; readonly text: string; readonly reasoning: string }
    | { readonly kind: 'ended'; readonly turnId: string; readonly ended: Ended }
    | { readonly kind: 'turnDeleted'; readonly turnId: string; readonly isDeleted: boolean }
    /** The user went to this turn's branch. */
    | { readonly kind: 'shown'; readonly turnId: string }
    | { readonly kind: 'titled'; readonly title: string }
    | { readonly kind: 'pinned'; readonly isPinned: boolean }
    | { readonly kind: 'deleted'; readonly isDeleted: boolean }
  );

/** Longer than anything that is written; a text of this size is no journal of ours. */
const anyText = text({ most: 100_000_000 });
export const isId: Guard<string> = text({ most: 64, pattern: /^[\w-]+$/ });
const count = whole(0, Number.MAX_SAFE_INTEGER);
const number: Guard<number> = (value): value is number => Number.isFinite(value);
const onTurn = { turnId: isId };

const isLines = (value: unknown): value is readonly [first: number, last: number] =>
  list(count, 2)(value) && value.length === 2;
const isPart = shaped<AttachmentPart>({
  uri: anyText,
  mayBeOf: optional(list(anyText, 100_000)),
  name: anyText,
  language: optional(anyText),
  lines: optional(isLines),
  text: anyText,
});
const isAttachment = shaped<Attachment>({
  id: isId,
  kind: oneOf('file', 'folder', 'selection', 'problems', 'symbol', 'diff', 'search', 'rules'),
  name: anyText,
  tokens: number,
  parts: list(isPart, 10_000),
});
const isQuestion = shaped<Question>({
  text: anyText,
  prompt: optional(anyText),
  attachments: list(isAttachment, 1_000),
});
const isModel = shaped<AskedModel>({ id: anyText, name: anyText });

const isLeftOut = (value: unknown): value is LeftOut =>
  isObject(value) &&
  (value['kind'] === 'turns'
    ? count(value['count']) && number(value['tokens'])
    : value['kind'] === 'attachment' &&
      anyText(value['name']) &&
      number(value['tokens']) &&
      number(value['keptTokens']));
const isKept = (value: unknown): value is Readonly<Record<string, number>> =>
  isObject(value) && Object.values(value).every((each) => count(each));
const isSent = shaped<Sent>({ firstTurnId: isId, keptChars: isKept, leftOut: list(isLeftOut, 10_000) });

const isFailure = shaped<FailureView>({ message: anyText, action: optional(isViewAction) });
const isExposure = oneOf('inProcess', 'loopback', 'private', 'internet');
const isCounter = oneOf('engine', 'provider', 'estimate');
const isTry = shaped<ReceiptTry>({
  requestId: anyText,
  exposure: isExposure,
  routeWords: anyText,
  outcomeWords: anyText,
  promptTokens: optional(number),
  completionTokens: optional(number),
  countedBy: optional(isCounter),
  costWords: optional(anyText),
});
const isReceipt = shaped<Receipt>({
  requestId: anyText,
  tries: optional(list(isTry, 100)),
  exposure: isExposure,
  routeWords: anyText,
  host: optional(anyText),
  modelName: anyText,
  servedModel: optional(anyText),
  promptTokens: optional(number),
  cachedTokens: optional(number),
  completionTokens: optional(number),
  reasoningTokens: optional(number),
  countedBy: optional(isCounter),
  isCountAtLeast: optional(truth),
  decodeTokPerS: optional(number),
  prefillTokPerS: optional(number),
  firstTokenMs: optional(number),
  costWords: optional(anyText),
  costBasisWords: optional(anyText),
  items: list(
    shaped<Receipt['items'][number]>({ name: anyText, bytes: number, maskedCount: optional(number) }),
    10_000,
  ),
  leftOut: list(isLeftOut, 10_000),
  maskedCount: optional(number),
  weightsSha256: optional(anyText),
  sampling: list(shaped<Receipt['sampling'][number]>({ name: anyText, value: anyText }), 100),
});
const endings = [
  ...(['finished', 'stopped', 'interrupted', 'failed'] as const),
  ...(['maxTokens', 'cut', 'filtered', 'looped'] as const),
];
const isEnded = shaped<Ended>({
  ending: oneOf<AnswerEnding>(...endings),
  failure: optional(isFailure),
  keptChars: optional(count),
  keptReasoningChars: optional(count),
  receipt: optional(isReceipt),
});

export const isWorkspace = shaped<Workspace>({ id: isId, name: anyText });

/** What each kind of line has to hold, beside its kind and its stamp. */
const shapes: { readonly [Kind in ChatEvent['kind']]: Guard<unknown> } = {
  begun: shaped({ version: whole(1, 1), holder: anyText, workspace: optional(isWorkspace) }),
  asked: shaped({ ...onTurn, parentId: optional(isId), question: isQuestion, model: isModel }),
  sent: shaped({ ...onTurn, sent: isSent }),
  opened: shaped({ ...onTurn, requestId: anyText }),
  said: shaped({ ...onTurn, text: anyText, reasoning: anyText }),
  ended: shaped({ ...onTurn, ended: isEnded }),
  turnDeleted: shaped({ ...onTurn, isDeleted: truth }),
  shown: shaped(onTurn),
  titled: shaped({ title: anyText }),
  pinned: shaped({ isPinned: truth }),
  deleted: shaped({ isDeleted: truth }),
};

/** The event in a line, or `undefined` when it is none (another version, damage). */
export function parseEvent(record: unknown): ChatEvent | undefined {
  if (!isObject(record)) return undefined;
  const { kind, atMs } = record;
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind) || !number(atMs)) return undefined;
  return shapes[kind as ChatEvent['kind']](record) ? (record as unknown as ChatEvent) : undefined;
}

/** Whether a line begins a journal in a form that came after this one. */
export function isOfLaterVersion(record: unknown): boolean {
  return isObject(record) && record['kind'] === 'begun' && whole(2, Number.MAX_SAFE_INTEGER)(record['version']);
}
