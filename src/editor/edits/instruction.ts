/** "What should change?" is asked here, in one line, with the earlier answers a key away. */
import type * as vscode from 'vscode';

/** What it is asked with. */
export interface InstructionNeeds {
  readonly window: Pick<typeof vscode.window, 'createInputBox'>;
  readonly run: typeof vscode.commands.executeCommand;
  /** Remembers instructions over restarts, for one workspace. */
  readonly memento: vscode.Memento;
}

/** What is asked. */
export interface InstructionQuestion {
  readonly title: string;
  /** Which lines, and who will be asked. */
  readonly prompt: string;
  /** What stands there at first. */
  readonly value: string;
}

const key = 'edits.instructions';
const mostKept = 30;

/** Asks, and remembers the answers. While it asks, `paddock.isAskingForEdit` is set. */
export class Instructions {
  private readonly needs: InstructionNeeds;
  private asking: { readonly box: vscode.InputBox; at: number; draft: string } | undefined;

  constructor(needs: InstructionNeeds) {
    this.needs = needs;
  }

  /** Newest first. What cannot be understood is none. */
  get all(): readonly string[] {
    const kept = this.needs.memento.get<unknown>(key);
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  }

  /** The instruction; `undefined`: the user left, or asked for something else meanwhile. */
  ask({ title, prompt, value }: InstructionQuestion): Promise<string | undefined> {
    this.asking?.box.hide();
    const box = this.needs.window.createInputBox();
    Object.assign(box, {
      title,
      prompt,
      value,
      placeholder: 'What should change? Up brings back earlier instructions',
    });
    const asking = { box, at: -1, draft: value };
    this.asking = asking;
    this.tell(true);
    return new Promise((resolve) => {
      const end = (answer: string | undefined): void => {
        resolve(answer);
        if (this.asking === asking) {
          this.asking = undefined;
          this.tell(false);
        }
        box.dispose();
      };
      box.onDidAccept(() => {
        const answer = box.value.trim();
        if (answer === '') return;
        this.remember(answer);
        end(answer);
      });
      box.onDidHide(() => end(undefined));
      box.show();
    });
  }

  /** Puts an earlier instruction into the box, or a later one again. */
  recall(direction: 'earlier' | 'later'): void {
    const { asking, all } = this;
    if (asking === undefined) return;
    if (asking.at < 0) asking.draft = asking.box.value;
    asking.at = Math.max(-1, Math.min(all.length - 1, asking.at + (direction === 'earlier' ? 1 : -1)));
    asking.box.value = all[asking.at] ?? asking.draft;
  }

  private remember(instruction: string): void {
    const others = this.all.filter((each) => each !== instruction);
    void this.needs.memento.update(key, [instruction, ...others].slice(0, mostKept));
  }

  private tell(isAsking: boolean): void {
    void this.needs.run('setContext', 'paddock.isAskingForEdit', isAsking);
  }
}
