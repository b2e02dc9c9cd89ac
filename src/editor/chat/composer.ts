/** What stands below the turns is put together here: chips, the model, what sending would take, what to look at first. */
import type { Clock } from '../../base/clock.ts';
import { isAbort, type Failure } from '../../base/failure.ts';
import { onEnd, Store, type Disposable } from '../../base/store.ts';
import type { Attachment } from '../../chat/event.ts';
import type {
  ChatState,
  Chip,
  ComposerView,
  FailureView,
  LeftOut,
  ModelPill,
  Review,
  ToWebview,
} from '../../chat/protocol.ts';
import type { Chips } from './chips.ts';

/** What the composer needs. */
export interface ComposerNeeds {
  readonly chips: Chips;
  readonly pill: () => ModelPill | undefined;
  readonly blocked: () => Failure | undefined;
  /** What sending this would take. Throws `Failure`; what it throws is shown in the estimate's place. */
  readonly estimate: (order: EstimateOrder, signal: AbortSignal) => Promise<Estimate>;
  /** Rules of the project that the conversation holds already. */
  readonly rulesInThread: () => Attachment | undefined;
  /** Whether a document lies in a folder that is open in this window. */
  readonly isHere: (uri: string) => boolean;
  /** What the workspace is called in which the conversation began; `undefined`: it is this window's. */
  readonly otherWorkspace: () => string | undefined;
  readonly tell: (message: ToWebview) => void;
  /** Keeps what was typed over reloads. */
  readonly memory: { get(): string; set(draft: string): void };
  readonly clock: Clock;
}

/** What would be sent. */
export interface EstimateOrder {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/** What sending would take. */
export interface Estimate {
  /** As in `ComposerView`. */
  readonly footer: string;
  readonly footerHover: string;
  readonly fill?: NonNullable<ComposerView['fill']>;
  readonly leftOut: readonly LeftOut[];
}

/** The user has paused typing for so long, ms. */
const restMs = 250;
const nothing: Estimate = { footer: '', footerHover: '', leftOut: [] };

/** The composer's state; the text in it belongs to the webview, which tells it from time to time. */
export class Composer implements Disposable {
  private readonly store = new Store();
  private readonly needs: ComposerNeeds;
  private estimate = nothing;
  /** Whom the estimate is about. */
  private estimated: ModelPill | undefined;
  private reviews: readonly Review[] = [];
  private typed: string | undefined;
  /** A question that is on its way to the disk. */
  private held: string | undefined;
  /** What was put into the draft here, until the webview says that it has it. */
  private given: string | undefined;
  private cancelRest: (() => void) | undefined;
  private counting: AbortController | undefined;

  constructor(needs: ComposerNeeds) {
    this.needs = needs;
    this.store.add(needs.chips.onDidChange(this.changed));
    this.store.add(onEnd(() => this.endEstimate()));
  }

  get view(): ComposerView {
    const { chips, pill, blocked, rulesInThread, isHere, otherWorkspace } = this.needs;
    const rules = rulesInThread();
    const other = otherWorkspace();
    const why = blocked();
    const model = pill();
    return {
      chips: [
        ...(rules === undefined ? [] : [inThread(rules, isHere)]),
        ...chips.views.map((chip) => (other === undefined ? chip : inOther(chip, other))),
      ],
      model,
      // What another one would have taken is not said beside this one.
      ...(isSame(model, this.estimated) ? this.estimate : nothing),
      ...(why === undefined ? {} : { blocked: shown(why) }),
      reviews: this.reviews,
    };
  }

  /** What was typed and not sent. */
  get draft(): string {
    return (this.typed ??= this.needs.memory.get());
  }

  set draft(text: string) {
    this.typed = text;
    if (this.given !== undefined && text.includes(this.given)) this.given = undefined;
    this.keep();
    this.estimateSoon();
  }

  /** Another conversation is shown, with this draft. */
  move(draft: string): void {
    this.given = undefined;
    this.draft = draft;
  }

