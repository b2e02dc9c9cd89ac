/** A server the user names becomes a configured one here: address, kind, name, and its key if it wants one. */
import type * as vscode from 'vscode';
import { asFailure, Failure } from '../../base/failure.ts';
import { originOf, parseBaseUrl, type ServerEntry } from '../../models/choose.ts';
import type { CardId, Endpoint } from '../../models/model.ts';
import { cardOf, cards, guessCard, type Card } from '../../providers/cards.ts';
import type { Survey } from '../../providers/survey.ts';
import { setApiKey, type KeyNeeds } from '../privacy/keys.ts';
import { showList, type Row } from '../list.ts';
import { triedWords } from './modelWords.ts';
import { inNotification } from '../progress.ts';
import type { LiveSettings } from '../settings.ts';

/** What adding a server needs. */
export interface AddServerNeeds extends KeyNeeds {
  readonly window: KeyNeeds['window'] & Pick<typeof vscode.window, 'withProgress'>;
  readonly settings: Pick<LiveSettings, 'write'>;
  readonly survey: Pick<Survey, 'factsOf'>;
}

/**
 * Leads through adding a server and gives back its endpoint. Leaving at any step gives `undefined` and changes nothing.
 * @param card whose address is to be completed; `undefined`: the user begins at the list of kinds.
 * @throws Failure `denied` when a policy forbids to ask the server what it is.
 */
export async function addServer(needs: AddServerNeeds, card?: Card): Promise<Endpoint | undefined> {
  const begin = card ?? (await pickBeginning(needs));
  if (begin === undefined) return undefined;
  const baseUrl = await askAddress(needs, begin);
  if (baseUrl === undefined) return undefined;
  const kind = await findKind(needs, baseUrl);
  if (kind === undefined) return undefined;
  const name = await needs.window.showInputBox({
    title: 'Paddock: Add Server',
    prompt: 'What shall it be called? Leave it empty to call it what it is.',
    placeHolder: cardOf(kind).name,
  });
  if (name === undefined) return undefined;
  await saveServer(needs.settings, { url: baseUrl, kind, ...(name.trim() === '' ? {} : { name: name.trim() }) });
  const origin = originOf(baseUrl);
  if (!cardOf(kind).isSelfHosted && !needs.secrets.origins().includes(origin)) await setApiKey(needs, origin);
  return { baseUrl, card: kind };
}

/** Keeps a server; one with the same address is replaced. */
export async function saveServer(settings: Pick<LiveSettings, 'write'>, entry: ServerEntry): Promise<void> {
  await settings.write('servers', (before) => [...before.filter(({ url }) => url !== entry.url), entry]);
}

/**
 * What a person typed as an address, completed: `localhost:8080` is taken for `http`, a bare name for `https`, and the
 * path of a single endpoint is left out.
 */
export function completeAddress(text: string): string {
  const typed = text.trim().replace(/\/(chat\/completions|completions|models)\/?$/, '');
  if (typed === '' || /^unix:/i.test(typed) || typed.includes('://')) return typed;
  const isNear = /:\d+(\/|$)/.test(typed) || /^(localhost|[\d.]+|\[[\da-f:]+\]|[^/]*\.local)(\/|$)/i.test(typed);
  return `${isNear ? 'http' : 'https'}://${typed}`;
}

/** Why it is no address of a server, a sentence; `undefined`: it is one. */
export function addressProblem(text: string): string | undefined {
  const address = completeAddress(text);
  if (address === '') return 'Enter an address, for example localhost:8080 or https://llm.example.com/v1.';
  const [placeholder] = /\{\w+\}/.exec(address) ?? [];
  if (placeholder !== undefined) return `Put your own name in the place of ${placeholder}.`;
  const parsed = parseBaseUrl(address);
  return parsed.kind === 'bad' ? parsed.reason : undefined;
}

/** Where an address begins to be typed. */
type Beginning = Pick<Card, 'name'> & Partial<Pick<Card, 'baseUrl'>>;

