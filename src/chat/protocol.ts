/**
 * What the chat's webview and its host say to each other, and the one parser for what comes from the webview.
 *
 * The host owns everything; the webview is a picture of it that can be thrown away at any time and is drawn again from
 * one `state`. Plain JSON, both ways. Ids are the host's; to the webview they are only names.
 */
import { isObject, list, oneOf, optional, text, truth, whole, type Guard, type Shape } from './guards.ts';
import type { FailureAction } from '../base/failure.ts';

// ---------------------------------------------------------------------------------------------------------------------
// What is shown

/** Everything that is drawn. */
export interface ChatState {
  readonly thread: ThreadView;
  readonly threads: readonly ThreadHead[];
  readonly composer: ComposerView;
  /** What the composer holds when the webview has no newer text of its own. */
  readonly draft: string;
  /** A question that is on its way to the disk: it is drawn as a turn, or comes back. Absent: none is. */
  readonly sending?: string;
  /**
   * A question that could not be asked: it stands in the draft, and where the webview has newer text of its own, it goes
   * behind that. The next `draft` with it in it says that it came. Absent: there is none.
   */
  readonly givenBack?: string;
  /** The questions that Up brings back, newest first; at most 50, of this thread and of those that changed last. */
  readonly history: readonly string[];
}

/** One conversation, as far as it is shown: one branch of its tree. */
export interface ThreadView {
  readonly id: string;
  readonly title: string;
  /** Oldest first. Empty: the empty state is drawn. */
  readonly turns: readonly TurnView[];
  /** The turn to scroll to and mark, after a search. Absent: the end. */
  readonly showTurnId?: string;
}

/** A question and its answer. */
export interface TurnView {
  readonly id: string;
  /** The turn before it in its branch; `undefined`: it is the first. */
  readonly parentId: string | undefined;
  /**
   * Every version of what stands at this place, oldest first, its own id among them; one: there is no other. An edited
   * question and an answer that was asked for again are versions; `showVersion` goes to one of them.
   */
  readonly versions: readonly string[];
  readonly question: QuestionView;
  readonly answer: AnswerView;
}

export interface QuestionView {
  /** As it was typed, with its `/` command. */
  readonly text: string;
  readonly atMs: number;
  readonly attachments: readonly AttachmentView[];
}

/** What went with a question. */
export interface AttachmentView {
  readonly id: string;
  readonly kind: AttachmentKind;
  /** `gate.ts`, `gate.ts:10-32`, `problems of gate.ts`. */
  readonly name: string;
  readonly tokens: number;
}

/** Where an attachment comes from; chooses its icon. */
export type AttachmentKind = 'file' | 'folder' | 'selection' | 'problems' | 'symbol' | 'diff' | 'search' | 'rules';

/**
 * How far an answer is. `waiting`: nothing has come yet. The others but `streaming` are its end: `finished`; `stopped`
 * by the user; `interrupted`: the editor ended while it came; `failed`; `maxTokens`: it reached its most tokens or the
 * end of the context; `cut`: the server closed the connection before it said that it was done; `filtered`: the provider
 * withheld the rest; `looped`: the model repeated itself, so it was stopped and the repetitions were taken off;
 * `elsewhere`: it is coming in another window.
 */
export type AnswerState = 'waiting' | 'streaming' | AnswerEnding | 'elsewhere';

export type AnswerEnding =
  'finished' | 'stopped' | 'interrupted' | 'failed' | 'maxTokens' | 'cut' | 'filtered' | 'looped';

export interface AnswerView {
  readonly state: AnswerState;
  /** Markdown by the model: never trusted. */
  readonly text: string;
  /** What it thought before; folded. Empty: nothing. */
  readonly reasoning: string;
  readonly modelName: string;
  /** How far the prompt was read, while the state is `waiting`. */
  readonly reading?: ReadingView;
  /** Only when the state is `failed`. */
  readonly failure?: FailureView;
  /** Absent while it comes, and where nothing was asked of any model. */
  readonly receipt?: Receipt;
}

