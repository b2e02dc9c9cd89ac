/** Failures become messages here: each is shown once, with one button. */
import type * as vscode from 'vscode';
import { asFailure, type Failure, type FailureAction } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { Role } from '../models/model.ts';
import type { CommandId } from './commands.ts';
import { failureLine } from './failureLine.ts';
import type { RulePlace } from './privacy/openPolicy.ts';

interface Button {
  readonly label: string;
  readonly press: () => unknown;
}

/** What messages are shown with. */
export interface NoticesNeeds {
  readonly window: typeof vscode.window;
  readonly run: typeof vscode.commands.executeCommand;
  /** Remembers over restarts what is said only once. */
  readonly memento: vscode.Memento;
  readonly log: Log;
  /** The origin of the server that a failure names by its host; `undefined`: none in use. */
  readonly originOf: (host: string) => string | undefined;
  /** Opens the file a rule stands in. */
  readonly openPolicy: (place: RulePlace) => Promise<void>;
}

/** Shows messages to the user. */
export class Notices {
  private readonly shown = new Set<string>();
  private readonly needs: NoticesNeeds;

  constructor(needs: NoticesNeeds) {
    this.needs = needs;
  }

  /** Shows why what the user just asked for did not work, every time. Stopping is not shown. */
  readonly answer = (failure: Failure): void => {
    this.shown.delete(failure.message);
    this.showFailureOnce(failure.message, failure, this.buttonOrSwitch(failure));
  };

  /** Shows a failure nobody asked for, unless the same was shown since this window opened. Stopping is not shown. */
  readonly showFailure = (failure: Failure): void => {
    this.showFailureOnce(failure.message, failure, this.buttonFor(failure));
  };

  /**
   * A request for a role failed: shown once until one worked again, however many keystrokes meet the same; every time
   * when the user asked. What the engine itself tells through its state, and mends by itself, is not said twice.
   */
  showRequestFailure(role: Role, failure: Failure, wasAsked: boolean): void {
    const { kind, facts } = failure;
    if (kind === 'engineCrashed' || kind === 'engineTimeout') return;
    const key = [
      kind === 'rateLimited' ? rateKey : roleKey(role),
      kind,
      facts.host ?? failure.message,
      facts.rule ?? '',
    ].join('\n');
    if (wasAsked) this.shown.delete(key);
    this.showFailureOnce(key, failure, this.buttonOrSwitch(failure));
  }

  /** A request for a role was answered: what failed before may be said again. */
  worked(role: Role): void {
    for (const key of this.shown) if (key.startsWith(`${roleKey(role)}\n`)) this.shown.delete(key);
  }

  /** Does what a failure's button does, where it is shown elsewhere. */
  async act(failure: Pick<Failure, 'action' | 'facts'>): Promise<void> {
    await this.buttonFor(failure)?.press();
  }

  /** Answers what the user just did. */
  say(message: string): void {
    void this.needs.window.showInformationMessage(`Paddock: ${message}`);
  }

  /** Says something that is good to know, once. */
  tell(
    message: string,
    button?: { readonly label: string; readonly command: string; readonly argument?: string },
  ): void {
    const { window, run } = this.needs;
    const press = button && { label: button.label, press: () => run(button.command, button.argument) };
    this.showOnce(message, (...labels) => window.showInformationMessage(`Paddock: ${message}`, ...labels), press);
  }

  /** Says why the GPU is not used, where it was to be: once, until the reason is another. */
  tellGpuFailed(why: string | undefined): void {
    const key = 'engine.gpuFailureTold';
    if (why === undefined || this.needs.memento.get(key) === why) return;
    void this.needs.memento.update(key, why);
    this.tell(`The GPU could not be used, so the model runs on the CPU. ${why}`);
  }

  /** Nothing is ever sent elsewhere instead by itself: where there is nothing better to press, that is offered. */
  private buttonOrSwitch(failure: Failure): Button {
    return this.buttonFor(failure) ?? this.command('switchProvider', '');
  }

  private buttonFor({ action, facts }: Pick<Failure, 'action' | 'facts'>): Button | undefined {
    if (action === undefined) return undefined;
    const { source, rule = '', host = '' } = facts;
    if (action === 'openPolicy' && source !== undefined) {
      return { label: 'Open policy', press: () => this.needs.openPolicy({ source, rule }) };
    }
    return this.command(action, host);
  }

  private command(action: FailureAction, host: string): Button {
    const { run, originOf } = this.needs;
    const { label, command } = commands[action];
    return { label, press: () => run(command, ...(action === 'setApiKey' ? [originOf(host)] : [])) };
  }

  private showFailureOnce(key: string, failure: Failure, button: Button | undefined): void {
    if (failure.kind === 'aborted' || failure.kind === 'noModel') return;
    const { window, log } = this.needs;
    if (!this.shown.has(key)) log.error(failureLine(failure));
    this.showOnce(key, (...labels) => window.showErrorMessage(`Paddock: ${failure.message}`, ...labels), button);
  }

  private showOnce(
    key: string,
    show: (...labels: readonly string[]) => Thenable<string | undefined>,
    button: Button | undefined,
  ): void {
    if (this.shown.has(key)) return;
    this.shown.add(key);
    void show(...(button ? [button.label] : [])).then(async (pressed) => {
      if (pressed === undefined || button === undefined) return;
      try {
        await button.press();
      } catch (error) {
        this.answer(asFailure(error, 'unexpected', 'showLog'));
      }
    });
  }
}

const commands: Record<FailureAction, { readonly label: string; readonly command: CommandId }> = {
  chooseModel: { label: 'Choose model', command: 'paddock.chooseModel' },
  restartEngine: { label: 'Restart engine', command: 'paddock.restartEngine' },
  showLog: { label: 'Show log', command: 'paddock.showLog' },
  switchProvider: { label: 'Switch provider', command: 'paddock.switchProvider' },
  setApiKey: { label: 'Set API key', command: 'paddock.setApiKey' },
  openPolicy: { label: 'Open settings', command: 'paddock.openSettings' },
  openSettings: { label: 'Open settings', command: 'paddock.openSettings' },
};

/** Of a server that is asked too often: between two of its refusals requests work, so this is said once a window. */
const rateKey = 'too often';

function roleKey(role: Role): string {
  return `request ${role}`;
}
