/** What was picked is set here: after consent and key, all of it or nothing, and remembered for the presets. */
import type * as vscode from 'vscode';
import type { Consent } from '../../egress/policy.ts';
import { modelOf, originOf, servedRef } from '../../models/choose.ts';
import type { Endpoint, Model, Role, ServedModel } from '../../models/model.ts';
import { cardOf, guessCard } from '../../providers/cards.ts';
import { noChatTemplate, type ChatTemplates } from '../../weights/chatTemplates.ts';
import { embeddedModel } from '../../weights/embedded.ts';
import { saveServer } from './addServer.ts';
import type { Picking } from '../privacy/agree.ts';
import { roles as allRoles, type Choice } from './choice.ts';
import type { Consents } from '../privacy/consents.ts';
import { afterPick, parsePicked, plansFor, type Picked, type PresetId } from './presets.ts';
import type { Secrets } from '../privacy/secrets.ts';
import type { LiveSettings } from '../settings.ts';
import type { SwitchState, Telling } from './switchState.ts';

/** What setting a model needs. */
export interface SetNeeds {
  readonly choice: Pick<Choice, 'modelFor' | 'set'>;
  readonly consents: Pick<Consents, 'add'>;
  readonly settings: Pick<LiveSettings, 'now' | 'write'>;
  readonly secrets: Pick<Secrets, 'origins'>;
  readonly memento: vscode.Memento;
  readonly templates: Pick<ChatTemplates, 'look'>;
  readonly telling: () => Promise<Telling>;
  /** Asks whether the user lets their code go to a model; see `agreeTo`. */
  readonly agree: (picking: Picking) => Promise<readonly Consent[] | undefined>;
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
 * key that one of them needs, and nothing changed but a key they set. Throws `Failure`; then no model changed, and
 * what they agreed to is kept.
 */
export async function setTo(needs: SetNeeds, ...changes: readonly Change[]): Promise<boolean> {
  const models = changes.map((change) => resolve(needs, change));
  await refuseMute(needs, changes, models);
  const agreed = await allAgreed(needs, changes, models);
  if (agreed === undefined) return false;
  // Before the settings: what is set is asked at once.
  for (const consent of agreed) await needs.consents.add(consent);
  await writeAll(needs, changes);
  await remember(needs, changes, models);
  return true;
}

/** @throws Failure `modelUnsupported` where a file is to chat that does not say how. */
async function refuseMute(
  { templates }: SetNeeds,
  changes: readonly Change[],
  models: readonly (Model | undefined)[],
): Promise<void> {
  for (const [index, model] of models.entries()) {
    const isToChat = changes[index]?.roles.includes('chat') === true;
    if (model?.provider !== 'embedded' || !isToChat) continue;
    if ((await templates.look(model.file)) === false) throw noChatTemplate(model.name);
  }
}

/** The consents and keys that the changes need; the consents are not kept yet. `undefined`: the user refused one. */
async function allAgreed(
  needs: SetNeeds,
  changes: readonly Change[],
  models: readonly (Model | undefined)[],
): Promise<readonly Consent[] | undefined> {
  const served = models.flatMap((model) => (model?.provider === 'server' ? [model] : []));
  const agreed: Consent[] = [];
  for (const model of new Map(served.map((each) => [each.id, each])).values()) {
    const roles = changes.flatMap((change, index) => (models[index]?.id === model.id ? change.roles : []));
    const consents = await needs.agree({ model, roles, agreed });
    if (consents === undefined || !(await hasKey(needs, model))) return undefined;
    agreed.push(...consents);
  }
  return agreed;
}

/** Where one cannot be written, those before it are taken back. */
async function writeAll({ settings, choice }: SetNeeds, changes: readonly Change[]): Promise<void> {
  const before = settings.now;
  try {
    for (const { roles, ref, keep } of changes) {
      if (keep !== undefined) await saveServer(settings, keep);
      await choice.set(roles, ref);
    }
  } catch (error) {
    for (const key of ['servers', 'completion.model', 'chat.model'] as const) {
      if (JSON.stringify(settings.now[key]) === JSON.stringify(before[key])) continue;
      // What cannot be written now either stays; the user is told of the failure.
      await settings.write(key, () => before[key] as never).catch(() => undefined);
    }
    throw error;
  }
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
