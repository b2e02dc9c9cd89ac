/** A person in front of VS Code's lists, boxes and dialogs: what they do is a script, what they saw is kept. */
import type * as vscode from 'vscode';
import { Emitter } from '../../src/base/emitter.ts';
import type { ListNeeds } from '../../src/editor/list.ts';

/** What the person does with whatever is open next. */
export type Act =
  /** Picks the line with this label (or a part of it), as soon as it is there; presses the dialog's button. */
  | { readonly pick: string | RegExp }
  /** Types into the box and presses Enter; where that is refused, the next act is tried on the same box. In a list: types. */
  | { readonly type: string }
  /** Does something of the test's, then the next act. */
  | { readonly first: () => unknown }
  | 'escape'
  | 'back';

interface Item extends vscode.QuickPickItem {
  readonly label: string;
}

/** One thing that was open. */
export interface Seen {
  readonly kind: 'list' | 'box' | 'dialog' | 'message' | 'progress';
  readonly title: string;
  /** Lines of a list, as last seen: label, description and detail; else the prompt or the detail. */
  text: string;
  /** What a box said about what was typed. */
  readonly refused: string[];
}

/** Plays the script. Asked for something with no act left, it escapes. */
export class Person {
  readonly seen: Seen[] = [];
  private readonly acts: Act[];

  constructor(...acts: readonly Act[]) {
    this.acts = [...acts];
  }

  /** What is left of the script. */
  get left(): number {
    return this.acts.length;
  }

  /** Everything read so far of the lists and dialogs whose title has this word. */
  saw(word: string): string {
    return this.seen
      .filter(({ title }) => title.includes(word))
      .map(({ text }) => text)
      .join('\n');
  }

  /** As the parts under test are given it. */
  get needs(): ListNeeds & { readonly window: typeof vscode.window } {
    return {
      window: this as unknown as typeof vscode.window,
      backButton: {} as vscode.QuickInputButton,
      icon: (id) => ({ id }),
    };
  }

  createQuickPick(): vscode.QuickPick<Item> {
    return new FakeList(this) as unknown as vscode.QuickPick<Item>;
  }

  async showInputBox(options: vscode.InputBoxOptions): Promise<string | undefined> {
    const seen = this.note('box', options.title ?? '', options.prompt ?? '');
    for (;;) {
      const act = await this.next();
      if (act === undefined || act === 'escape' || act === 'back' || 'pick' in act) return undefined;
      const text = act.type;
      const problem = (await options.validateInput?.(text)) ?? undefined;
      if (problem === undefined) return text;
      seen.refused.push(typeof problem === 'string' ? problem : problem.message);
    }
  }

  readonly showWarningMessage = (message: string, ...rest: readonly unknown[]): Promise<string | undefined> =>
    this.dialog(message, rest);
  readonly showInformationMessage = (message: string, ...rest: readonly unknown[]): Promise<string | undefined> =>
    this.dialog(message, rest);

  async withProgress<T>(
    { title = '' }: vscode.ProgressOptions,
    task: (progress: unknown, cancelled: unknown) => Thenable<T>,
  ): Promise<T> {
    const seen = this.note('progress', title, '');
    const cancelled = new Emitter<void>();
    const report = ({ message = '' }: { readonly message?: string }): void => {
      seen.text += `${message}\n`;
      this.onReport?.(() => cancelled.fire());
    };
    return task({ report }, { onCancellationRequested: cancelled.event, isCancellationRequested: false });
  }

  /** Called with every report of progress; may cancel. */
  onReport: ((cancel: () => void) => void) | undefined;

  async next(): Promise<Exclude<Act, { readonly first: unknown }> | undefined> {
    for (;;) {
      const act = this.acts.shift();
      if (typeof act !== 'object' || !('first' in act)) return act;
      await act.first();
    }
  }

  note(kind: Seen['kind'], title: string, text: string): Seen {
    const seen = { kind, title, text, refused: [] };
    this.seen.push(seen);
    return seen;
  }

  private async dialog(message: string, rest: readonly unknown[]): Promise<string | undefined> {
    const [options] = rest;
    const isModal = typeof options === 'object' && options !== null && 'modal' in options;
    const buttons = rest.filter((each) => typeof each === 'string');
    const detail = isModal ? String((options as vscode.MessageOptions).detail) : '';
    this.note(isModal ? 'dialog' : 'message', message, detail);
    if (!isModal && buttons.length === 0) return undefined;
    const act = await this.next();
    return typeof act === 'object' && 'pick' in act ? buttons.find((each) => isLike(each, act.pick)) : undefined;
  }
}

/** Acts as VS Code's own list does: it forgets where the person was whenever the items are replaced. */
class FakeList {
  title = '';
  placeholder = '';
  busy = false;
  buttons: readonly vscode.QuickInputButton[] = [];
  activeItems: readonly Item[] = [];
  selectedItems: readonly Item[] = [];
  private readonly person: Person;
  private readonly accepted = new Emitter<void>();
  private readonly triggered = new Emitter<unknown>();
  private readonly hidden = new Emitter<void>();
  private readonly changed = new Emitter<string>();
  private current: readonly Item[] = [];
  private wanted: string | RegExp | undefined;
  private seen: Seen | undefined;
  private isShown = false;

  onDidAccept = this.accepted.event;
  onDidTriggerButton = this.triggered.event;
  onDidHide = this.hidden.event;
  onDidChangeValue = this.changed.event;

  constructor(person: Person) {
    this.person = person;
  }

  get items(): readonly Item[] {
    return this.current;
  }

  set items(items: readonly Item[]) {
    this.current = items;
    this.activeItems = items.filter(({ kind }) => kind !== -1).slice(0, 1);
    if (this.seen !== undefined) this.seen.text = this.text;
    void this.tryPick();
  }

  show(): void {
    this.isShown = true;
    this.seen = this.person.note('list', this.title, this.text);
    queueMicrotask(() => void this.act());
  }

  dispose(): void {
    this.hide();
  }

  private hide(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.hidden.fire();
  }

  private async act(): Promise<void> {
    const act = await this.person.next();
    if (act === 'back') this.triggered.fire(this.buttons[0]);
    else if (typeof act === 'object' && 'pick' in act) {
      this.wanted = act.pick;
      await this.tryPick();
    } else if (typeof act === 'object') {
      this.changed.fire(act.type);
      await this.act();
    } else this.hide();
  }

  /** Picks what is wanted as soon as it is there. Where the list stays open, the next act follows. */
  private async tryPick(): Promise<void> {
    const { wanted } = this;
    const item = this.current.find(({ kind, label }) => kind !== -1 && wanted !== undefined && isLike(label, wanted));
    if (item === undefined || !this.isShown) return;
    this.wanted = undefined;
    [this.activeItems, this.selectedItems] = [[item], [item]];
    this.accepted.fire();
    await Promise.resolve();
    if (this.isShown) await this.act();
  }

  private get text(): string {
    return this.current
      .map(({ label, description, detail, kind }) =>
        kind === -1 ? `# ${label}` : [label, description, detail].filter((part) => part).join(' | '),
      )
      .join('\n');
  }
}

function isLike(label: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? label.includes(wanted) : wanted.test(label);
}
