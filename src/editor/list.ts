/** A list to pick from passes through here: shown at once, filled in as answers come, without moving under the user. */
import type * as vscode from 'vscode';

/** One row of a list. */
export type Row<Pick> = Heading | Line<Pick>;

/** Stands above a group. */
export interface Heading {
  readonly kind: 'heading';
  readonly label: string;
}

/** Something to pick. */
export interface Line<Pick> {
  readonly kind: 'line';
  /** Stays the same while the list fills in, so that the line is known again. */
  readonly key: string;
  readonly label: string;
  /** A codicon's id. Drawn beside the label and not read aloud: the words say it too. */
  readonly icon: string;
  readonly description?: string;
  readonly detail?: string;
  readonly pick: Pick;
}

/** What a list shows now. */
export interface Shown<Pick> {
  readonly rows: readonly Row<Pick>[];
  /** More is coming. */
  readonly isBusy: boolean;
}

/** A list. */
export interface List<Pick> {
  readonly title: string;
  readonly placeHolder: string;
  /** Whether there is something to go back to. */
  readonly hasBack: boolean;
  readonly shown: Shown<Pick>;
  /** Key of the line to begin at; default the first. */
  readonly active?: string | undefined;
  /** Fills the list in; called once, when it is open. The signal aborts when it closes. */
  readonly fill?: (show: (shown: Shown<Pick>) => void, signal: AbortSignal) => void;
  /**
   * The rows for what is typed, asked for anew as that changes: it finds what the list has no room for, and nothing else
   * leaves rows out then. Aborted when more is typed or the list closes.
   */
  readonly lookUp?: (typed: string, signal: AbortSignal) => Promise<readonly Row<Pick>[]>;
  /** Whether a pick leaves the list open: it was dealt with, or it is nothing to pick. */
  readonly staysOpen?: (pick: Pick) => boolean;
}

/** How a list ended. */
export type Answer<Pick> =
  { readonly kind: 'picked'; readonly pick: Pick } | { readonly kind: 'back' } | { readonly kind: 'closed' };

/** What a list is drawn with. */
export interface ListNeeds {
  readonly window: Pick<typeof vscode.window, 'createQuickPick'>;
  /** VS Code's own back button, and an icon by its id: a value of VS Code's that only it can make. */
  readonly backButton: vscode.QuickInputButton;
  readonly icon: (id: string) => vscode.IconPath;
}

interface Item<Pick> extends vscode.QuickPickItem {
  readonly line: Line<Pick> | undefined;
}

/** `vscode.QuickPickItemKind.Separator`, which is no value outside VS Code. */
const separator = -1;

/** Shows the list and waits for a pick. Closing it is no pick. Throws what looking up throws. */
export function showList<Pick>({ window, backButton, icon }: ListNeeds, list: List<Pick>): Promise<Answer<Pick>> {
  const picker = window.createQuickPick<Item<Pick>>();
  const open = new AbortController();
  const itemOf = (row: Row<Pick>): Item<Pick> =>
    row.kind === 'heading'
      ? { label: row.label, kind: separator, line: undefined }
      : {
          label: row.label,
          iconPath: icon(row.icon),
          ...(row.description === undefined ? {} : { description: row.description }),
          ...(row.detail === undefined ? {} : { detail: row.detail }),
          ...(list.lookUp === undefined ? {} : { alwaysShow: true }),
          line: row,
        };
  const show = ({ rows, isBusy }: Shown<Pick>, key = picker.activeItems[0]?.line?.key): void => {
    picker.items = rows.map(itemOf);
    picker.busy = isBusy;
    const active = picker.items.find(({ line }) => line !== undefined && line.key === key);
    if (active !== undefined) picker.activeItems = [active];
  };
  Object.assign(picker, { title: list.title, placeholder: list.placeHolder });
  Object.assign(picker, { matchOnDescription: true, matchOnDetail: true, keepScrollPosition: true });
  picker.buttons = list.hasBack ? [backButton] : [];
  show(list.shown, list.active);
  return new Promise((resolve, reject) => {
    const close = (): boolean => {
      if (open.signal.aborted) return false;
      open.abort();
      picker.dispose();
      return true;
    };
    const end = (answer: Answer<Pick>): void => (close() ? resolve(answer) : undefined);
    let looking = new AbortController();
    const look = async (typed: string): Promise<void> => {
      looking.abort();
      looking = new AbortController();
      const signal = AbortSignal.any([looking.signal, open.signal]);
      picker.busy = true;
      try {
        const rows = await list.lookUp?.(typed, signal);
        if (rows !== undefined && !signal.aborted) show({ rows, isBusy: false });
      } catch (error) {
        if (!signal.aborted && close()) reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    if (list.lookUp !== undefined) picker.onDidChangeValue((typed) => void look(typed));
    picker.onDidAccept(() => {
      const line = picker.selectedItems[0]?.line;
      if (line !== undefined && list.staysOpen?.(line.pick) !== true) end({ kind: 'picked', pick: line.pick });
    });
    picker.onDidTriggerButton(() => end({ kind: 'back' }));
    picker.onDidHide(() => end({ kind: 'closed' }));
    picker.show();
    list.fill?.((shown) => {
      if (!open.signal.aborted) show(shown);
    }, open.signal);
  });
}
