/** What goes with a question is picked in VS Code's own list here, by everybody who would rather pick than type. */
import { showList, type Line, type ListNeeds } from '../list.ts';
import { mentionsFor, type Mention, type MentionNeeds } from './mentions.ts';

/** What it needs. */
export interface PickContextNeeds extends ListNeeds {
  readonly mentions: MentionNeeds;
}

/**
 * Offers the same as an `@` does, looked for anew with every letter that is typed.
 * @returns what was picked; `undefined`: nothing.
 */
export async function pickContext(needs: PickContextNeeds): Promise<Mention | undefined> {
  const { mentions } = needs;
  for (let kind = ''; ;) {
    const lookUp = async (typed: string): Promise<readonly Line<Mention>[]> =>
      (await mentionsFor(mentions, kind + typed)).map(lineOf);
    const answer = await showList(needs, {
      ...{ title: 'Paddock: Add to Chat', hasBack: kind !== '', lookUp },
      placeHolder: kind === '' ? 'What goes with the question' : 'A part of its name',
      shown: { rows: await lookUp(''), isBusy: false },
      staysOpen: ({ disabledBecause }) => disabledBecause !== undefined,
    });
    if (answer.kind === 'closed') return undefined;
    if (answer.kind === 'back') kind = '';
    else if (answer.pick.insertText === undefined) return answer.pick;
    else kind = answer.pick.insertText.slice(1);
  }
}

function lineOf(mention: Mention): Line<Mention> {
  const { id, label, detail, disabledBecause } = mention;
  const icon = disabledBecause === undefined ? iconOf(mention) : 'circle-slash';
  return { ...{ kind: 'line', key: id, label, icon, pick: mention }, description: disabledBecause ?? detail };
}

function iconOf({ id, takes }: Mention): string {
  const kind = typeof takes === 'string' ? takes : (takes?.kind ?? id);
  const icons: Readonly<Record<string, string>> = {
    ...{ file: 'file', folder: 'folder', symbol: 'symbol-method', selection: 'selection', problems: 'warning' },
    ...{ diff: 'diff', search: 'search', rules: 'book' },
  };
  return icons[kind] ?? 'add';
}
