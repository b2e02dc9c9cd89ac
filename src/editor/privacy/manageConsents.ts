/** "What did I agree to?" is answered here, in a list from which it can be taken back. */
import type * as vscode from 'vscode';
import type { Consent } from '../../egress/policy.ts';
import type { Consents } from './consents.ts';
import { showList, type ListNeeds, type Row } from '../list.ts';
import type { Secrets } from './secrets.ts';
import type { Sharing, SharingAnswer } from './sharing.ts';

/** What the list shows and changes. */
export interface ManageConsentsNeeds extends ListNeeds {
  readonly window: ListNeeds['window'] & Pick<typeof vscode.window, 'showInformationMessage' | 'showWarningMessage'>;
  readonly consents: Pick<Consents, 'all' | 'revoke'>;
  readonly secrets: Pick<Secrets, 'plainOrigins' | 'allowPlainly'>;
  readonly sharing: Pick<Sharing, 'answer' | 'keep'>;
}

/** Something agreed to. */
export type Agreed =
  | { readonly kind: 'requests'; readonly consent: Consent }
  /** Its key may travel unencrypted. */
  | { readonly kind: 'plainKey'; readonly origin: string }
  /** Other extensions may use Paddock's models, or may not. */
  | { readonly kind: 'sharing' };

/** Lists what was agreed to and takes back what the user picks, until they leave. */
export async function manageConsents(needs: ManageConsentsNeeds): Promise<void> {
  const { window, consents, secrets, sharing } = needs;
  for (;;) {
    const rows = agreedRows(consents.all(), secrets.plainOrigins(), sharing.answer);
    if (rows.length === 0) {
      void window.showInformationMessage('Paddock: There are no consents. What leaves this computer is asked first.');
      return;
    }
    const answer = await showList(needs, {
      title: 'Paddock: Manage Consents',
      placeHolder: 'Pick one to take it back',
      hasBack: false,
      shown: { rows, isBusy: false },
    });
    if (answer.kind !== 'picked') return;
    await takeBack(needs, answer.pick);
  }
}

/** The lines of the list: destination, route in words, date. */
export function agreedRows(
  consents: readonly Consent[],
  plainOrigins: readonly string[],
  sharing: SharingAnswer,
): Row<Agreed>[] {
  return [
    ...consents.map((consent) => ({
      kind: 'line' as const,
      key: consent.destination,
      label: consent.destination.replace(' -> ', ' → '),
      icon: icons[consent.route],
      description: routeWords(consent),
      detail: `Completions and chat; agreed on ${dateWords(consent.atMs)}`,
      pick: { kind: 'requests' as const, consent },
    })),
    ...plainOrigins.map((origin) => ({
      kind: 'line' as const,
      key: `key ${origin}`,
      label: origin,
      icon: 'key',
      description: 'API key without encryption',
      pick: { kind: 'plainKey' as const, origin },
    })),
    ...(sharing === undefined ? [] : [sharingRow(sharing)]),
  ];
}

function sharingRow(sharing: NonNullable<SharingAnswer>): Row<Agreed> {
  return {
    ...{ kind: 'line', key: 'sharing', icon: 'extensions', label: 'Other extensions and VS Code’s own chat' },
    description: sharingWords[sharing],
    pick: { kind: 'sharing' },
  };
}

const sharingWords: Readonly<Record<NonNullable<SharingAnswer>, string>> = {
  allowed: 'may use Paddock’s models',
  refused: 'may not use Paddock’s models',
  dismissed: 'not for now; you closed the question',
};

const icons: Readonly<Record<Consent['route'], string>> = {
  loopback: 'question',
  private: 'radio-tower',
  internet: 'cloud',
};

/** The most exposed route agreed to, as the indicator calls routes. */
function routeWords({ route, destination }: Consent): string {
  switch (route) {
    case 'loopback':
      return 'this computer, may forward';
    case 'private':
      return 'private network';
    case 'internet':
      return `internet: ${destination.replace(/^.* -> /, '').replace(/^https?:\/\//, '')}`;
  }
}

function dateWords(atMs: number): string {
  return new Date(atMs).toLocaleDateString('en', { year: 'numeric', month: 'long', day: 'numeric' });
}

async function takeBack({ window, consents, secrets, sharing }: ManageConsentsNeeds, agreed: Agreed): Promise<void> {
  const { message, detail } = takingBackWords(agreed, sharing.answer);
  const button = 'Take Back';
  if ((await window.showWarningMessage(message, { modal: true, detail }, button)) !== button) return;
  switch (agreed.kind) {
    case 'plainKey':
      return secrets.allowPlainly(agreed.origin, false);
    case 'sharing':
      return sharing.keep(undefined);
    case 'requests':
      return consents.revoke(agreed.consent.destination);
  }
}

function takingBackWords(
  agreed: Agreed,
  sharing: SharingAnswer,
): { readonly message: string; readonly detail: string } {
  switch (agreed.kind) {
    case 'plainKey':
      return {
        message: `Stop sending the API key for ${agreed.origin} unencrypted?`,
        detail: 'From the next request on, the key is not sent there. It stays stored.',
      };
    case 'sharing':
      return {
        message:
          sharing === 'dismissed'
            ? 'Be asked again whether other extensions may use Paddock’s models?'
            : `Take back that other extensions ${sharing === 'allowed' ? 'may' : 'may not'} use Paddock’s models?`,
        detail: 'You are asked again when the next one wants to. What is streaming now goes on to its end.',
      };
    case 'requests':
      return {
        message: `Take back your consent for ${agreed.consent.destination.replace(' -> ', ' → ')}?`,
        detail:
          'From the next request on, completions and chat are not sent there. What is streaming now goes on to its end.',
      };
  }
}