/** How much of the prompt was read, what was read before included. */
export interface ReadingView {
  readonly readTokens: number;
  readonly totalTokens: number;
  /** At the measured speed. Absent: not known. */
  readonly secondsLeft?: number;
}

/** Why there is no answer, or no more of it. */
export interface FailureView {
  /** A sentence or two. */
  readonly message: string;
  /** The one thing to press. Absent: there is nothing useful. */
  readonly action?: ViewAction;
}

/** What a failure's or a notice's one button does. `retry`: asks the same again. */
export type ViewAction = FailureAction | 'retry';

/** Where bytes went, from the least to the most exposed. */
export type Exposure = 'inProcess' | 'loopback' | 'private' | 'internet';

/**
 * What an answer took, made from the ledger's records. Counts that nobody told are absent, which is not zero. Where it
 * was tried more than once, tokens and money are of all tries together, the route is that of the most exposed one, and
 * the rest is of the last one.
 */
export interface Receipt {
  /** Of the request in the ledger; see `showReceipt`. */
  readonly requestId: string;
  /** Every time it was sent, oldest first. Absent: once. */
  readonly tries?: readonly ReceiptTry[];
  readonly exposure: Exposure;
  /** The route for people: `this computer`, `internet: api.openai.com`. */
  readonly routeWords: string;
  /** `host:port`. Absent: our own engine. */
  readonly host?: string;
  readonly modelName: string;
  /** As the server calls what answered. Absent: not told. */
  readonly servedModel?: string;
  /** Tokens of the whole prompt, reused ones included. */
  readonly promptTokens?: number;
  /** Of these, read before and not evaluated again. */
  readonly cachedTokens?: number;
  readonly completionTokens?: number;
  readonly reasoningTokens?: number;
  /** Who counted; of several, the one who is least sure. */
  readonly countedBy?: 'engine' | 'provider' | 'estimate';
  /** Of some try nobody counted the tokens. */
  readonly isCountAtLeast?: boolean;
  /** Tokens generated per second. */
  readonly decodeTokPerS?: number;
  readonly prefillTokPerS?: number;
  readonly firstTokenMs?: number;
  /** `$0.0061`, `at least $0.002`, `price unknown`. Absent: nobody charges for it, and no sum is shown. */
  readonly costWords?: string;
  /** What the sum stands on: `as billed`, `list prices of 2026-10-01`. */
  readonly costBasisWords?: string;
  /** What of the user's was sent, exactly. */
  readonly items: readonly ReceiptItem[];
  /** What was not sent because it did not fit. */
  readonly leftOut: readonly LeftOut[];
  /** Secrets that were replaced, in all of it. Absent: nobody looked, as nothing left this computer. */
  readonly maskedCount?: number;
  /** SHA-256 of the weights, 64 hex digits. Absent: not known, as with every server. */
  readonly weightsSha256?: string;
  /** What the model was told about choosing tokens: `temperature`, `0.2`. */
  readonly sampling: readonly { readonly name: string; readonly value: string }[];
}

/** One time that a request was sent. */
export interface ReceiptTry {
  readonly requestId: string;
  readonly exposure: Exposure;
  /** As in `Receipt`. */
  readonly routeWords: string;
  /** `failed: bad response`. */
  readonly outcomeWords: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly countedBy?: 'engine' | 'provider' | 'estimate';
  readonly costWords?: string;
}

/** One document that went into the request. */
export interface ReceiptItem {
  /** `src/egress/gate.ts:10-32`. */
  readonly name: string;
  /** UTF-8 bytes that were handed over. */
  readonly bytes: number;
  /** Secrets replaced in it. Absent: nobody looked for any. */
  readonly maskedCount?: number;
}

/** Something that did not fit. */
export type LeftOut =
  /** So many turns from the beginning of the conversation. */
  | { readonly kind: 'turns'; readonly count: number; readonly tokens: number }
  /** An attachment, with whatever turn it came; `keptTokens`: its beginning was sent, 0: none of it. */
  | { readonly kind: 'attachment'; readonly name: string; readonly tokens: number; readonly keptTokens: number };

