/** API keys pass through here, each tied to its origin, between the user, the system's store and the gate. */
import type * as vscode from 'vscode';
import { Emitter } from '../../base/emitter.ts';
import { Failure } from '../../base/failure.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { originOf } from '../../models/choose.ts';
import type { ServedModel } from '../../models/model.ts';
import type { Notices } from '../notices.ts';

const keyPrefix = 'paddock.key:';
const originsName = 'keys.origins';
const plainName = 'keys.plainOrigins';

/** What holds the keys, and what remembers whose there were. */
export interface SecretsNeeds {
  readonly secrets: vscode.SecretStorage;
  /** Names of origins only. */
  readonly memento: vscode.Memento;
}

/**
 * The keys of the servers. VS Code does not tell whether its store outlives a restart, so the origins that had a key
 * are remembered beside it, and `lost` compares.
 */
export class Secrets implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<{ readonly origin: string }>());
  private readonly needs: SecretsNeeds;

  /** Fires after a key or the permission to send it plainly changed, keys in another window too. */
  readonly onDidChange = this.changed.event;

  constructor(needs: SecretsNeeds) {
    this.needs = needs;
    this.store.add(
      needs.secrets.onDidChange(({ key }) => {
        if (key.startsWith(keyPrefix)) this.changed.fire({ origin: key.slice(keyPrefix.length) });
      }),
    );
  }

  /** The key of an origin; `undefined`: none was set, or the store did not keep it. Throws `Failure` when it cannot be read. */
  async keyFor(origin: string): Promise<string | undefined> {
    try {
      return await this.needs.secrets.get(keyPrefix + origin);
    } catch (cause) {
      const message = `The system's store did not give out the API key for ${origin}. Set it again.`;
      throw new Failure('auth', message, { action: 'setApiKey', facts: { host: origin }, cause });
    }
  }

  /** Keeps a key. Throws `Failure` when the store refuses it. */
  async set(origin: string, key: string): Promise<void> {
    try {
      await this.needs.secrets.store(keyPrefix + origin, key);
    } catch (cause) {
      // The cause's message is not shown: nobody knows what a store puts into it.
      throw new Failure('unexpected', `The system's store did not take the API key for ${origin}.`, { cause });
    }
    await this.remember(originsName, origin, true);
  }

  /** Removes a key, and with it the permission to send it plainly. Of an origin without one nothing happens. */
  async remove(origin: string): Promise<void> {
    await this.needs.secrets.delete(keyPrefix + origin);
    await this.remember(originsName, origin, false);
    await this.remember(plainName, origin, false);
  }

  /** Origins that were given a key, sorted; of some the store may have lost it. */
  origins(): readonly string[] {
    return this.listed(originsName);
  }

  /** Origins whose key the store did not keep. */
  async lost(): Promise<readonly string[]> {
    const origins = this.origins();
    const keys = await Promise.all(origins.map((origin) => this.keyFor(origin).catch(() => undefined)));
    return origins.filter((_, index) => keys[index] === undefined);
  }

  /** Whether the user agreed that this origin's key goes over the network unencrypted. */
  mayUsePlainly(origin: string): boolean {
    return this.listed(plainName).includes(origin);
  }

  /** Every origin of which the user agreed to that, whether it has a key or not; sorted. */
  plainOrigins(): readonly string[] {
    return this.listed(plainName);
  }

  /** Notes what the user said about that. */
  async allowPlainly(origin: string, isAllowed: boolean): Promise<void> {
    await this.remember(plainName, origin, isAllowed);
    this.changed.fire({ origin });
  }

  dispose(): void {
    this.store.dispose();
  }

  private listed(name: string): readonly string[] {
    return this.needs.memento.get<readonly string[]>(name, []);
  }

  private async remember(name: string, origin: string, isListed: boolean): Promise<void> {
    const others = this.listed(name).filter((other) => other !== origin);
    await this.needs.memento.update(name, isListed ? [...others, origin].sort() : others);
  }
}

/** Says which keys the system's store did not keep, each with a way to set it again. */
export function tellLostKeys(secrets: Pick<Secrets, 'origins' | 'lost'>, notices: Pick<Notices, 'tell'>): void {
  if (secrets.origins().length === 0) return; // the store is not even asked
  void secrets.lost().then((lost) => {
    for (const origin of lost) {
      const again = { label: 'Set API key', command: 'paddock.setApiKey', argument: origin };
      notices.tell(`The system's store did not keep the API key for ${origin}.`, again);
    }
  });
}

/** The origin of the server in use that a failure names by its host, so that its key can be asked for. */
export function originAt(host: string, models: readonly Pick<ServedModel, 'endpoint'>[]): string | undefined {
  const origins = models.map(({ endpoint }) => originOf(endpoint.baseUrl));
  return origins.find((origin) => origin === host || origin.replace(/^(https?:\/\/|unix:)/, '') === host);
}
