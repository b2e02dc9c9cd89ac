/** What the lists of `Switch Provider` tell of models and servers is gathered here, without asking any of them. */
import { originFrom } from '../../egress/origin.ts';
import { judgeUnresolved, type Policy } from '../../egress/policy.ts';
import { routeTo, type Side } from '../../egress/route.ts';
import type { PriceTable } from '../../ledger/price.ts';
import type { LastRequest } from '../../ledger/tally.ts';
import { servedRef } from '../../models/choose.ts';
import type { EmbeddedModel, Endpoint, ServedModel } from '../../models/model.ts';
import type { ListedModel } from '../../providers/survey.ts';
import type { ChatTemplates } from '../../weights/chatTemplates.ts';
import { ratesWords } from './modelWords.ts';
import { placeOfModel, type PlaceNeeds } from './places.ts';
import type { Denial, Telling } from './switchState.ts';

/** Where it comes from. */
export interface TellingNeeds extends PlaceNeeds {
  readonly side: Side;
  readonly policy: () => Promise<Policy>;
  /** Reads the table when it is first wanted. */
  readonly prices: () => Promise<Pick<PriceTable, 'ratesOf'>>;
  readonly templates: Pick<ChatTemplates, 'has'>;
  /** The newest request of a model that was measured today; `undefined`: there is none. */
  readonly lastOf: (modelId: string) => LastRequest | undefined;
}

/** What can be told now. */
export async function tellingNow(needs: TellingNeeds): Promise<Telling> {
  const [policy, prices] = await Promise.all([needs.policy(), needs.prices()]);
  const routeOf: Telling['routeOf'] = (endpoint, model) => {
    const served = servedAt(endpoint, model?.model ?? '');
    const forwardsTo = model?.forwardsTo;
    const about = { ...needs.known(served), ...(forwardsTo === undefined ? {} : { forwardsTo }) };
    return placeOfModel(served, { ...needs, known: () => about }).route;
  };
  return {
    routeOf,
    engineRoute: routeTo(anyFile, needs.side),
    denialOf: (endpoint, model) => denialOf(policy, { endpoint, model, routeOf }),
    priceWords: (card, model) => {
      const rates = prices.ratesOf(card.id, model);
      return rates && ratesWords(rates);
    },
    hasChatTemplate: (file) => needs.templates.has(file),
    speedOf: (modelId) => needs.lastOf(modelId)?.settlement.speed?.decodeTokPerS,
  };
}

/** All files of our own engine have the same route. */
const anyFile: EmbeddedModel = { id: 'embedded:', name: '', provider: 'embedded', file: '' };

interface Asked {
  readonly endpoint: Endpoint;
  /** `undefined`: only the server's models are asked for. */
  readonly model: ListedModel | undefined;
  readonly routeOf: Telling['routeOf'];
}

function denialOf(policy: Policy, { endpoint, model, routeOf }: Asked): Denial | undefined {
  const { id: origin, host } = originFrom(endpoint.baseUrl);
  const verdict = judgeUnresolved({
    policy,
    purpose: { role: model === undefined ? 'list' : 'completion', initiator: 'user' },
    likely: routeOf(endpoint, model),
    origin,
    host,
    modelName: model?.model,
    items: [],
  });
  return verdict?.kind === 'deny' ? verdict : undefined;
}

function servedAt(endpoint: Endpoint, model: string): ServedModel {
  return { id: servedRef(endpoint.baseUrl, model), name: model, provider: 'server', endpoint, model };
}
