/** What goes with the next question: typed, named after an `@`, dropped, taken, changed, looked at. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { Suggestion, ToWebview } from '../../chat/protocol.ts';
import { watched } from '../progress.ts';
import type { ListNeeds } from '../list.ts';
import type { Chips } from './chips.ts';
import type { Composer } from './composer.ts';
import type { Source } from './context/gather.ts';
import { isFolder, type ReadingNeeds } from './context/reading.ts';
import { searchWorkspace } from './context/searching.ts';
import type { Desk } from './desk.ts';
import type { Drafts } from './drafts.ts';
import type { Handlers } from './handlers.ts';
import { mentionsFor, type Mention, type MentionNeeds } from './mentions.ts';
import { openAttached, type OpeningNeeds } from './opening.ts';
import { pickContext } from './pickContext.ts';
import type { ProjectFiles } from './projectFiles.ts';
import { commandsFor } from './slash.ts';

/** What they need. */
export interface ContextNeeds extends ListNeeds {
  readonly desk: Desk;
  readonly chips: Chips;
  readonly composer: Composer;
  readonly drafts: Drafts;
  readonly projectFiles: ProjectFiles;
  readonly mentions: MentionNeeds;
  readonly reading: ReadingNeeds;
  readonly opening: OpeningNeeds;
  readonly clock: Pick<Clock, 'schedule'>;
  readonly tell: (message: ToWebview) => void;
  /** Something is being written: the model had better be ready. */
  readonly wake: () => void;
  readonly window: ListNeeds['window'] & Pick<typeof vscode.window, 'showInputBox' | 'withProgress'>;
}

const mostSuggestions = 50;
const mostOffered = 1_000;

export function contextHandlers(
  needs: ContextNeeds,
): Handlers<
  | 'draft'
  | 'suggest'
  | 'takeSuggestion'
  | 'pickContext'
  | 'dropUris'
  | 'takeChip'
  | 'removeChip'
  | 'readChip'
  | 'editChip'
  | 'openChip'
  | 'openAttachment'
  | 'answerReview'
> {
  const { desk, chips, composer, projectFiles, mentions, opening, tell } = needs;
  /** What was offered lately, by its id: only that can be taken, also from a list that is just being replaced. */
  const offered = new Map<string, Mention>();
  return {
    draft({ threadId, text }) {
      if (threadId !== desk.current.id) return needs.drafts.leave(desk.find(threadId), text);
      composer.draft = text;
      if (text.trim() !== '') needs.wake();
    },
    async suggest({ request, trigger, query }) {
      const found = trigger === '@' ? await mentionsFor(mentions, query) : await commandRows(needs, query);
      const shown = found.slice(0, mostSuggestions);
      if (offered.size > mostOffered) offered.clear();
      for (const mention of shown) offered.set(mention.id, mention);
      const suggestions = shown.map(suggestionOf);
      tell({ type: 'suggestions', request, suggestions });
    },
    async takeSuggestion({ suggestionId }) {
      await take(needs, offered.get(suggestionId));
    },
    pickContext: async () => take(needs, await pickContext(needs)),
    dropUris: ({ uris }) => drop(needs, uris),
    takeChip: ({ chipId }) => chips.take(chipId),
    removeChip: ({ chipId }) => chips.remove(chipId),
    readChip({ chipId }) {
      const text = chips.textOf(chipId);
      if (text !== undefined) tell({ type: 'chipText', chipId, text });
    },
    editChip: ({ chipId, text }) => chips.edit(chipId, text),
    async openChip({ chipId }) {
      const place = chips.placeOf(chipId);
      const name = chips.views.find(({ id }) => id === chipId)?.name ?? '';
      if (place !== undefined) tellWhy(desk, await openAttached(opening, { ...place, name }));
    },
    async openAttachment({ threadId, turnId, attachmentId }) {
      const question = desk.find(threadId)?.turn(turnId)?.question;
      const [part] = question?.attachments.find(({ id }) => id === attachmentId)?.parts ?? [];
      if (part !== undefined) tellWhy(desk, await openAttached(opening, part));
    },
    answerReview: ({ reviewId, isUsed }) => projectFiles.answer(reviewId, isUsed),
  };
}

function tellWhy(desk: Desk, why: string | undefined): void {
  if (why !== undefined) desk.note(why);
}

async function commandRows({ projectFiles }: ContextNeeds, query: string): Promise<readonly Mention[]> {
  const commands = commandsFor(query, await projectFiles.prompts());
  return commands.map(({ name, description }) => ({
    ...{ id: `command:${name}`, label: `/${name}`, detail: description, insertText: `/${name} ` },
  }));
}

function suggestionOf({ takes: _, ...suggestion }: Mention): Suggestion {
  return suggestion;
}

async function take(needs: ContextNeeds, mention: Mention | undefined): Promise<void> {
  const { takes, disabledBecause } = mention ?? {};
  if (takes === undefined || disabledBecause !== undefined) return;
  if (takes === 'search') await attachFound(needs);
  else if (takes === 'rules') await needs.projectFiles.reviewLeftOut();
  else await needs.chips.add(takes);
}

/** Looks for what is typed, else asks for words; what is found becomes chips. */
async function attachFound(needs: ContextNeeds): Promise<void> {
  const { composer, window } = needs;
  const typed = composer.draft.replaceAll(/@\S*/g, '').trim();
  const prompt = 'Words that stand in the files to find';
  const query = typed === '' ? await window.showInputBox({ title: 'Paddock: Search Workspace', prompt }) : typed;
  if (query === undefined || query.trim() === '') return;
  await needs.chips.addFound(placesFor(needs, query));
}

/** None where the user stops it: they did not want to wait for it. */
function placesFor({ desk, mentions, window, clock }: ContextNeeds, query: string): Promise<readonly Source[]> {
  return watched({ window, clock }, 'Paddock: Searching the workspace…', async (signal) => {
    const found = await searchWorkspace(mentions, query, signal);
    if (signal.aborted) return [];
    if (found.length === 0) desk.note('Nothing in the workspace fits these words.');
    return found.map(({ uri, lines }) => ({ kind: 'search', uri, lines }));
  });
}

/** What is dropped is named by whoever dropped it, which may be anybody: it is read like everything else. */
async function drop({ chips, reading, opening }: ContextNeeds, uris: readonly string[]): Promise<void> {
  const dropped = uris.map((text) => parsed(opening, text)).filter((uri) => uri !== undefined);
  const look = async (uri: vscode.Uri): Promise<Source> => {
    return { kind: (await isFolder(reading, uri)) ? 'folder' : 'file', uri };
  };
  await chips.addFound(Promise.all(dropped.map(look)));
}

function parsed({ Uri }: OpeningNeeds, text: string): vscode.Uri | undefined {
  try {
    const uri = Uri.parse(text, true);
    return /^https?$/.test(uri.scheme) ? undefined : uri;
  } catch {
    return undefined; // no address: nothing was dropped that could be read
  }
}
