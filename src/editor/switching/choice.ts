/** "Which model for which role?" is answered here, from the user's settings; picking one writes them. */
import { Emitter } from '../../base/emitter.ts';
import { Failure } from '../../base/failure.ts';
import { Store, type Disposable } from '../../base/store.ts';
import { modelOf, parseRef, type Choosing } from '../../models/choose.ts';
import type { Model, Role, ServedModel } from '../../models/model.ts';
import type { Notices } from '../notices.ts';
import type { LiveSettings } from '../settings.ts';

/** What a choice is read with. */
export interface ChoiceNeeds extends Pick<Choosing, 'embedded' | 'guessCard'> {
  readonly settings: LiveSettings;
}

/** Both roles, in the order they are named to people. */
export const roles: readonly Role[] = ['completion', 'chat'];

const keyOf = { completion: 'completion.model', chat: 'chat.model' } as const;
const keys = ['completion.model', 'chat.model', 'servers', 'local.modelPath', 'cost.prices', 'cost.budgets'] as const;

/** The model of each role. Holds nothing: what is set is what holds, with the next request. */
export class Choice implements Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new Emitter<void>());
  private readonly needs: ChoiceNeeds;

  /** Fires after what is set about models or servers changed. */
  readonly onDidChange = this.changed.event;

  constructor(needs: ChoiceNeeds) {
    this.needs = needs;
    this.store.add(
      needs.settings.onDidChange(({ before, now }) => {
        if (keys.some((key) => before[key] !== now[key])) this.changed.fire();
      }),
    );
  }

  /** The model set for a role; `undefined`: none is, or what is set makes no sense: see `problemOf`. */
  modelFor(role: Role): Model | undefined {
    const { settings, embedded, guessCard } = this.needs;
    const { servers, 'local.modelPath': localFile } = settings.now;
    return modelOf({ ref: this.refFor(role), servers, localFile, embedded, guessCard });
  }

  /** What is set for a role, as it is written; empty: the file set for this computer's own engine. */
  refFor(role: Role): string {
    return this.needs.settings.now[keyOf[role]];
  }

  /** Why what is set for a role names no model, a sentence; `undefined`: it does, or nothing is set. */
  problemOf(role: Role): string | undefined {
    const ref = parseRef(this.refFor(role));
    return ref.kind === 'bad' ? `The setting paddock.${keyOf[role]} names no model. ${ref.reason}` : undefined;
  }

  /** Why servers are left out that the user configured, a sentence each. */
  serverProblems(): readonly string[] {
    return this.needs.settings.serverProblems;
  }

  /** What of the settings about money makes no sense, a sentence each. */
  costProblems(): readonly string[] {
    return this.needs.settings.costProblems;
  }

  /** The files of the models that this computer's own engine is wanted for, each once. */
  embeddedFiles(): readonly string[] {
    const models = roles.map((role) => this.modelFor(role));
    return [...new Set(models.flatMap((model) => (model?.provider === 'embedded' ? [model.file] : [])))];
  }

  /** The models of servers that are in use, each once. */
  servedModels(): readonly ServedModel[] {
    const models = roles.map((role) => this.modelFor(role)).filter((model) => model?.provider === 'server');
    return models.filter(({ id }, index) => models.findIndex((other) => other.id === id) === index);
  }

  /**
   * Sets the model of these roles, from their next request on; what is streaming goes on.
   * Throws `Failure` for a reference that names none.
   */
  async set(forRoles: readonly Role[], ref: string): Promise<void> {
    const parsed = parseRef(ref);
    if (parsed.kind === 'bad') throw new Failure('requestInvalid', parsed.reason);
    for (const role of forRoles) await this.needs.settings.write(keyOf[role], () => ref);
  }

  dispose(): void {
    this.store.dispose();
  }
}

/** Says which settings name no model and which servers are left out, each once, with a way to them. */
export function tellProblems(
  choice: Pick<Choice, 'problemOf' | 'serverProblems' | 'costProblems'>,
  notices: Pick<Notices, 'tell'>,
): void {
  const tell = (problem: string, key: string): void =>
    notices.tell(problem, {
      label: 'Open setting',
      command: 'workbench.action.openSettings',
      argument: `paddock.${key}`,
    });
  for (const role of roles) {
    const problem = choice.problemOf(role);
    if (problem !== undefined) tell(problem, keyOf[role]);
  }
  for (const problem of choice.serverProblems()) tell(problem, 'servers');
  for (const problem of choice.costProblems()) tell(problem, 'cost');
}