/** A conversation in the list. */
export interface ThreadHead {
  readonly id: string;
  /** At most 60 characters. */
  readonly title: string;
  readonly isPinned: boolean;
  /** When something was last asked, ms since 1970. */
  readonly changedMs: number;
  readonly turnCount: number;
  /** An answer is coming in it, in this window. */
  readonly isAnswering: boolean;
  /** Where it began. Absent: in the workspace of this window, or nobody knows. */
  readonly workspaceName?: string;
  /** Why it cannot be opened or changed, a sentence or two. Absent: it can. */
  readonly unreadableBecause?: string;
}

/** What stands below the turns. */
export interface ComposerView {
  readonly chips: readonly Chip[];
  /** `undefined`: none is chosen; the pill asks to choose one. */
  readonly model: ModelPill | undefined;
  /**
   * What sending costs, for people: `≈2.3k tokens → api.openai.com ≈ $0.006`, `≈2.3k tokens → this computer, about 4 s
   * to read`. Empty: nothing to say.
   */
  readonly footer: string;
  /** What the footer stands on, and what would not fit. Empty: nothing. */
  readonly footerHover: string;
  /** How full the model's context would be. Absent: not known. */
  readonly fill?: { readonly usedTokens: number; readonly limitTokens: number };
  /** What would not fit if it were sent now. */
  readonly leftOut: readonly LeftOut[];
  /** Why nothing can be sent now, with the one thing to press. Absent: it can. */
  readonly blocked?: FailureView;
  /** Files of the workspace that the user has to have seen before they are used; the first is shown. */
  readonly reviews: readonly Review[];
}

/** Something that goes with the next question. */
export interface Chip {
  readonly id: string;
  readonly kind: AttachmentKind;
  /** `gate.ts:10-32`. */
  readonly name: string;
  /** Where it comes from, in full. */
  readonly hover: string;
  /** `undefined`: being counted. */
  readonly tokens: number | undefined;
  /**
   * `attached`: goes with the next question. `offered`: would, if it were taken (the selection); drawn faintly.
   * `inThread`: an earlier turn of this branch holds it (project rules); it cannot be removed. `keptBack`: a rule keeps
   * it here, `why` says which; it is not sent.
   */
  readonly state: 'attached' | 'offered' | 'inThread' | 'keptBack';
  /** Why it, or a part of it, is not sent: sentences. Of what is offered: why it is not attached by itself. */
  readonly why?: string;
  /** Its text can be seen and changed: `readChip`, `editChip`. */
  readonly isEditable: boolean;
  /** It holds characters that cannot be seen or that turn the direction of reading; drawn as a warning. */
  readonly hasHiddenCharacters: boolean;
}

/** The model that would be asked. */
export interface ModelPill {
  readonly name: string;
  readonly exposure: Exposure;
  /** `this computer`, `internet: api.openai.com`. */
  readonly routeWords: string;
}

/** A file of the workspace that wants to be looked at before it is used: it could have come with a stranger's code. */
export interface Review {
  readonly id: string;
  readonly kind: 'rules' | 'prompt';
  /** Its path in the workspace. */
  readonly name: string;
  /** Its text, at most 20,000 characters; drawn as text, never as Markdown. */
  readonly text: string;
  readonly isCut: boolean;
  readonly tokens: number;
}

/** One thing that can be picked after `@` or `/`. */
export interface Suggestion {
  readonly id: string;
  readonly label: string;
  /** Empty: nothing more to say. */
  readonly detail: string;
  /**
   * Present: the webview puts this text in the place of what was typed from the `@` or `/` on, and suggests again if it
   * ends with a colon. Absent: what was typed is removed, and `takeSuggestion` makes it a chip.
   */
  readonly insertText?: string;
  /** Why it cannot be picked now; drawn beside it. Absent: it can. */
  readonly disabledBecause?: string;
}

