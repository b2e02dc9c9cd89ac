/** "Where is this model, and who runs there?" is answered here at once, from what is known; nobody is asked. Pure. */
import { routeTo, type Program, type Side } from '../../egress/route.ts';
import type { Route } from '../../ledger/entry.ts';
import type { Model, ServedModel } from '../../models/model.ts';
import { cardOf, guessCard } from '../../providers/cards.ts';
import { forwardOf } from '../../providers/shapes.ts';
import type { KnownModel } from '../../providers/survey.ts';

/** What is known. */
export interface PlaceNeeds {
  readonly side: Side;
  /** Where a URL most likely leads; what nobody knows counts as more exposed. */
  readonly likelyRoute: (url: string, program: Program) => Route;
  readonly known: (model: ServedModel) => KnownModel | undefined;
}

/** A model's place, never less exposed than where its next request will go. */
export interface ModelPlace {
  readonly route: Route;
  /** For people; `undefined`: nobody knows who runs there, or it is our own engine. */
  readonly server: string | undefined;
}

/** The place of a model. */
export function placeOfModel(model: Model, { side, likelyRoute, known }: PlaceNeeds): ModelPlace {
  if (model.provider === 'embedded') return { route: routeTo(model, side), server: undefined };
  const remembered = known(model);
  const route = likelyRoute(model.endpoint.baseUrl, programOf(model, remembered));
  return { route, server: serverOf(model, route, remembered) };
}

function programOf({ model, endpoint }: ServedModel, { facts, ...about }: KnownModel = {}): Program {
  const isOllama = (facts?.card ?? endpoint.card) === 'ollama';
  const forwardsTo = about.forwardsTo ?? (cardOf(endpoint.card).isSelfHosted ? forwardOf(model) : undefined);
  if (forwardsTo !== undefined) return { nature: 'forwards', forwardsTo };
  // Ollama holds the weights of some of its models: of each it has to be heard.
  if (isOllama && about.contextTokens === undefined && about.canInsert === undefined) return { nature: 'unknown' };
  return { nature: facts?.nature ?? 'unknown' };
}

/** On the internet only the host's own name counts: anybody may call a server `OpenAI` in the settings. */
function serverOf({ endpoint }: ServedModel, route: Route, remembered: KnownModel | undefined): string | undefined {
  if (route.kind !== 'internet') return remembered?.facts?.name;
  const card = cardOf(guessCard(endpoint.baseUrl));
  return card.isSelfHosted ? undefined : card.name;
}
