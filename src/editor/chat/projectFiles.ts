/** Rules and prompts that a folder brings are put before the user here, and used once they said so. */
import type { Review } from '../../chat/protocol.ts';
import type { Chips } from './chips.ts';
import type { Composer } from './composer.ts';
import { decide, projectRules, userPrompts, type BringingNeeds, type UserPrompt } from './context/bringing.ts';
import type { Piece } from './context/piece.ts';

/** What is needed. */
export interface ProjectFilesNeeds extends BringingNeeds {
  readonly chips: Chips;
  readonly composer: Composer;
  readonly tokensOf: (text: string) => number;
  /** Whether the conversation holds rules already: they stand in its beginning and stay. */
  readonly hasRules: () => boolean;
  /** Whether the conversation began in another workspace: then the user says whether the rules of this one fit. */
  readonly isOfOther: () => boolean;
  readonly uriOf: (uri: string) => Parameters<BringingNeeds['Uri']['joinPath']>[0];
  readonly newId: () => string;
}

/** So much of a file is shown before it is used. */
const mostChars = 20_000;

interface Asked {
  readonly review: Review;
  readonly uri: string;
  /** All of it, as it was shown. */
  readonly text: string;
}

/** What of the opened folders waits for the user. */
export class ProjectFiles {
  private readonly needs: ProjectFilesNeeds;
  private asked: readonly Asked[] = [];

  constructor(needs: ProjectFilesNeeds) {
    this.needs = needs;
  }

  /**
   * Attaches the rules the user wants used, in a conversation of another workspace offers them, and puts those before
   * the user that they have not seen.
   */
  async lookForRules(): Promise<void> {
    const { chips, hasRules, isOfOther, uriOf } = this.needs;
    const rules = hasRules() ? [] : await projectRules(this.needs);
    this.set([
      ...this.asked.filter(({ review }) => review.kind === 'prompt'),
      ...rules.filter(({ decision }) => decision === undefined).map((each) => this.ask('rules', each)),
    ]);
    for (const { uri, decision } of rules) {
      if (decision !== 'used') continue;
      const source = { kind: 'rules', uri: uriOf(uri) } as const;
      await (isOfOther() ? chips.offerByItself(source) : chips.attachByItself(source));
    }
  }

  /**
   * Takes away rules that are attached and have changed since the user saw them, puts them before the user again, and
   * names them.
   */
  async takeBackChanged(): Promise<readonly string[]> {
    const { chips } = this.needs;
    const attached = chips.views.filter(({ kind, state }) => kind === 'rules' && state !== 'offered');
    const rules = attached.length === 0 ? [] : await projectRules(this.needs);
    const unseen = new Set(rules.filter(({ decision }) => decision !== 'used').map(({ uri }) => uri));
    const changed = attached.filter(({ id }) => unseen.has(chips.placeOf(id)?.uri ?? ''));
    for (const { id } of changed) chips.remove(id);
    if (changed.length > 0) await this.lookForRules();
    return changed.map(({ name }) => name);
  }

  /** Rules that the user said are not to be used; none where the conversation holds rules already. */
  async leftOut(): Promise<readonly Piece[]> {
    const rules = this.needs.hasRules() ? [] : await projectRules(this.needs);
    return rules.filter(({ decision }) => decision === 'leftOut');
  }

  /** Puts those before the user again, since they asked for it. */
  async reviewLeftOut(): Promise<void> {
    const asked = (await this.leftOut()).map((each) => this.ask('rules', each));
    this.set([...asked, ...this.asked.filter(({ uri }) => !asked.some((each) => each.uri === uri))]);
  }

  prompts(): Promise<readonly UserPrompt[]> {
    return userPrompts(this.needs);
  }

  /** Puts a prompt before the user; one they left out before too, since they asked for it now. */
  review(prompt: UserPrompt): void {
    this.set([this.ask('prompt', prompt), ...this.asked.filter(({ uri }) => uri !== prompt.uri)]);
  }

  /** The user has seen it. */
  async answer(reviewId: string, isUsed: boolean): Promise<void> {
    const answered = this.asked.find(({ review }) => review.id === reviewId);
    if (answered === undefined) return;
    const { chips, uriOf } = this.needs;
    await decide(this.needs, answered, isUsed);
    this.set(this.asked.filter((each) => each !== answered));
    if (answered.review.kind !== 'rules') return;
    // It may have been taken away because it had changed, and may have changed again.
    if (isUsed) await chips.add({ kind: 'rules', uri: uriOf(answered.uri) });
    await this.takeBackChanged();
    await this.lookForRules();
  }

  private ask(kind: Review['kind'], { uri, label, text }: Piece): Asked {
    const known = this.asked.find((each) => each.uri === uri);
    const { newId, tokensOf } = this.needs;
    const review = {
      ...{ id: known?.text === text ? known.review.id : newId(), kind, name: label, text: text.slice(0, mostChars) },
      ...{ isCut: text.length > mostChars, tokens: tokensOf(text) },
    };
    return { review, uri, text };
  }

  private set(asked: readonly Asked[]): void {
    this.asked = asked;
    this.needs.composer.setReviews(asked.map(({ review }) => review));
  }
}