/** A place where the words were found. */
export interface SearchHit {
  readonly threadId: string;
  readonly turnId: string;
  readonly title: string;
  readonly atMs: number;
  /** A part of the text around the first hit, on one line. */
  readonly snippet: string;
  /** What to mark in the snippet, in UTF-16 code units: `[start, end]`. */
  readonly marks: readonly (readonly [start: number, end: number])[];
}

// ---------------------------------------------------------------------------------------------------------------------
// Host -> webview

/** Host -> webview. What is told of a thread that is not the one shown is dropped by the webview. */
export type ToWebview =
  /** Draws everything anew: the answer to `ready`, another thread, another branch. */
  | { readonly type: 'state'; readonly state: ChatState }
  /**
   * One turn. In the place of the one with the same id; a turn that is new comes after its parent, and what had followed
   * the parent leaves the view.
   */
  | { readonly type: 'turn'; readonly threadId: string; readonly turn: TurnView }
  /** To be added to a turn's answer, at most one per frame. Either may be empty. The answer is `streaming` from then on. */
  | {
      readonly type: 'delta';
      readonly threadId: string;
      readonly turnId: string;
      readonly text: string;
      readonly reasoning: string;
    }
  /** How far the prompt of a turn that waits was read. */
  | { readonly type: 'reading'; readonly threadId: string; readonly turnId: string; readonly reading: ReadingView }
  /** The list, pinned ones first, then newest first; deleted ones are not in it. */
  | { readonly type: 'threads'; readonly threads: readonly ThreadHead[] }
  | { readonly type: 'composer'; readonly composer: ComposerView }
  /** The answer to `suggest` of the same number; at most 50. A number older than the last asked for is dropped. */
  | { readonly type: 'suggestions'; readonly request: number; readonly suggestions: readonly Suggestion[] }
  /** The answer to `searchThreads` of the same number; comes again with more hits until `isDone`. At most 200. */
  | {
      readonly type: 'searchResults';
      readonly request: number;
      readonly hits: readonly SearchHit[];
      readonly isDone: boolean;
    }
  /** The answer to `readChip`. */
  | { readonly type: 'chipText'; readonly chipId: string; readonly text: string }
  /** Puts text into the composer, behind what is there, and the cursor behind the text. */
  | { readonly type: 'fill'; readonly text: string }
  /** Moves the keyboard to the composer. */
  | { readonly type: 'focus' }
  /** One line that goes away by itself, with at most one button. */
  | { readonly type: 'notice'; readonly text: string; readonly button?: NoticeButton };

