/** "May other extensions use Paddock's models?" is asked once and remembered here. */
import type * as vscode from 'vscode';

/** What it is asked with. */
export interface SharingNeeds {
  readonly window: Pick<typeof vscode.window, 'showWarningMessage'>;
  /** The extension's global state: it stays on this machine, where no workspace reaches. */
  readonly memento: vscode.Memento;
}

/** What the user said; `dismissed`: closed the question, so that who asked has to wait; `undefined`: nothing yet. */
export type SharingAnswer = Said | undefined;

type Said = 'allowed' | 'refused' | 'dismissed';

const key = 'privacy.sharing';

/** The user's word on other extensions. Read anew each time: another window may have changed it. */
export class Sharing {
  private readonly needs: SharingNeeds;
  private asking: Promise<Said> | undefined;
  /** Who was there when the question was closed, since this window began. */
  private readonly dismissed = new Set<string>();

  constructor(needs: SharingNeeds) {
    this.needs = needs;
  }

  get answer(): SharingAnswer {
    const kept = this.needs.memento.get<unknown>(key);
    if (kept === 'allowed' || kept === 'refused') return kept;
    return this.dismissed.size > 0 ? 'dismissed' : undefined;
  }

  /**
   * Whether they may. Asks where nobody asked yet, once for all that wait; closing the question is a no for these only,
   * until the user says something or takes it back, or the window ends.
   * @param caller who asks, for people. @param place where the model is, for people.
   */
  async mayUse(caller: string, place: string): Promise<boolean> {
    const { answer } = this;
    if (answer === 'allowed' || answer === 'refused') return answer === 'allowed';
    if (this.dismissed.has(caller)) return false;
    this.asking ??= this.ask(caller, place).finally(() => (this.asking = undefined));
    const said = await this.asking;
    if (said === 'dismissed') this.dismissed.add(caller);
    return said === 'allowed';
  }

  /** Keeps an answer; `undefined`: forgets it, so that it is asked again. */
  async keep(answer: 'allowed' | 'refused' | undefined): Promise<void> {
    this.dismissed.clear();
    await this.needs.memento.update(key, answer);
  }

  private async ask(caller: string, place: string): Promise<Said> {
    const detail = [
      `${caller} wants to ask the model that you chose for Paddock’s chat: ${place}.`,
      'What it sends, and how often, is up to it. Every request passes Paddock’s own rules, budgets and masking, and ' +
        'stands in its ledger with the name of the extension, where VS Code tells it.',
      'Your answer holds for every extension and for VS Code’s own chat. You can take it back with "Paddock: Manage ' +
        'Consents".',
    ].join('\n\n');
    const [refuse, allow] = ['Don’t Allow', 'Allow'];
    // Enter presses the first one.
    const message = 'Let other extensions use Paddock’s models?';
    const pressed = await this.needs.window.showWarningMessage(message, { modal: true, detail }, refuse, allow);
    if (pressed === undefined) return 'dismissed';
    const said = pressed === allow ? 'allowed' : 'refused';
    await this.keep(said);
    return said;
  }
}