async function pickBeginning(needs: AddServerNeeds): Promise<Beginning | undefined> {
  const answer = await showList(needs, {
    title: 'Paddock: Add Server',
    placeHolder: 'What is to be added?',
    hasBack: false,
    shown: { rows: beginningRows(), isBusy: false },
  });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

/** What can be added, with the address it usually has. */
export function beginningRows(): Row<Beginning>[] {
  const any: Row<Beginning> = {
    kind: 'line',
    key: 'any',
    label: 'A server by its address…',
    icon: 'server',
    description: 'it is asked what it is',
    pick: { name: 'the server' },
  };
  const own = cards.flatMap(({ id, name, defaultPort }) => {
    if (defaultPort === undefined) return [];
    const baseUrl = `http://localhost:${defaultPort}`;
    return [row(id, name, 'device-desktop', { description: baseUrl, pick: { name, baseUrl } })];
  });
  const closed = cards.flatMap((card) => {
    if (card.baseUrl === undefined) return [];
    const { id, name, baseUrl } = card;
    return [row(id, name, 'cloud', { description: baseUrl, detail: triedWords(card), pick: { name, baseUrl } })];
  });
  return [
    any,
    { kind: 'heading', label: 'servers people run' },
    ...own,
    { kind: 'heading', label: 'closed APIs' },
    ...closed,
  ];
}

function row(
  key: string,
  label: string,
  icon: string,
  rest: { readonly description: string; readonly detail?: string; readonly pick: Beginning },
): Row<Beginning> {
  return { kind: 'line', key, label, icon, ...rest };
}

async function askAddress({ window }: AddServerNeeds, { name, baseUrl = '' }: Beginning): Promise<string | undefined> {
  const blank = /\{\w+\}/.exec(baseUrl);
  const typed = await window.showInputBox({
    title: 'Paddock: Add Server',
    prompt: `The address of ${name}: where its API begins.`,
    placeHolder: 'localhost:8080, https://llm.example.com/v1 or unix:/run/llama.sock',
    value: baseUrl,
    ...(blank === null ? {} : { valueSelection: [blank.index, blank.index + blank[0].length] as const }),
    ignoreFocusOut: true, // it is often copied from elsewhere
    validateInput: (text) => (text === '' ? undefined : addressProblem(text)),
  });
  if (typed === undefined || typed.trim() === '') return undefined;
  const parsed = parseBaseUrl(completeAddress(typed));
  if (parsed.kind === 'bad') throw new Failure('requestInvalid', parsed.reason);
  return parsed.baseUrl;
}

/** The vendor's card for a vendor's address; else what the server says it is, or what the user says where it does not. */
async function findKind(needs: AddServerNeeds, baseUrl: string): Promise<CardId | undefined> {
  const guess = guessCard(baseUrl);
  if (!cardOf(guess).isSelfHosted) return guess;
  const endpoint: Endpoint = { baseUrl, card: guess };
  for (;;) {
    const found = await askWhatItIs(needs, endpoint);
    if (typeof found === 'string') return found === 'generic' ? pickKind(needs, endpoint, undefined) : found;
    if (found.kind === 'denied') throw found;
    const wantsKey = found.kind === 'auth' && !needs.secrets.origins().includes(originOf(baseUrl));
    if (!wantsKey || !(await askKeyOf(needs, endpoint))) return pickKind(needs, endpoint, found);
  }
}

async function askWhatItIs({ window, survey }: AddServerNeeds, endpoint: Endpoint): Promise<CardId | Failure> {
  const asking = new AbortController();
  const title = `Paddock: asking ${endpoint.baseUrl} what it is…`;
  const task = async (_progress: unknown, cancelled: vscode.CancellationToken): Promise<CardId | Failure> => {
    cancelled.onCancellationRequested(() => asking.abort());
    try {
      return (await survey.factsOf(endpoint, asking.signal, 'user')).card;
    } catch (error) {
      return asFailure(error, 'unreachable');
    }
  };
  return window.withProgress({ location: inNotification, title, cancellable: true }, task);
}

/** The server is not configured yet, but its key may be asked for. */
function askKeyOf(needs: AddServerNeeds, { baseUrl, card }: Endpoint): Promise<boolean> {
  const servers = (): readonly ServerEntry[] => [...needs.servers(), { url: baseUrl, kind: card }];
  return setApiKey({ ...needs, servers }, originOf(baseUrl));
}

async function pickKind(
  needs: AddServerNeeds,
  { baseUrl, card: guess }: Endpoint,
  failure: Failure | undefined,
): Promise<CardId | undefined> {
  const why = failure === undefined || failure.kind === 'aborted' ? '' : `${failure.message} `;
  const answer = await showList(needs, {
    title: `Paddock: Add Server ${baseUrl}`,
    placeHolder: `${why}Which kind is it?`,
    hasBack: false,
    active: guess,
    shown: { rows: kindRows(), isBusy: false },
  });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

/** Kinds that a server under any address can be of. */
function kindRows(): Row<CardId>[] {
  const kinds = cards.filter(({ isSelfHosted, id }) => isSelfHosted || id === 'azure');
  return kinds.map(({ id, name }) => ({
    kind: 'line',
    key: id,
    label: name,
    icon: 'server',
    ...(id === 'generic' ? { description: 'nothing more is known of it' } : {}),
    pick: id,
  }));
}
