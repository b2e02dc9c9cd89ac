/** What was picked is set here: after consent and key, all of it or nothing, and remembered for the presets. */
import type * as vscode from 'vscode';
import { modelOf, originOf, servedRef } from '../models/choose.ts';
import type { Endpoint, Model, Role, ServedModel } from '../models/model.ts';
import { cardOf, guessCard } from '../providers/cards.ts';
import { embeddedModel } from '../weights/embedded.ts';
import { saveServer } from './addServer.ts';
import type { Picking } from './agree.ts';
import { roles as allRoles, type Choice } from './choice.ts';
import { afterPick, parsePicked, plansFor, type Picked, type PresetId } from './presets.ts';
import type { Secrets } from './secrets.ts';
import type { LiveSettings } from './settings.ts';
import type { SwitchState, Telling } from './switchState.ts';

/** What setting a model needs. */
export interface SetNeeds {
  readonly choice: Pick<Choice, 'modelFor' | 'set'>;
  readonly settings: Pick<LiveSettings, 'now' | 'write'>;
  readonly secrets: Pick<Secrets, 'origins'>;
  readonly memento: vscode.Memento;
  readonly telling: () => Promise<Telling>;
  /** Whether the user lets their code go to a model; see `agreeTo`. */
  readonly agree: (picking: Picking) => Promise<boolean>;
  readonly setApiKey: (origin?: string) => Promise<boolean>;
}

/** One change: these roles, this model. */
export interface Change {
  readonly roles: readonly Role[];
  /** As in `models/choose`. */
  readonly ref: string;
  /** A server to be kept among the configured ones. */
  readonly keep?: { readonly url: string; readonly kind: Endpoint['card'] } | undefined;
}

/** Where what was picked before is kept. */
const pickedKey = 'switching.picked';

/**
 * Makes the changes, from the next request on; what is streaming goes on. `false`: the user refused the consent or the
 * key that one of them needs, and nothing changed. Throws `Failure`; then nothing changed either.
 */
export async function setTo(needs: SetNeeds, ...changes: readonly Change[]): Promise<boolean> {
  const models = changes.map((change) => resolve(needs, change));
  const served = models.flatMap((model) => (model?.provider === 'server' ? [model] : []));
  for (const model of new Map(served.map((each) => [each.id, each])).values()) {
    const roles = changes.flatMap((change, index) => (models[index]?.id === model.id ? change.roles : []));
    if (!(await needs.agree({ model, roles })) || !(await hasKey(needs, model))) return false;
  }
  for (const { roles, ref, keep } of changes) {
    if (keep !== undefined) await saveServer(needs.settings, keep);
    await needs.choice.set(roles, ref);
  }
  await remember(needs, changes, models);
  return true;
}

/** Sets a server's model. A server that was found but never configured is kept, so that it is known how it speaks. */
export function setServed(
  needs: SetNeeds,
  roles: readonly Role[],
  { endpoint, model }: { readonly endpoint: Endpoint; readonly model: string },
): Promise<boolean> {
  const { baseUrl, card } = endpoint;
  const isKnown = needs.settings.now.servers.some(({ url }) => url === baseUrl);
  const isVendors = !cardOf(card).isSelfHosted && guessCard(baseUrl) === card;
  const keep = isKnown || isVendors ? undefined : { url: baseUrl, kind: card };
  return setTo(needs, { roles, ref: servedRef(baseUrl, model), keep });
}

/** Does what a preset would do now, if it can. */
export async function takePreset(needs: SetNeeds, preset: PresetId): Promise<void> {
  const plan = plansNow(needs)[preset];
  if (plan.kind !== 'ready') return;
  const { completion, chat } = plan.refs;
  if (completion === chat) await setTo(needs, { roles: allRoles, ref: chat });
  else await setTo(needs, { roles: ['completion'], ref: completion }, { roles: ['chat'], ref: chat });
}

/** What the presets would do now. */
export function plansNow(needs: Pick<SetNeeds, 'choice' | 'settings' | 'memento'>): ReturnType<typeof plansFor> {
  const localFile = needs.settings.now['local.modelPath'];
  return plansFor({ picked: pickedBy(needs), chosen: chosenBy(needs), localFile });
}

/** The model of each role. */
export function chosenBy({ choice }: Pick<SetNeeds, 'choice'>): SwitchState['chosen'] {
  return { completion: choice.modelFor('completion'), chat: choice.modelFor('chat') };
}

function pickedBy({ memento }: Pick<SetNeeds, 'memento'>): Picked {
  return parsePicked(memento.get<unknown>(pickedKey));
}

async function remember(
  needs: SetNeeds,
  changes: readonly Change[],
  models: readonly (Model | undefined)[],
): Promise<void> {
  const { routeOf } = await needs.telling();
  const picked = changes.reduce((before, { roles }, index) => {
    const model = models[index];
    if (model === undefined) return before;
    const isElsewhere = model.provider === 'server' && routeOf(model.endpoint, model).kind !== 'loopback';
    return afterPick(before, roles, model, isElsewhere);
  }, pickedBy(needs));
  await needs.memento.update(pickedKey, picked);
}

/** A closed API answers nobody without a key. */
async function hasKey({ secrets, setApiKey }: SetNeeds, { endpoint }: ServedModel): Promise<boolean> {
  const origin = originOf(endpoint.baseUrl);
  if (cardOf(endpoint.card).isSelfHosted || secrets.origins().includes(origin)) return true;
  return setApiKey(origin);
}

function resolve({ settings }: SetNeeds, { ref, keep }: Change): Model | undefined {
  const servers = [...(keep === undefined ? [] : [keep]), ...settings.now.servers];
  const localFile = settings.now['local.modelPath'];
  return modelOf({ ref, servers, localFile, embedded: (file) => embeddedModel(file, undefined), guessCard });
}
