/** "Who would be asked now, where, and may they be?" is answered here at once, from what is known; nobody is asked. */
import { Failure } from '../../base/failure.ts';
import type { ModelPill } from '../../chat/protocol.ts';
import { originFrom } from '../../egress/origin.ts';
import { judgeUnresolved, type Policy } from '../../egress/policy.ts';
import type { EngineState } from '../../engine/engine.ts';
import type { Route } from '../../ledger/entry.ts';
import type { EmbeddedModel, Model, ServedModel } from '../../models/model.ts';
import type { KnownModel } from '../../providers/survey.ts';
import { noChatTemplate } from '../../weights/chatTemplates.ts';
import { placeOf } from '../indicator/routeWords.ts';
import type { ModelPlace } from '../switching/places.ts';

/** What is known. */
export interface ChatModelNeeds {
  /** The model picked for chat; `undefined`: none is. */
  readonly model: () => Model | undefined;
  /** Why what is set for chat names no model; `undefined`: it does, or nothing is set. */
  readonly problem: () => string | undefined;
  readonly engineOf: (file: string) => EngineState;
  /** Of a file that no engine has loaded; `undefined`: not known yet. */
  readonly hasChatTemplate: (file: string) => boolean | undefined;
  readonly known: (model: ServedModel) => KnownModel | undefined;
  readonly placeOf: (model: Model) => ModelPlace;
  /** What holds, as far as it has been read: the gate judges again. */
  readonly policy: () => Policy;
}

/** The model that would be asked. */
export interface ChatModel {
  readonly model: Model;
  readonly pill: ModelPill;
  readonly route: Route;
  /** Tokens of its context as it runs; `undefined`: nobody knows yet. */
  readonly contextTokens: number | undefined;
  /** It loses its way in long instructions. */
  readonly isSmall: boolean;
}

/** Weights of a model with less than about two thousand million parameters, bytes. */
const smallBytes = 1.5e9;

/** `undefined`: none is chosen. */
export function chatModelOf({ model: chosen, placeOf: find, ...needs }: ChatModelNeeds): ChatModel | undefined {
  const model = chosen();
  if (model === undefined) return undefined;
  const { route, server } = find(model);
  const pill: ModelPill = { name: model.name, exposure: route.kind, routeWords: placeOf(route, server) };
  if (model.provider === 'server') {
    return { model, pill, route, contextTokens: needs.known(model)?.contextTokens, isSmall: false };
  }
  const state = needs.engineOf(model.file);
  const facts = state.kind === 'ready' ? state.facts : undefined;
  const isSmall = facts !== undefined && facts.fileBytes < smallBytes;
  return { model, pill, route, contextTokens: facts?.chatContextTokens, isSmall };
}

/** Why nothing can be asked now, with the one thing to press; `undefined`: it can, as far as is known. */
export function blockedBy(needs: ChatModelNeeds): Failure | undefined {
  const model = needs.model();
  if (model === undefined) {
    const message = needs.problem() ?? 'No model is chosen for the chat yet.';
    return new Failure('noModel', message, { action: 'switchProvider' });
  }
  return model.provider === 'server' ? deniedBy(model, needs) : withoutTemplate(model, needs);
}

/** Why the model that is picked can never be asked, by anybody; `undefined`: it can, as far as is known, or none is. */
export function cannotChat(needs: ChatModelNeeds): Failure | undefined {
  const model = needs.model();
  return model?.provider === 'embedded' ? withoutTemplate(model, needs) : undefined;
}

/** The model that would be asked, for what is not shown beside it. @throws Failure `modelUnsupported`: it cannot chat. */
export function askableChatModel(needs: ChatModelNeeds): ChatModel | undefined {
  const failure = cannotChat(needs);
  if (failure !== undefined) throw failure;
  return chatModelOf(needs);
}

/** What the engine has read of a file counts before what its header said earlier. */
function withoutTemplate({ file, name }: EmbeddedModel, needs: ChatModelNeeds): Failure | undefined {
  const state = needs.engineOf(file);
  const has = state.kind === 'ready' ? state.facts.hasChatTemplate : needs.hasChatTemplate(file);
  return has === false ? noChatTemplate(name) : undefined;
}

function deniedBy(model: ServedModel, { policy, placeOf: find }: ChatModelNeeds): Failure | undefined {
  const origin = originFrom(model.endpoint.baseUrl);
  const verdict = judgeUnresolved({
    ...{ policy: policy(), purpose: { role: 'chat', initiator: 'user' } as const, modelName: model.model, items: [] },
    ...{ origin: origin.id, host: origin.host, likely: find(model).route },
  });
  if (verdict === undefined || verdict.kind === 'allow') return undefined;
  const { message } = verdict;
  if (verdict.kind === 'ask') return new Failure('denied', message, { action: 'switchProvider' });
  const { rule, source, action } = verdict;
  return new Failure('denied', message, { action, facts: { host: origin.shown, rule, source } });
}
