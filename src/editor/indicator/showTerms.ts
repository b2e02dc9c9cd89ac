/** The way to what vendors say of their own terms: a list of their pages, opened in the browser. */
import type { CardId } from '../../models/model.ts';
import { cardOf, cards } from '../../providers/cards.ts';
import { termsNotedOn, termsOf, type Statement, type Subject } from '../../providers/terms.ts';
import { showList, type Line, type ListNeeds } from '../list.ts';
import type { IndicatorState } from './indicatorState.ts';

/** What the list needs. */
export interface TermsNeeds extends ListNeeds {
  readonly state: () => Pick<IndicatorState, 'completion' | 'chat'>;
  /** Opens an address in the user's browser. */
  readonly open: (url: string) => unknown;
}

/**
 * Shows the pages of one vendor and opens what is picked.
 * @param card whose, by its id; anything else: of the one in use, or the user says.
 */
export async function showTerms(needs: TermsNeeds, card: unknown): Promise<void> {
  const { completion, chat } = needs.state();
  const inUse = new Set([completion?.vendor, chat?.vendor].filter((vendor) => vendor !== undefined));
  const [only] = inUse.size === 1 ? inUse : [];
  const named = cards.find(({ id }) => id === card && termsOf(id) !== undefined)?.id ?? only;
  if (named !== undefined) {
    await openOne(needs, named, false);
    return;
  }
  for (;;) {
    const shown = { rows: vendorRows(inUse), isBusy: false };
    const answer = await showList(needs, { title: 'Terms', placeHolder: 'Whose?', hasBack: false, shown });
    if (answer.kind !== 'picked') return;
    if ((await openOne(needs, answer.pick, true)) !== 'back') return;
  }
}

async function openOne(needs: TermsNeeds, card: CardId, hasBack: boolean): Promise<'back' | undefined> {
  const title = `What ${cardOf(card).name} says about what it is sent`;
  const placeHolder = `Opens their own page · addresses noted on ${termsNotedOn}`;
  const shown = { rows: (termsOf(card) ?? []).map(statementRow), isBusy: false };
  const answer = await showList(needs, { title, placeHolder, hasBack, shown });
  if (answer.kind === 'picked') await needs.open(answer.pick);
  return answer.kind === 'back' ? 'back' : undefined;
}

function vendorRows(inUse: ReadonlySet<CardId>): readonly Line<CardId>[] {
  return cards
    .filter(({ id }) => termsOf(id) !== undefined)
    .toSorted((one, other) => Number(inUse.has(other.id)) - Number(inUse.has(one.id)))
    .map(({ id, name }) => {
      const description = inUse.has(id) ? { description: 'in use' } : {};
      return { kind: 'line', key: id, label: name, icon: 'law', ...description, pick: id };
    });
}

const subjectWords: Readonly<Record<Subject, string>> = {
  retention: 'how long it is kept',
  training: 'whether models are trained with it',
  region: 'where it is handled',
};

function statementRow({ about, title, url, wasRead }: Statement): Line<string> {
  const words = about.map((subject) => subjectWords[subject]).join(', ');
  const detail = wasRead === 'no' ? `${words} · not opened when it was noted` : words;
  return {
    ...{ kind: 'line', key: url, label: title, icon: 'link-external' },
    ...{ description: new URL(url).hostname, detail, pick: url },
  };
}
