/** A keystroke comes in here and text for the cursor goes out, or the reason why there is none: the pipeline. */
import type { Clock } from '../base/clock.ts';
import { isAbort } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { pause } from '../base/pause.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { Ask, ReadAhead } from '../models/model.ts';
import { Flight, type Departure, type Landing } from './flight.ts';
import { maxLines, maxTokens, mayReadOn, type CompletionModel } from './pace.ts';
import { placeAfter, placeOf } from './place.ts';
import { bestWindow, infillRequest } from './prompt.ts';
import type { Reason } from './reason.ts';
import { Recall } from './recall.ts';
import { formOf, outlineOf, tidy } from './shape.ts';
import type { Snapshot } from './snapshot.ts';
import {
  decide,
  noted,
  refusal,
  resting,
  unwanted,
  type CompletionSettings,
  type EditNote,
  type Question,
  type Typing,
  type Why,
} from './trigger.ts';

/** What the pipeline is given. */
export interface SuggesterNeeds {
  readonly ask: Ask;
  /** As they are now; called for every keystroke. */
  readonly settings: () => CompletionSettings;
  /** The model in use as it is now; `undefined`: none is ready. */
  readonly model: () => CompletionModel | undefined;
  /** Lets the model read a window while nobody waits. Called often with the same; must not block. */
  readonly readAhead: ReadAhead;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the editor knows beyond the document. */
export interface Circumstances {
  readonly cursors: number;
  /** What the suggest widget has selected; absent: it is closed or nothing is selected. */
  readonly selected?: SelectedEntry | undefined;
}

/** An entry of the suggest widget: `text` would replace what stands from `startOffset` to `endOffset`. */
export interface SelectedEntry {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly text: string;
}

/** A suggestion for the snapshot's cursor, or why there is none. */
export type Outcome =
  | {
      readonly kind: 'suggestion';
      /** Inserted at the cursor; not empty, does not end in white space. */
      readonly text: string;
      /** At or after the cursor, on its line: the text up to here is replaced, and is part of `text` again. */
      readonly replaceUntilOffset: number;
      /** Known before; from a request an earlier keystroke had started; from one started for this keystroke. */
      readonly from: 'recall' | 'flight' | 'model';
      readonly origin: Origin;
    }
  | { readonly kind: 'none'; readonly reason: Reason };

/** Who made a suggestion. Typing through it, or going back inside it, leaves it the same one. */
export interface Origin {
  readonly modelId: string;
  /** The request, as the ledger has it; `undefined`: it was not told. */
  readonly requestId: string | undefined;
  /** Tells several suggestions of one request apart. */
  readonly endsAt: number;
}

/** One call of `suggest` on its way. */
interface Keystroke extends Question {
  readonly snapshot: Snapshot;
  /** The newest keystroke's is the highest. */
  readonly turn: number;
  /** Stands before the suggestion: the rest of what the suggest widget has selected. */
  readonly selectedRest: string;
}

/** Answers keystrokes, one at a time: a newer one takes the older one's place. */
export class Suggester implements Disposable {
  private readonly store = new Store();
  private readonly needs: SuggesterNeeds;
  private readonly recall = new Recall();
  private readonly flight: Flight;
  private typing: Typing | undefined;
  private turn = 0;
  /** The model that wrote what is known. */
  private modelId: string | undefined;
  /** The document of the newest request that model answered. */
  private answered: string | undefined;

  constructor(needs: SuggesterNeeds) {
    this.needs = needs;
    const { ask, clock, log } = needs;
    this.flight = this.store.add(
      new Flight({ ask, clock, log, keep: (place, writing) => this.recall.keep(place, writing) }),
    );
  }

  /**
   * The suggestion for the snapshot, from what is known, from the request in the air, or from the model.
   * A signal that aborts gives `none('superseded')`. Throws `Failure` when the model could not be asked.
   */
  async suggest(snapshot: Snapshot, why: Why, circumstances: Circumstances, signal: AbortSignal): Promise<Outcome> {
    this.turn += 1;
    const keystroke = this.keystrokeOf(snapshot, why, circumstances);
    if (typeof keystroke === 'string') return this.refuse(keystroke);
    this.follow(keystroke.model);
    const refused = refusal(keystroke);
    if (refused !== undefined) return this.refuse(refused);
    const { place } = keystroke;
    const isJoining = this.flight.keepsFor(place);
    const known = this.lookUp(keystroke, 'recall');
    if (known !== undefined && !(why === 'invoked' && known.kind === 'none')) return known;

    const decision = decide(keystroke);
    if (decision.kind === 'never') return this.refuse(decision.reason);
    if (isJoining) {
      const landing = await this.flight.join(place, signal);
      if (landing !== 'diverged') return this.outcomeOf(landing, keystroke, 'flight');
    }
    await this.untilDue(keystroke, signal);
    if (signal.aborted || this.isOvertaken(keystroke)) return none('superseded');
    const landing = await this.flight.depart(this.departureOf(keystroke), signal);
    if (landing === 'landed') this.answered = place.uri;
    return this.outcomeOf(landing, keystroke, 'model');
  }

