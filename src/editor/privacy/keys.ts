/** API keys come in from the user here, and go: each for one origin, typed once, never shown again. */
import type * as vscode from 'vscode';
import { Failure } from '../../base/failure.ts';
import type { Route } from '../../ledger/entry.ts';
import { originOf, parseBaseUrl, type ServerEntry } from '../../models/choose.ts';
import { cardOf, cards } from '../../providers/cards.ts';
import { askPlainKey } from './consent.ts';
import { showList, type ListNeeds, type Row } from '../list.ts';
import { placeOf } from '../indicator/routeWords.ts';
import type { Secrets } from './secrets.ts';

/** What the dialogs about keys need. */
export interface KeyNeeds extends ListNeeds {
  readonly window: Pick<
    typeof vscode.window,
    'createQuickPick' | 'showInputBox' | 'showInformationMessage' | 'showWarningMessage'
  >;
  readonly secrets: Pick<Secrets, 'set' | 'remove' | 'origins' | 'mayUsePlainly' | 'allowPlainly'>;
  readonly servers: () => readonly ServerEntry[];
  /** Where an origin really is; looks its name up and sends nothing. */
  readonly locate: (url: string) => Promise<Route>;
}

/** Somebody who gives out keys or wants one. */
export interface KeyPlace {
  readonly origin: string;
  /** For people. */
  readonly name: string;
  /** Where a key can be had; absent: from whoever runs the server. */
  readonly keyPage?: string;
}

/** Whose keys can be set: the user's own servers first, then the closed APIs. Each origin once. */
export function keyPlaces(servers: readonly ServerEntry[]): KeyPlace[] {
  const own = servers.map(({ url, kind, name }) => ({ ...placeOfCard(kind), origin: originOf(url), ...named(name) }));
  const fixed = cards.flatMap(({ id, baseUrl }) =>
    baseUrl === undefined || baseUrl.includes('{') ? [] : [{ ...placeOfCard(id), origin: originOf(baseUrl) }],
  );
  return [...new Map([...own, ...fixed].reverse().map((place) => [place.origin, place])).values()].reverse();
}

/** Why a text is no key, a sentence; `undefined`: it can be one. */
export function keyProblem(text: string): string | undefined {
  const key = text.trim();
  if (key === '') return 'Enter the key. To remove one, use "Paddock: Remove API Key".';
  if (/[\r\n]/.test(key)) return 'A key is one line.';
  // What does not fit into a header would fail with every request.
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'A key has no spaces and no letters beyond ASCII.';
}

/**
 * Asks for a key and keeps it. `false`: the user left without setting one, and nothing changed.
 * @param origin whose, whether or not its server is configured; `undefined`, or what is no origin: the user picks.
 * @throws Failure where a key may not be sent at all.
 */
export async function setApiKey(needs: KeyNeeds, origin?: string): Promise<boolean> {
  const places = keyPlaces(needs.servers());
  const place = placeNamed(origin, places) ?? (await pickPlace(needs, places));
  if (place === undefined || !(await maySend(needs, place))) return false;
  const typed = await needs.window.showInputBox({
    title: `Paddock: API Key for ${place.name}`,
    prompt: promptFor(place),
    password: true,
    ignoreFocusOut: true, // the key is in another window
    validateInput: (text) => (text === '' ? undefined : keyProblem(text)),
  });
  const key = typed?.trim() ?? '';
  if (key === '') return false;
  const problem = keyProblem(key);
  if (problem !== undefined) throw new Failure('requestInvalid', problem, { action: 'setApiKey' });
  await needs.secrets.set(place.origin, key);
  return true;
}

/** Lets the user pick an origin whose key is removed. */
export async function removeApiKey(needs: KeyNeeds): Promise<void> {
  const origins = needs.secrets.origins();
  if (origins.length === 0) {
    void needs.window.showInformationMessage('Paddock: No API key is kept.');
    return;
  }
  const places = keyPlaces(needs.servers());
  const rows = origins.map((origin) =>
    placeRow(places.find((each) => each.origin === origin) ?? { origin, name: origin }),
  );
  const answer = await showList(needs, {
    title: 'Paddock: Remove API Key',
    placeHolder: 'Whose key is to be forgotten?',
    hasBack: false,
    shown: { rows, isBusy: false },
  });
  if (answer.kind === 'picked') await needs.secrets.remove(answer.pick.origin);
}

/** A model may be written into its setting by hand, and a server's entry go while its key is still wanted. */
function placeNamed(origin: string | undefined, places: readonly KeyPlace[]): KeyPlace | undefined {
  const known = places.find((each) => each.origin === origin);
  if (known !== undefined || origin === undefined) return known;
  const parsed = parseBaseUrl(origin);
  return parsed.kind === 'url' && originOf(parsed.baseUrl) === origin ? { origin, name: origin } : undefined;
}

async function pickPlace(needs: KeyNeeds, places: readonly KeyPlace[]): Promise<KeyPlace | undefined> {
  const origins = needs.secrets.origins();
  const answer = await showList(needs, {
    title: 'Paddock: Set API Key',
    placeHolder: 'Whose key? It is only ever sent there.',
    hasBack: false,
    shown: { rows: places.map((place) => placeRow(place, origins)), isBusy: false },
  });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

function placeRow(place: KeyPlace, withKey: readonly string[] = []): Row<KeyPlace> {
  const hasKey = withKey.includes(place.origin);
  return {
    kind: 'line',
    key: place.origin,
    label: place.name,
    icon: 'key',
    description: place.origin === place.name ? '' : place.origin,
    ...(hasKey ? { detail: 'key set' } : {}),
    pick: place,
  };
}

/** Whether a key may go there: encrypted or within this computer yes, through the private network if the user says so. */
async function maySend({ window, secrets, locate }: KeyNeeds, { origin }: KeyPlace): Promise<boolean> {
  if (!origin.startsWith('http:') || secrets.mayUsePlainly(origin)) return true;
  const route = await locate(origin);
  if (route.kind === 'loopback') return true;
  if (route.kind !== 'private') {
    const message = `${origin} is reached over ${placeOf(route)} without encryption. A key is only sent there over https.`;
    throw new Failure('denied', message, { facts: { host: origin, rule: 'keys travel encrypted' } });
  }
  if (!(await askPlainKey({ window, origin }))) return false;
  await secrets.allowPlainly(origin, true);
  return true;
}

function promptFor({ origin, keyPage }: KeyPlace): string {
  const where = keyPage === undefined ? '' : ` Get one at ${keyPage}.`;
  return `It is kept in the system’s own store and only ever sent to ${origin}.${where}`;
}

function placeOfCard(id: ServerEntry['kind']): Omit<KeyPlace, 'origin'> {
  const { name, keyPage } = cardOf(id);
  return keyPage === undefined ? { name } : { name, keyPage };
}

function named(name: string | undefined): { readonly name?: string } {
  return name === undefined ? {} : { name };
}
