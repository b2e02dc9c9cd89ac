/** What the user agreed to passes through here: remembered over restarts, listed, taken back. */
import type * as vscode from 'vscode';
import { Emitter } from '../../base/emitter.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { Consent } from '../../egress/policy.ts';

const name = 'privacy.consents';

/** From the least to the most exposed. */
const routes: readonly Consent['route'][] = ['loopback', 'private', 'internet'];

/**
 * The user's consents, one per destination. They are kept with VS Code's state of this extension on this machine, where
 * no workspace reaches and no settings sync takes them to another machine. Read anew each time: another window may have
 * taken one back.
 */
export class Consents implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly memento: vscode.Memento;

  /** Fires after one was given or taken back in this window. */
  readonly onDidChange = this.changed.event;

  /** @param memento the extension's global state. */
  constructor(memento: vscode.Memento) {
    this.memento = memento;
  }

  /** Newest first. What cannot be understood is no consent. */
  all(): readonly Consent[] {
    const kept = this.memento.get<unknown>(name);
    const consents = Array.isArray(kept) ? kept.flatMap(consentIn) : [];
    return consents.toSorted((one, other) => other.atMs - one.atMs);
  }

  /** Keeps a consent. One for the same destination is replaced, but never by a narrower one. */
  async add(consent: Consent): Promise<void> {
    const before = this.all();
    const same = before.filter(({ destination }) => destination === consent.destination);
    const exposure = Math.max(...[consent, ...same].map(({ route }) => routes.indexOf(route)));
    const widest = { ...consent, route: routes[exposure] ?? consent.route };
    await this.keep([...before.filter((each) => !same.includes(each)), widest]);
  }

  /** Takes the consent for a destination back; from the next request on it is missing. */
  async revoke(destination: string): Promise<void> {
    await this.keep(this.all().filter((consent) => consent.destination !== destination));
  }

  dispose(): void {
    this.store.dispose();
  }

  private async keep(consents: readonly Consent[]): Promise<void> {
    await this.memento.update(name, consents);
    this.changed.fire();
  }
}

function consentIn(value: unknown): readonly Consent[] {
  const { destination, route, atMs } = Object(value) as Readonly<Record<keyof Consent, unknown>>;
  const known = routes.find((each) => each === route);
  if (typeof destination !== 'string' || destination === '' || known === undefined) return [];
  return typeof atMs === 'number' && Number.isFinite(atMs) ? [{ destination, route: known, atMs }] : [];
}
