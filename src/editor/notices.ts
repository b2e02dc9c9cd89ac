/** Failures become messages here: each is shown once, with one button. */
import type * as vscode from 'vscode';
import type { Failure, FailureAction } from '../base/failure.ts';
import type { CommandId } from './commands.ts';

const buttons: Record<FailureAction, { readonly label: string; readonly command: CommandId }> = {
  chooseModel: { label: 'Choose model', command: 'paddock.chooseModel' },
  restartEngine: { label: 'Restart engine', command: 'paddock.restartEngine' },
  showLog: { label: 'Show log', command: 'paddock.showLog' },
  switchProvider: { label: 'Switch provider', command: 'paddock.chooseModel' },
  setApiKey: { label: 'Set API key', command: 'paddock.chooseModel' },
  openPolicy: { label: 'Open policy', command: 'paddock.openSettings' },
  openSettings: { label: 'Open settings', command: 'paddock.openSettings' },
};

/** Shows messages to the user. */
export class Notices {
  private readonly shown = new Set<string>();
  private readonly window: typeof vscode.window;
  private readonly run: typeof vscode.commands.executeCommand;
  private readonly memento: vscode.Memento;

  constructor(needs: {
    readonly window: typeof vscode.window;
    readonly run: typeof vscode.commands.executeCommand;
    /** Remembers over restarts what is said only once. */
    readonly memento: vscode.Memento;
  }) {
    this.window = needs.window;
    this.run = needs.run;
    this.memento = needs.memento;
  }

  /** Shows why what the user just asked for did not work, every time. Stopping is not shown. */
  readonly answer = (failure: Failure): void => {
    this.shown.delete(failure.message);
    this.showFailure(failure);
  };

  /** Shows a failure nobody asked for, unless the same was shown since this window opened. Stopping is not shown. */
  readonly showFailure = (failure: Failure): void => {
    if (failure.kind === 'aborted' || failure.kind === 'noModel') return;
    const button = failure.action === undefined ? undefined : buttons[failure.action];
    const show = this.window.showErrorMessage.bind(this.window);
    this.showOnce(
      failure.message,
      () => show(`Paddock: ${failure.message}`, ...(button ? [button.label] : [])),
      button,
    );
  };

  /** Says something that is good to know, once. */
  tell(
    message: string,
    button?: { readonly label: string; readonly command: string; readonly argument?: string },
  ): void {
    const show = this.window.showInformationMessage.bind(this.window);
    this.showOnce(message, () => show(`Paddock: ${message}`, ...(button ? [button.label] : [])), button);
  }

  /** A request failed. What the engine itself tells through its state, and mends by itself, is not said twice. */
  readonly showRequestFailure = (failure: Failure): void => {
    if (failure.kind !== 'engineCrashed' && failure.kind !== 'engineTimeout') this.showFailure(failure);
  };

  /** Says why the GPU is not used, where it was to be: once, until the reason is another. */
  tellGpuFailed(why: string | undefined): void {
    const key = 'engine.gpuFailureTold';
    if (why === undefined || this.memento.get(key) === why) return;
    void this.memento.update(key, why);
    this.tell(`The GPU could not be used, so the model runs on the CPU. ${why}`);
  }

  private showOnce(
    message: string,
    show: () => Thenable<string | undefined>,
    button: { readonly command: string; readonly argument?: string } | undefined,
  ): void {
    if (this.shown.has(message)) return;
    this.shown.add(message);
    void show().then((pressed) => {
      if (pressed !== undefined && button !== undefined) void this.run(button.command, button.argument);
    });
  }
}