/** A notice's button: its words, and the message that pressing it sends. */
export interface NoticeButton {
  readonly label: string;
  readonly message: Extract<FromWebview, { type: 'restoreThread' | 'restoreTurn' | 'runAction' }>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Webview -> host

/** Webview -> host. What names a thread, turn, chip or file that is not there does nothing. */
export type FromWebview =
  /** It is loaded and wants `state`. */
  | { readonly type: 'ready' }
  /** Asks, with the chips that are attached, after the last turn shown. `text` may begin with a `/` command. */
  | { readonly type: 'send'; readonly threadId: string; readonly text: string }
  /**
   * Ends the answer that is coming in the conversation, also where another version of its turn is shown; what came is
   * kept.
   */
  | { readonly type: 'stop'; readonly threadId: string }
  /** Asks a turn's question again, as a new version beside it. */
  | { readonly type: 'regenerate'; readonly threadId: string; readonly turnId: string }
  /** Asks an edited question as a new version beside the old; of its attachments those named are kept. */
  | {
      readonly type: 'resend';
      readonly threadId: string;
      readonly turnId: string;
      readonly text: string;
      readonly attachmentIds: readonly string[];
    }
  /** Goes to a version, and to the newest of what followed it. */
  | { readonly type: 'showVersion'; readonly threadId: string; readonly turnId: string }
  /** Takes a question and its answer out; what followed stays. */
  | { readonly type: 'deleteTurn'; readonly threadId: string; readonly turnId: string }
  | { readonly type: 'restoreTurn'; readonly threadId: string; readonly turnId: string }
  /** Puts a question, or the Markdown of an answer, on the clipboard. */
  | {
      readonly type: 'copyTurn';
      readonly threadId: string;
      readonly turnId: string;
      readonly part: 'question' | 'answer';
    }
  /** Puts text on the clipboard: a code block. */
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'newThread' }
  /** Shows a thread; with a turn, the branch it is in. */
  | { readonly type: 'openThread'; readonly threadId: string; readonly turnId?: string }
  | { readonly type: 'renameThread'; readonly threadId: string; readonly title: string }
  | { readonly type: 'pinThread'; readonly threadId: string; readonly isPinned: boolean }
  /** Takes it out of the list; the host says so with a button that restores it. */
  | { readonly type: 'deleteThread'; readonly threadId: string }
  | { readonly type: 'restoreThread'; readonly threadId: string }
  | { readonly type: 'exportThread'; readonly threadId: string; readonly format: 'markdown' | 'json' }
  /** Looks for words in all threads; a newer search ends an older one. An empty query ends it too. */
  | { readonly type: 'searchThreads'; readonly request: number; readonly query: string }
  /** What the composer holds now, some time after the last key: for the footer, and to be there after a reload. */
  | { readonly type: 'draft'; readonly threadId: string; readonly text: string }
  /** What can be picked; `query` is what stands behind the `@` or `/`. */
  | { readonly type: 'suggest'; readonly request: number; readonly trigger: '@' | '/'; readonly query: string }
  | { readonly type: 'takeSuggestion'; readonly suggestionId: string }
  /** Opens VS Code's own picker for things to attach. */
  | { readonly type: 'pickContext' }
  /** Files and folders that were dropped on the view. */
  | { readonly type: 'dropUris'; readonly uris: readonly string[] }
  /** Attaches a chip that is offered. */
  | { readonly type: 'takeChip'; readonly chipId: string }
  | { readonly type: 'removeChip'; readonly chipId: string }
  /** Asks for a chip's text, to change it. */
  | { readonly type: 'readChip'; readonly chipId: string }
  /** From now on this text is what is sent of it. */
  | { readonly type: 'editChip'; readonly chipId: string; readonly text: string }
  /** Opens where a chip comes from in the editor. */
  | { readonly type: 'openChip'; readonly chipId: string }
  /** Opens where an attachment of a turn came from. */
  | {
      readonly type: 'openAttachment';
      readonly threadId: string;
      readonly turnId: string;
      readonly attachmentId: string;
    }
  /** The user has seen the file and wants it used, or not. */
  | { readonly type: 'answerReview'; readonly reviewId: string; readonly isUsed: boolean }
  /** Opens the switcher. */
  | { readonly type: 'switchModel' }
  /** Presses the button of a failure or a notice; `turnId` is the failed turn, which `retry` asks again. */
  | { readonly type: 'runAction'; readonly action: ViewAction; readonly threadId?: string; readonly turnId?: string }
  /** Opens the ledger at the turn's request. */
  | { readonly type: 'showReceipt'; readonly threadId: string; readonly turnId: string }
  /** Puts a code block at the cursor of the active editor, in the place of its selection. */
  | ({ readonly type: 'insertCode' } & CodeBlock)
  /** Opens a new, unsaved file with a code block. */
  | ({ readonly type: 'newFile' } & CodeBlock)
  /** Offers a code block as a change to a file. */
  | ({ readonly type: 'applyCode' } & CodeBlock)
  /** Opens a page, after VS Code's own question; `http` and `https` only. */
  | { readonly type: 'openLink'; readonly url: string }
  /** Opens a file that an answer names, if it is in the workspace. Lines and columns from 1. */
  | { readonly type: 'openFile'; readonly path: string; readonly line?: number; readonly column?: number };

/** A code block of an answer. */
export interface CodeBlock {
  readonly text: string;
  /** As it stands behind the fence; empty: nothing does. */
  readonly language: string;
  /** The file it names for itself. Absent: none. */
  readonly path?: string;
}

