/** Failures become messages here: each is shown once, with one button. */
import type * as vscode from 'vscode';
import type { Failure, FailureAction } from '../base/failure.ts';
import type { CommandId } from './commands.ts';

const buttons: Record<FailureAction, { readonly label: string; readonly command: CommandId }> = {
  chooseModel: { label: 'Choose model', command: 'paddock.chooseModel' },
  restartEngine: { label: 'Restart engine', command: 'paddock.restartEngine' },
  showLog: { label: 'Show log', command: 'paddock.showLog' },
  openSettings: { label: 'Open settings', command: 'paddock.openSettings' },
};

/** Shows messages to the user. */
export class Notices {
  private readonly shown = new Set<string>();
  private readonly window: typeof vscode.window;
  private readonly run: typeof vscode.commands.executeCommand;

  constructor({ window, run }: { window: typeof vscode.window; run: typeof vscode.commands.executeCommand }) {
    this.window = window;
    this.run = run;
  }

  /** Shows the failure unless the same message was shown since this window opened. Stopping is not shown. */
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

  /** Says once why the GPU is not used, where it was to be. */
  tellGpuFailed(why: string | undefined): void {
    if (why !== undefined) this.tell(`The GPU could not be used, so the model runs on the CPU. ${why}`);
  }

  /** Forgets what was shown: the user acted, so a failure that stays is news again. */
  forget(): void {
    this.shown.clear();
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
