/** "May it go there?" is asked here, when something more exposed is picked and never while a request waits. */
import type * as vscode from 'vscode';
import { destinationOf, type Consent } from '../../egress/policy.ts';
import type { Route } from '../../ledger/entry.ts';
import type { Role } from '../../models/model.ts';

/** What a consent is asked for. */
export interface ConsentQuestion {
  readonly window: Pick<typeof vscode.window, 'showWarningMessage'>;
  /** Where the requests really go, as far as anybody can see. */
  readonly route: Route;
  readonly origin: string;
  /** Who runs there or what runs there, for people; `undefined`: nobody knows. */
  readonly serverName: string | undefined;
  readonly modelName: string;
  /** What it is being picked for. The consent holds for both roles. */
  readonly roles: readonly Role[];
  /** What was agreed to before and is not enough now; absent: nothing. */
  readonly agreed?: Consent['route'] | undefined;
  readonly nowMs: number;
}

/**
 * Asks whether code may go to a server, for completions and chat at once. Anything but the button that says so is a no:
 * Enter too, which may still be held down from the list before.
 * @returns the consent to be kept; `undefined`: the user did not agree, or it is our own engine, which needs none.
 */
export async function askConsent(question: ConsentQuestion): Promise<Consent | undefined> {
  const { window, route, origin, nowMs: atMs } = question;
  if (route.kind === 'inProcess') return undefined;
  const words = { ...consentWords(question), agree: 'Agree', refuse: 'Don’t Send' };
  const isAgreed = await isChosen(window, words);
  return isAgreed ? { destination: destinationOf(origin, route), route: route.kind, atMs } : undefined;
}

/**
 * Asks whether an API key may go through a private network unencrypted. Anything but the button that says so is a no.
 * `true`: the user takes the risk.
 */
export function askPlainKey({ window, origin }: Pick<ConsentQuestion, 'window' | 'origin'>): Promise<boolean> {
  const detail = [
    `${origin} is reached without encryption. Whoever can read what passes through that network, such as its router or ` +
      'another device in the same Wi-Fi, can read the key with every request and use it as if they were you, at your ' +
      'cost. That the network is private says something about its addresses, not about who is in it.',
    'If the server can be reached by https, add it with that address instead.',
    `You can take this back with "Paddock: Manage Consents"; removing the key with "Paddock: Remove API Key" does so too.`,
  ].join('\n\n');
  const message = `Send the API key for ${hostOf(origin)} without encryption?`;
  return isChosen(window, { message, detail, agree: 'Send It Unencrypted', refuse: 'Don’t Send' });
}

/** What the dialog says. Pure. */
export function consentWords(question: Omit<ConsentQuestion, 'window' | 'nowMs'>): {
  readonly message: string;
  readonly detail: string;
} {
  const { route, origin, serverName, modelName, roles, agreed } = question;
  const picked = roles.map((role) => (role === 'completion' ? 'completions' : 'chat')).join(' and ');
  const paragraphs = [
    ...(agreed === undefined ? [] : [`You agreed to this address ${beforeWords[agreed]}. That is no longer so.`]),
    `To: ${whereWords(origin, route)}`,
    'What: while you type, the code around the cursor. When you chat, your questions and the files and selections ' +
      'you attach.',
    `You are picking ${modelName} for ${picked}. Your answer holds for every model there, for completions and chat.`,
    'Paddock remembers this address, how far away it is and the date of your answer, and keeps a list of its requests ' +
      'without their text, all on this computer. What the other side keeps is up to whoever runs it.',
    'You can take this back at any time with "Paddock: Manage Consents".',
  ];
  const who = serverName ?? hostOf(origin);
  return { message: `Let Paddock send your code to ${who}?`, detail: paragraphs.join('\n\n') };
}

const beforeWords = {
  loopback: 'as a server on this computer',
  private: 'as a server on the private network',
  internet: 'as one on the internet that passed nothing on',
} as const;

/** Where it goes, in words for people: `https://api.openai.com, on the internet.` */
function whereWords(origin: string, route: Route): string {
  const from = route.remote === undefined ? '' : ` The remote host (${route.remote}) makes the connection.`;
  const isPlain = origin.startsWith('http:') && route.kind !== 'loopback' && route.forwardsTo === undefined;
  const plainly = isPlain ? ' It is not encrypted: whoever is on the way can read it.' : '';
  return `${origin}, ${placeWords(route)}.${plainly}${from}`;
}

function placeWords({ kind, evidence, forwardsTo }: Route): string {
  if (forwardsTo !== undefined) return `a server that passes it on over the internet to ${forwardsTo}`;
  switch (kind) {
    case 'inProcess':
      return "this computer's own engine";
    case 'loopback':
      return evidence === 'verified'
        ? 'a server on this computer'
        : 'a server on this computer that may pass it on; Paddock cannot see where to';
    case 'private':
      return 'a server on the private network (an address range, not a promise about who owns it)';
    case 'internet':
      return 'on the internet';
  }
}

function hostOf(origin: string): string {
  return origin.replace(/^(https?:\/\/|unix:)/, '');
}

/**
 * A modal question. The first button is the one that Enter presses, so the refusal comes first; closing the dialog is
 * a refusal as well. As the dialog's close button the refusal would save VS Code's own "Cancel", but would be moved to
 * the end, and Enter would agree.
 */
async function isChosen(
  window: ConsentQuestion['window'],
  words: { readonly message: string; readonly detail: string; readonly agree: string; readonly refuse: string },
): Promise<boolean> {
  const { message, detail, agree, refuse } = words;
  return (await window.showWarningMessage(message, { modal: true, detail }, refuse, agree)) === agree;
}