// ---------------------------------------------------------------------------------------------------------------------
// The one parser

/** The most characters of each kind of text. */
const most = { name: 200, query: 1_000, path: 4_096, draft: 1_000_000, code: 4_000_000 };

const id = text({ most: 64, pattern: /^[\w-]+$/ });
const draft = text({ most: most.draft });
const query = text({ most: most.query });
/** No control characters: a path is shown and opened. */
const path = text({ most: most.path, pattern: /^[^\p{Cc}]+$/u });
const line = whole(1, 10_000_000);
const request = whole(0, Number.MAX_SAFE_INTEGER);
const inThread = { threadId: id };
const inTurn = { threadId: id, turnId: id };
const codeBlock = { text: text({ most: most.code }), language: text({ most: most.name }), path: optional(path) };
/** Named one by one, so that none can be forgotten. */
const actions: Readonly<Record<ViewAction, true>> = {
  chooseModel: true,
  restartEngine: true,
  showLog: true,
  openSettings: true,
  switchProvider: true,
  setApiKey: true,
  openPolicy: true,
  retry: true,
};

/** What each message has to hold. */
const shapes: { readonly [Type in FromWebview['type']]: Shape<Omit<Extract<FromWebview, { type: Type }>, 'type'>> } = {
  ready: {},
  send: { ...inThread, text: draft },
  stop: inThread,
  regenerate: inTurn,
  resend: { ...inTurn, text: draft, attachmentIds: list(id, 200) },
  showVersion: inTurn,
  deleteTurn: inTurn,
  restoreTurn: inTurn,
  copyTurn: { ...inTurn, part: oneOf('question', 'answer') },
  copy: { text: text({ most: most.code }) },
  newThread: {},
  openThread: { ...inThread, turnId: optional(id) },
  renameThread: { ...inThread, title: text({ most: most.name }) },
  pinThread: { ...inThread, isPinned: truth },
  deleteThread: inThread,
  restoreThread: inThread,
  exportThread: { ...inThread, format: oneOf('markdown', 'json') },
  searchThreads: { request, query },
  draft: { ...inThread, text: draft },
  suggest: { request, trigger: oneOf('@', '/'), query },
  takeSuggestion: { suggestionId: text({ most: most.path }) },
  pickContext: {},
  dropUris: { uris: list(path, 100) },
  takeChip: { chipId: id },
  removeChip: { chipId: id },
  readChip: { chipId: id },
  editChip: { chipId: id, text: draft },
  openChip: { chipId: id },
  openAttachment: { ...inTurn, attachmentId: id },
  answerReview: { reviewId: id, isUsed: truth },
  switchModel: {},
  runAction: { action: isViewAction, threadId: optional(id), turnId: optional(id) },
  showReceipt: inTurn,
  insertCode: codeBlock,
  newFile: codeBlock,
  applyCode: codeBlock,
  openLink: { url: isWebAddress },
  openFile: { path, line: optional(line), column: optional(line) },
};

/**
 * The message, with nothing in it but what its type has; `undefined`: it is none, or something in it is of another type,
 * too long, or no id. Never throws on what a `postMessage` can bring.
 */
export function parseFromWebview(message: unknown): FromWebview | undefined {
  if (!isObject(message)) return undefined;
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(shapes, type)) return undefined;
  return fieldsOf(message, type, shapes[type as FromWebview['type']]) as FromWebview | undefined;
}

export function isViewAction(value: unknown): value is ViewAction {
  return typeof value === 'string' && Object.hasOwn(actions, value);
}

function fieldsOf(message: Record<string, unknown>, type: string, shape: Record<string, Guard<unknown>>) {
  const fields: Record<string, unknown> = { type };
  for (const [name, isRight] of Object.entries(shape)) {
    const value = Object.hasOwn(message, name) ? message[name] : undefined;
    if (!isRight(value)) return undefined;
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

/** No user name in front of the host: it is there to be taken for the host. */
function isWebAddress(value: unknown): value is string {
  if (!path(value) || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