  /** Told by the editor on every change of a document, before it asks for a suggestion. */
  noteEdit(note: EditNote): void {
    this.typing = noted(this.typing, note, this.needs.clock.monotonicMs());
    if (note.kind !== 'forward') this.flight.stopIn(note.uri);
  }

  /** A document came to the front, or nothing has happened in it for a while: reads ahead around the cursor. */
  noteIdle(snapshot: Snapshot): void {
    const { settings, model, clock, readAhead } = this.needs;
    const rest = resting(settings(), snapshot.language, clock.now());
    // Who asks in manual mode waits for the answer, more than anybody.
    if (rest !== undefined && rest !== 'manualMode') return;
    const facts = model();
    const place = placeOf(snapshot);
    if (facts === undefined || place === undefined) return;
    readAhead({ kind: 'readAhead', document: place.uri, window: bestWindow(place, facts), line: place.line });
  }

  dispose(): void {
    this.store.dispose();
  }

  private keystrokeOf(snapshot: Snapshot, why: Why, circumstances: Circumstances): Keystroke | Reason {
    const { clock, settings, model } = this.needs;
    const set = unwanted(why, resting(settings(), snapshot.language, clock.now()));
    if (set !== undefined) return set;
    const facts = model();
    if (facts === undefined) return 'noModel';
    const place = placeOf(snapshot);
    if (place === undefined) return 'longLine';
    const selectedRest = restOf(circumstances.selected, snapshot);
    if (selectedRest === undefined) return 'suggestWidget';
    return {
      snapshot,
      why,
      turn: this.turn,
      selectedRest,
      place: placeAfter(place, selectedRest),
      model: facts,
      cursors: circumstances.cursors,
      typing: this.typing,
      monotonicMs: clock.monotonicMs(),
    };
  }

  /** What another model wrote or writes is of no use. */
  private follow({ id }: CompletionModel): void {
    if (this.modelId === id) return;
    this.modelId = id;
    this.answered = undefined;
    this.flight.stop();
    this.recall.clear();
  }

  /** Whether asking for it would be in vain: a newer one came, its document was edited, or the model is another. */
  private isOvertaken({ turn, typing, place, model }: Keystroke): boolean {
    const isEdited = this.typing !== typing && this.typing?.uri === place.uri;
    return turn !== this.turn || isEdited || !this.isInUse(model);
  }

  private isInUse({ id }: CompletionModel): boolean {
    return this.needs.model()?.id === id;
  }

  /** Nothing to show for the newest keystroke; what an older one started is of no use any more. */
  private refuse(reason: Reason): Outcome {
    this.flight.stop();
    return none(reason);
  }

  private outcomeOf(landing: Landing, keystroke: Keystroke, from: 'flight' | 'model'): Outcome {
    switch (landing) {
      case 'landed':
        return this.isInUse(keystroke.model) ? (this.lookUp(keystroke, from) ?? none('empty')) : none('superseded');
      case 'unfit':
        return none('longLine');
      case 'diverged':
      case 'stopped':
        return none('superseded');
    }
  }

  private lookUp(
    { place, snapshot, selectedRest, model }: Keystroke,
    from: 'recall' | 'flight' | 'model',
  ): Outcome | undefined {
    const known = this.recall.find(place);
    if (known === undefined) return undefined;
    if (known.kind === 'nothing') return none(known.reason);
    const tidied = tidy(known.text, place);
    if (typeof tidied === 'string') return none(tidied);
    const replaceUntilOffset = snapshot.cursorOffset + tidied.replaced;
    const { requestId, endsAt } = known;
    const origin: Origin = { modelId: model.id, requestId, endsAt };
    return { kind: 'suggestion', text: selectedRest + tidied.text, replaceUntilOffset, from, origin };
  }

  private departureOf({ place, model, why }: Keystroke): Departure {
    const form = formOf(place);
    const isFirst = this.answered !== place.uri;
    return {
      place,
      outline: outlineOf(place, form, maxLines(model)),
      request: infillRequest({ place, model, maxTokens: maxTokens(form, model), isFirst }),
      purpose: { role: 'completion', initiator: why === 'invoked' ? 'user' : 'automatic' },
      mayReadOn: mayReadOn(model),
    };
  }

  /** Waits as long as is decided now, which is later than the keystroke after joining in vain. */
  private async untilDue(keystroke: Keystroke, signal: AbortSignal): Promise<void> {
    const { clock } = this.needs;
    const decision = decide({ ...keystroke, monotonicMs: clock.monotonicMs() });
    if (decision.kind !== 'after') return;
    try {
      await pause(clock, decision.delayMs, signal);
    } catch (error) {
      // The caller looks at the signal; nothing else can go wrong in a pause.
      if (!isAbort(error)) throw error;
    }
  }
}

function none(reason: Reason): Outcome {
  return { kind: 'none', reason };
}

/** What is missing of the selected entry at the cursor; `undefined` when it does not continue the typed text. */
function restOf(selected: SelectedEntry | undefined, { text, cursorOffset }: Snapshot): string | undefined {
  if (selected === undefined) return '';
  const typed = text.slice(selected.startOffset, cursorOffset);
  const isAtCursor = selected.startOffset <= cursorOffset && selected.endOffset === cursorOffset;
  return isAtCursor && selected.text.startsWith(typed) ? selected.text.slice(typed.length) : undefined;
}