  /** All that the webview is told of texts when it is drawn anew. */
  get texts(): Pick<ChatState, 'draft' | 'sending' | 'givenBack'> {
    const { draft, held, given } = this;
    return {
      draft,
      ...(held === undefined ? {} : { sending: held }),
      ...(given === undefined ? {} : { givenBack: given }),
    };
  }

  /** A question could not be asked: it stands behind what is typed, also where nobody listens now. */
  giveBack(text: string): void {
    const given = joined(this.given ?? '', text);
    this.draft = joined(this.draft, text);
    this.given = given;
    this.needs.tell({ type: 'fill', text });
  }

  /** A question was sent: until it is on disk it is kept as a draft is, so that it comes back if the editor dies. */
  hold(text: string): void {
    this.held = text;
    this.keep();
  }

  /** It is on disk, or back in the composer. */
  release(): void {
    if (this.held === undefined) return;
    this.held = undefined;
    this.keep();
  }

  /** Files that the user has to have seen before they are used. */
  setReviews(reviews: readonly Review[]): void {
    this.reviews = reviews;
    this.changed();
  }

  /** Something of it changed: it is drawn, and what sending would take is found out anew. */
  readonly changed = (): void => {
    this.needs.tell({ type: 'composer', composer: this.view });
    this.estimateSoon();
  };

  dispose(): void {
    this.store.dispose();
  }

  private keep(): void {
    this.needs.memory.set(joined(this.draft, this.held ?? ''));
  }

  private estimateSoon(): void {
    this.endEstimate();
    this.cancelRest = this.needs.clock.schedule(restMs, () => void this.estimateNow());
  }

  private async estimateNow(): Promise<void> {
    const counting = new AbortController();
    this.counting = counting;
    const model = this.needs.pill();
    const found = await this.estimateOrWhy(counting.signal);
    if (counting.signal.aborted) return;
    [this.estimate, this.estimated] = [found, model];
    this.needs.tell({ type: 'composer', composer: this.view });
  }

  private async estimateOrWhy(signal: AbortSignal): Promise<Estimate> {
    const { chips, estimate, blocked } = this.needs;
    const { attachments } = chips;
    if (blocked() !== undefined || (this.draft.trim() === '' && attachments.length === 0)) return nothing;
    try {
      return await estimate({ text: this.draft, attachments }, signal);
    } catch (error) {
      return isAbort(error) ? nothing : { ...nothing, footer: error instanceof Error ? error.message : '' };
    }
  }

  private endEstimate(): void {
    this.cancelRest?.();
    this.cancelRest = undefined;
    this.counting?.abort();
    this.counting = undefined;
  }
}

function joined(typed: string, text: string): string {
  return [typed, text].filter((each) => each.trim() !== '').join(' ');
}

function isSame(a: ModelPill | undefined, b: ModelPill | undefined): boolean {
  return a?.name === b?.name && a?.routeWords === b?.routeWords;
}

function shown({ message, action }: Failure): FailureView {
  return { message, ...(action === undefined ? {} : { action }) };
}

/** Sent with an earlier question, so it is no more to send, and cannot be taken away. */
function inThread({ name, tokens, parts }: Attachment, isHere: (uri: string) => boolean): Chip {
  const where = parts.every(({ uri }) => isHere(uri)) ? '' : ' (another workspace)';
  return {
    ...{ id: 'rules-in-thread', kind: 'rules', name: `${name}${where}`, tokens, state: 'inThread' },
    hover: parts.map((part) => part.name).join('\n'),
    ...{ isEditable: false, hasHiddenCharacters: false },
  };
}

/** Rules of this workspace do not go along by themselves where the conversation began in another one. */
function inOther(chip: Chip, other: string): Chip {
  const isHeldBack = chip.kind === 'rules' && chip.state === 'offered';
  return isHeldBack ? { ...chip, why: `this chat began in “${other}”. Add it if it fits.` } : chip;
}
