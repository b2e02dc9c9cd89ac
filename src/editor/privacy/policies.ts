/** The user's ceiling, the policy files' rules and what the user agreed to become one policy here. */
import { Emitter, type Event } from '../../base/emitter.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { yourSettings, type Consent, type Policy } from '../../egress/policy.ts';
import type { LiveSettings } from '../settings.ts';

type FileRules = Pick<Policy, 'rules' | 'broken'>;

/** Where the rules come from. */
export interface PoliciesNeeds {
  readonly settings: LiveSettings;
  readonly files: { rules(): Promise<FileRules>; readonly onDidChange: Event<FileRules> };
  readonly consents: { all(): readonly Consent[]; readonly onDidChange: Event<void> };
}

/** Everything that holds now. */
export class Policies implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly needs: PoliciesNeeds;
  private fileRules: FileRules = { rules: [], broken: [] };

  /** Fires after something of it changed. */
  readonly onDidChange = this.changed.event;

  constructor(needs: PoliciesNeeds) {
    this.needs = needs;
    const { settings, files, consents } = needs;
    // Told at once, before whoever waits for the files goes on: a denial that follows is no older than this news.
    this.store.add(
      files.onDidChange((read) => {
        this.fileRules = read;
        this.changed.fire();
      }),
    );
    this.store.add(consents.onDidChange(() => this.changed.fire()));
    this.store.add(
      settings.onDidChange(({ before, now }) => {
        const rulesOf = (each: typeof now): string =>
          JSON.stringify([each['privacy.ceiling'], each['privacy.neverSend']]);
        if (rulesOf(before) !== rulesOf(now)) this.changed.fire();
      }),
    );
  }

  /** What holds; waits for the files to be read the first time. */
  readonly now = async (): Promise<Policy> => {
    this.fileRules = await this.needs.files.rules();
    return this.shown;
  };

  /** What holds as far as it has been read: to be shown, not to be judged by. */
  get shown(): Policy {
    const { settings, consents } = this.needs;
    const { rules, broken } = this.fileRules;
    const { 'privacy.ceiling': ceiling, 'privacy.neverSend': neverSend } = settings.now;
    const own = { source: yourSettings, ceiling, neverSend };
    return { rules: [own, ...rules], broken, consents: consents.all() };
  }

  dispose(): void {
    this.store.dispose();
  }
}
