/** "May your code go there?" is settled here before a model is picked: looked up, judged, and asked once per origin. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import type { Gate } from '../../egress/gate.ts';
import { originFrom } from '../../egress/origin.ts';
import { judge, type Consent, type Policy, type Verdict } from '../../egress/policy.ts';
import type { Role, ServedModel } from '../../models/model.ts';
import type { Survey } from '../../providers/survey.ts';
import { roles as allRoles } from '../switching/choice.ts';
import { askConsent } from './consent.ts';
import type { ModelPlace } from '../switching/places.ts';
import { watched } from '../progress.ts';

/** What has to be known, and who is asked. */
export interface AgreeNeeds {
  readonly window: Pick<typeof vscode.window, 'showWarningMessage' | 'withProgress'>;
  readonly gate: Pick<Gate, 'locate' | 'mayUseUnpriced'>;
  readonly survey: Pick<Survey, 'destinationOf'>;
  readonly placeOf: (model: ServedModel) => ModelPlace;
  readonly policy: () => Promise<Policy>;
  readonly clock: Clock;
}

/** Whose code may go where. */
export interface Picking {
  readonly model: ServedModel;
  /** What it is being picked for; a consent holds for both. */
  readonly roles: readonly Role[];
  /** What the user has just agreed to for the same change, though it is not kept yet. */
  readonly agreed?: readonly Consent[];
}

/**
 * Whether requests for completions and chat may go to a model. The user is asked where nobody asked them yet, and about a
 * price that nobody knows where they set a hard limit; nothing of theirs is sent before. Looking up where it is can be
 * stopped.
 * @returns the consents to be kept, none where none is needed; `undefined`: the user said no.
 * @throws Failure `denied` with the rule and where it stands; `unreachable` when the name leads nowhere; `aborted`.
 */
export async function agreeTo(needs: AgreeNeeds, picking: Picking): Promise<readonly Consent[] | undefined> {
  const { window, gate, survey, placeOf, clock } = needs;
  const { model, roles, agreed = [] } = picking;
  const title = `Paddock: finding out where ${model.endpoint.baseUrl} leads…`;
  const { destination, route } = await watched(needs, title, async (signal) => {
    const found = await survey.destinationOf(model, signal, 'user');
    return { destination: found, route: await gate.locate(found.url, signal, found) };
  });
  const { id: origin, host } = originFrom(destination.url);
  const rules = await needs.policy();
  const policy = { ...rules, consents: [...rules.consents, ...agreed] };
  const about = { policy, route, origin, host, modelName: model.model, items: [] };
  const verdicts = allRoles.map((role) => judge({ ...about, purpose: { role, initiator: 'user' } }));
  const denial = verdicts.find((verdict) => verdict.kind === 'deny');
  if (denial !== undefined) throw deniedBy(denial);
  if (!(await gate.mayUseUnpriced(model, destination))) return undefined;
  if (verdicts.every((verdict) => verdict.kind === 'allow')) return [];
  const consent = await askConsent({
    window,
    route,
    origin,
    serverName: placeOf(model).server,
    modelName: model.name,
    roles,
    agreed: verdicts.find((verdict) => verdict.kind === 'ask')?.agreed,
    nowMs: clock.now(),
  });
  return consent && [consent];
}

/** A denial as something that is shown, with a button to where the rule stands. */
export function deniedBy(denial: Extract<Verdict, { readonly kind: 'deny' }>): Failure {
  const { rule, source, message, action } = denial;
  return new Failure('denied', message, { action, facts: { rule, source } });
}
