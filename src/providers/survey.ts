/** "What is this server, and what models does it have?" is answered here, by its shape and never by its port alone. */
import type { Clock } from '../base/clock.ts';
import { Emitter } from '../base/emitter.ts';
import { asFailure, Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { Store, type Disposable } from '../base/store.ts';
import type { Destination, Passage } from '../egress/gate.ts';
import { placeOf } from '../egress/hosts.ts';
import type { ServerNature } from '../egress/route.ts';
import type { CardId, Endpoint, Errand, ServedModel } from '../models/model.ts';
import { addressesOf, cardOf, cards, hostOf, ollamaContextTokens } from './cards.ts';
import { checked, type Asked } from './errors.ts';
import { defined, parsed } from './json.ts';
import {
  forwardOf,
  listedModels,
  litellmModels,
  llamaServerModels,
  lmStudioModels,
  ollamaModel,
  ollamaModels,
  ownProbes,
  probePaths,
  recognise,
  type Probe,
  type ReadModel,
  type Recognised,
} from './shapes.ts';

/** What a server turned out to be. */
export interface ServerFacts {
  readonly card: CardId;
  /** For people: `llama-server`. */
  readonly name: string;
  readonly version: string | undefined;
  /** Ollama's is told for each of its models; here it is `holdsWeights`. */
  readonly nature: ServerNature;
  /** Whether its model can call tools. Absent: it does not say so of all its models at once. */
  readonly canCallTools?: boolean;
}

/** One model a server offers. */
export type ListedModel = ReadModel;

/** What is remembered of a model and its server. */
export interface KnownModel {
  readonly facts?: ServerFacts;
  readonly contextTokens?: number;
  readonly forwardsTo?: string;
  readonly canInsert?: boolean;
  readonly canCallTools?: boolean;
  /** As the server lists it. */
  readonly price?: ReadModel['price'];
}

/** A server found on this machine. */
export interface FoundServer {
  readonly endpoint: Endpoint;
  readonly facts: ServerFacts;
  readonly models: readonly ListedModel[];
}

/** What the survey needs. */
export interface SurveyNeeds {
  readonly openErrand: (destination: Destination, errand: Errand, signal: AbortSignal) => Promise<Passage>;
  readonly clock: Clock;
  readonly log: Log;
  /** Endpoints the user configured; those on this machine are looked at by `discover` too. */
  readonly configured?: () => readonly Endpoint[];
  /** Keeps what was told over restarts, when nobody is asked. Absent: nothing is kept. */
  readonly tools?: ToolMemory;
}

/** Whether a model can call tools, by its id, or all models of a server, by its base URL. `undefined`: nobody said. */
export interface ToolMemory {
  get(key: string): boolean | undefined;
  /** Keeps what is new; a list of models comes at once. */
  set(told: ReadonlyMap<string, boolean>): void;
}

const rememberedMs = 60_000;
/**
 * Another program may take the port of one that ended, so a server here that holds its weights is asked again after so
 * long, which takes it a millisecond or two: at most once a second while requests come, and each time written down like
 * every look, since nothing leaves without an intent.
 */
const identityMs = 1_000;
/** A server on this machine that is there says what it is at once, however busy it is. */
const patienceMs = 3_000;
/** What a server knows of one model stands on its disk; one on the network may have gone. */
const modelPatienceMs = 10_000;
const discoveryMs = 950;

/** What is remembered of one server. */
interface Remembered {
  readonly atMs: number;
  readonly facts: ServerFacts;
}

/** What is remembered of one model. */
interface RememberedModel {
  readonly atMs: number;
  readonly forwardsTo?: string;
  readonly canInsert?: boolean;
  readonly canCallTools?: boolean;
  readonly contextTokens?: number;
  readonly price?: ReadModel['price'];
  /** When Ollama was asked about this very model; a listing does not tell all of it. */
  readonly shownAtMs?: number;
}

/** Asks servers what they are and remembers it for a minute, or until one of them fails. */
export class Survey implements Disposable {
  private readonly store = new Store();
  private readonly learned = this.store.add(new Emitter<void>());
  private readonly needs: SurveyNeeds;
  private readonly servers = new Map<string, Remembered>();
  private readonly models = new Map<string, RememberedModel>();

  /** Fires after a server said something else than before about who can call tools. */
  readonly onDidLearnTools = this.learned.event;

  constructor(needs: SurveyNeeds) {
    this.needs = needs;
  }

  dispose(): void {
    this.store.dispose();
  }

  /**
   * Where a model is asked and what is known of the program there. A server on this machine is asked what it is, once a
   * minute and each second where it holds weights, and Ollama wherever it runs whether it passes the model's requests
   * on; others are taken as their card says. A name as Ollama gives its cloud's models is believed of any server that
   * people run themselves.
   * @param initiator `user` while a model is being picked; an automatic look beyond this computer needs a consent.
   * Throws `Failure` when nothing answers.
   */
  async destinationOf(
    model: ServedModel,
    signal: AbortSignal,
    initiator: Errand['initiator'] = 'automatic',
  ): Promise<Destination> {
    const { endpoint } = model;
    const forwardsTo = cardOf(endpoint.card).isSelfHosted ? forwardOf(model.model) : undefined;
    if (forwardsTo !== undefined) return forwarding(endpoint, forwardsTo);
    const { card, nature } = await this.programAt(endpoint, signal, initiator);
    if (card !== 'ollama') return destinationFor(endpoint, nature);
    const about = this.models.get(model.id);
    const isShown = about?.shownAtMs !== undefined && this.isRecent(about.shownAtMs);
    const shown = isShown ? about : await this.show(model, signal, initiator);
    return shown.forwardsTo === undefined ? destinationFor(endpoint, nature) : forwarding(endpoint, shown.forwardsTo);
  }

  /** What a server is; asks it, unless it is a vendor's, which is what it is. Throws `Failure`. */
  async factsOf(endpoint: Endpoint, signal: AbortSignal, initiator: Errand['initiator']): Promise<ServerFacts> {
    const { id, name, isSelfHosted } = cardOf(endpoint.card);
    if (!isSelfHosted && !isOnThisMachine(endpoint)) return { card: id, name, version: undefined, nature: 'unknown' };
    return this.within(patienceMs, signal, (limited) =>
      this.errand(endpoint, { role: 'probe', initiator }, limited, async (get) => {
        const { facts } = await this.identified(endpoint, get);
        return facts;
      }),
    );
  }

  /** Its models; asks it. Throws `Failure`. */
  list(endpoint: Endpoint, signal: AbortSignal): Promise<readonly ListedModel[]> {
    return this.errand(endpoint, { role: 'list', initiator: 'user' }, signal, async (get) => {
      const card = this.servers.get(endpoint.baseUrl)?.facts.card ?? endpoint.card;
      return this.noted(endpoint, await listed(card, get));
    });
  }

  /** The context a model runs with now; `undefined`: the server does not tell. Throws `Failure`. */
  async contextOf(model: ServedModel, signal: AbortSignal): Promise<number | undefined> {
    const fresh = this.fresh(this.models.get(model.id))?.contextTokens;
    if (fresh !== undefined) return fresh;
    const models = await this.list(model.endpoint, signal);
    return models.find((each) => each.model === model.model)?.contextTokens;
  }

  /** What is remembered, at once; `undefined`: nothing is. */
  known(model: ServedModel): KnownModel | undefined {
    const { baseUrl } = model.endpoint;
    const facts = this.servers.get(baseUrl)?.facts;
    const about = this.models.get(model.id);
    const kept = this.needs.tools?.get(model.id) ?? this.needs.tools?.get(baseUrl);
    if (facts === undefined && about === undefined && kept === undefined) return undefined;
    const { contextTokens, forwardsTo, canInsert, price } = about ?? {};
    // A server that is asked each second what it is knows better than a list of long ago.
    const canCallTools = facts?.canCallTools ?? about?.canCallTools ?? kept;
    return defined({ facts, contextTokens, forwardsTo, canInsert, canCallTools, price });
  }

  /**
   * The servers that run on this machine, within a second: on the ports such servers use, and where the user said. Never
   * throws: what does not answer is not there.
   */
  discover(signal: AbortSignal): Promise<readonly FoundServer[]> {
    const errand = { role: 'probe', initiator: 'user' } as const;
    const found: FoundServer[] = [];
    const look = async (endpoint: Endpoint, limited: AbortSignal): Promise<void> => {
      await this.errand(endpoint, errand, limited, async (get) => {
        const { facts, isKnown } = await this.identified(endpoint, get);
        if (!isKnown) return;
        const index = found.push({ endpoint: { ...endpoint, card: facts.card }, facts, models: [] }) - 1;
        const models = this.noted(endpoint, await listed(facts.card, get));
        found[index] = { endpoint: { ...endpoint, card: facts.card }, facts, models };
      });
    };
    const all = (limited: AbortSignal): Promise<unknown> =>
      Promise.allSettled(this.candidates().map((endpoint) => look(endpoint, limited)));
    return this.within(discoveryMs, signal, all).then(
      () => found,
      () => [...found], // out of time: those that answered
    );
  }

  /** Forgets a server and its models, or all: the next question is asked anew. */
  forget(baseUrl?: string): void {
    for (const key of this.servers.keys()) if (baseUrl === undefined || key === baseUrl) this.servers.delete(key);
    for (const id of this.models.keys())
      if (baseUrl === undefined || id.startsWith(`${baseUrl}#`)) this.models.delete(id);
  }

  /** @returns `isKnown`: it answered as some server of models does. */
  private async identified(endpoint: Endpoint, get: Get): Promise<{ facts: ServerFacts; isKnown: boolean }> {
    const seen = await recognised(endpoint, get);
    const card = seen?.card ?? endpoint.card;
    // Not vLLM: that its models are owned by `vllm` is passed on by any relay.
    const holdsWeights = card === 'llamaServer' || card === 'ollama';
    const nature = seen !== undefined && holdsWeights ? 'holdsWeights' : 'unknown';
    const told = defined({ canCallTools: seen?.canCallTools });
    const facts: ServerFacts = { card, name: cardOf(card).name, version: seen?.version, nature, ...told };
    this.servers.set(endpoint.baseUrl, { atMs: this.nowMs(), facts });
    this.learnTools([[endpoint.baseUrl, facts.canCallTools]]);
    const version = facts.version === undefined ? '' : ` ${facts.version}`;
    this.needs.log.info(`${endpoint.baseUrl} is ${seen === undefined ? 'no server we know' : facts.name + version}.`);
    return { facts, isKnown: seen !== undefined };
  }

  /** Only a server on this machine is asked: elsewhere it changes nothing whether it holds the weights itself. */
  private async programAt(
    endpoint: Endpoint,
    signal: AbortSignal,
    initiator: Errand['initiator'],
  ): Promise<Pick<ServerFacts, 'card' | 'nature'>> {
    if (!isOnThisMachine(endpoint)) {
      return { card: this.servers.get(endpoint.baseUrl)?.facts.card ?? endpoint.card, nature: 'unknown' };
    }
    const before = this.servers.get(endpoint.baseUrl);
    const wasHolding = before?.facts.nature === 'holdsWeights';
    if (before !== undefined && this.nowMs() - before.atMs < (wasHolding ? identityMs : rememberedMs))
      return before.facts;
    const facts = await this.factsOf(endpoint, signal, initiator);
    // What was shown when this was asked is not true any more; from now on it is shown as it is.
    if (wasHolding && facts.nature !== 'holdsWeights' && initiator === 'automatic') throw replaced(endpoint);
    return facts;
  }

  /** What Ollama says of one model: whether it runs elsewhere, and what it is loaded with. */
  private async show(
    { id, endpoint, model }: ServedModel,
    signal: AbortSignal,
    initiator: Errand['initiator'],
  ): Promise<RememberedModel> {
    const ask = async (get: Get): Promise<RememberedModel> => {
      const [shown, running] = await Promise.all([get('/api/show', { model }), get('/api/ps').catch(() => undefined)]);
      const about = ollamaModel(model, shown);
      const contextTokens = ollamaModels({ models: [{ model }] }, running, ollamaContextTokens)[0]?.contextTokens;
      const remembered = this.remember(id, { ...about, ...defined({ contextTokens }), shownAtMs: this.nowMs() });
      this.learnTools([[id, about.canCallTools]]);
      return remembered;
    };
    return this.within(modelPatienceMs, signal, (limited) =>
      this.errand(endpoint, { role: 'probe', initiator }, limited, ask),
    );
  }

  private noted(endpoint: Endpoint, models: readonly ListedModel[]): readonly ListedModel[] {
    for (const { model, contextTokens, forwardsTo, canInsert, canCallTools, price } of models) {
      const about = defined({ contextTokens, forwardsTo, canInsert, canCallTools, price });
      this.remember(`${endpoint.baseUrl}#${model}`, about);
    }
    this.learnTools(models.map(({ model, canCallTools }) => [`${endpoint.baseUrl}#${model}`, canCallTools]));
    return models;
  }

  /** Adds to what is remembered: a listing does not know all that was shown of one model. */
  private remember(id: string, about: Omit<RememberedModel, 'atMs'>): RememberedModel {
    const remembered = { ...this.fresh(this.models.get(id)), ...about, atMs: this.nowMs() };
    this.models.set(id, remembered);
    return remembered;
  }

  private learnTools(told: readonly (readonly [key: string, canCallTools: boolean | undefined])[]): void {
    const { tools } = this.needs;
    const changed = new Map<string, boolean>();
    for (const [key, can] of told) if (can !== undefined && tools?.get(key) !== can) changed.set(key, can);
    if (tools === undefined || changed.size === 0) return;
    tools.set(changed);
    this.learned.fire();
  }

  private candidates(): readonly Endpoint[] {
    const configured = (this.needs.configured?.() ?? []).filter(isOnThisMachine);
    const taken = new Set(configured.map(({ baseUrl }) => keyOf(baseUrl)));
    const usual = cards.flatMap(({ id, defaultPort }) =>
      defaultPort === undefined ? [] : [{ baseUrl: `http://127.0.0.1:${defaultPort}`, card: id }],
    );
    return [...configured, ...usual.filter(({ baseUrl }) => !taken.has(keyOf(baseUrl)))];
  }

  /** One errand of one passage, settled whatever happens. */
  private async errand<Value>(
    endpoint: Endpoint,
    errand: Errand,
    signal: AbortSignal,
    work: (get: Get) => Promise<Value>,
  ): Promise<Value> {
    const passage = await this.needs.openErrand(destinationFor(endpoint, 'unknown'), errand, signal);
    try {
      const value = await work(getting(endpoint, passage, { signal, now: this.needs.clock.now }));
      passage.close({ outcome: 'finished' });
      return value;
    } catch (error) {
      const failure = signal.aborted ? new Failure('aborted', 'Stopped.') : asFailure(error, 'unexpected', 'showLog');
      passage.close(failure.kind === 'aborted' ? { outcome: 'stopped' } : { outcome: 'failed', failure: failure.kind });
      // A question that was taken back, as by leaving a list, says nothing about who would have answered.
      if (failure.kind !== 'aborted') this.forget(endpoint.baseUrl);
      throw failure;
    }
  }

  /** Gives work a time limit. Throws `Failure('unreachable')` when it is over. */
  private async within<Value>(
    limitMs: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const limit = new AbortController();
    const cancel = this.needs.clock.schedule(limitMs, () => limit.abort());
    try {
      return await work(AbortSignal.any([signal, limit.signal]));
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      throw new Failure('unreachable', 'The server did not say in time what it is.', { cause: error, isPassing: true });
    } finally {
      cancel();
    }
  }

  private fresh<Value extends { readonly atMs: number }>(remembered: Value | undefined): Value | undefined {
    return remembered !== undefined && this.isRecent(remembered.atMs) ? remembered : undefined;
  }

  private isRecent(atMs: number): boolean {
    return this.nowMs() - atMs < rememberedMs;
  }

  private nowMs(): number {
    return this.needs.clock.monotonicMs();
  }
}

/** Asks one path of the server, from its root; with a body, posts it. Throws `Failure`. */
type Get = (path: string, body?: object) => Promise<unknown>;

function getting(
  endpoint: Endpoint,
  { send }: Passage,
  { signal, now }: { readonly signal: AbortSignal; readonly now: () => number },
): Get {
  const { api, root } = addressesOf(endpoint);
  const asked: Asked = { host: hostOf(endpoint), texts: [], now };
  return async (path, body) => {
    const url = path.startsWith('/v1/') ? api + path.slice('/v1'.length) : root + path;
    const init: RequestInit = { signal, headers: { accept: 'application/json' } };
    const post = { method: 'POST', body: JSON.stringify(body) };
    const response = await checked(await send(url, body === undefined ? init : { ...init, ...post }), 'json', asked);
    const value = parsed(await response.text());
    if (value === undefined) throw new Failure('badResponse', `${asked.host} sent what is no JSON.`);
    return value;
  };
}

/** A card's own probe first, so that a known server is asked one thing; all of them where that does not fit. */
async function recognised(endpoint: Endpoint, get: Get): Promise<Recognised | undefined> {
  const own = ownProbes[endpoint.card];
  if (own !== undefined) {
    const seen = recognise({ [own]: await tried(get, own) });
    if (seen?.card === endpoint.card) return seen;
  }
  const probes = Object.keys(probePaths) as Probe[];
  const answers = await Promise.all(probes.map(async (probe) => [probe, await tried(get, probe)] as const));
  return recognise(Object.fromEntries(answers));
}

/** A server that does not know a path says so in many ways; only one that is not there is no server. */
async function tried(get: Get, probe: Probe): Promise<unknown> {
  try {
    return await get(probePaths[probe]);
  } catch (error) {
    if (error instanceof Failure && ['auth', 'badResponse', 'modelMissing', 'requestInvalid'].includes(error.kind)) {
      return undefined;
    }
    throw error;
  }
}

async function listed(card: CardId, get: Get): Promise<ReadModel[]> {
  switch (card) {
    case 'llamaServer': {
      const [models, props] = await Promise.all([get('/v1/models'), get('/props').catch(() => undefined)]);
      return llamaServerModels(models, props);
    }
    case 'ollama': {
      const [tags, running] = await Promise.all([get('/api/tags'), get('/api/ps').catch(() => undefined)]);
      return ollamaModels(tags, running, ollamaContextTokens);
    }
    case 'lmStudio':
      return lmStudioModels(await get('/api/v0/models'));
    case 'litellm': {
      // Keys may be kept from reading what is behind the proxy.
      const models = litellmModels(await get('/v1/model/info').catch(() => undefined));
      return models.length > 0 ? models : listedModels(await get('/v1/models'), card);
    }
    default:
      return listedModels(await get('/v1/models'), card);
  }
}

function destinationFor(endpoint: Endpoint, nature: ServerNature): Destination {
  const { auth, isMetered } = cardOf(endpoint.card);
  return { url: endpoint.baseUrl, auth, nature, isMetered };
}

/** What runs elsewhere may be charged for there. */
function forwarding(endpoint: Endpoint, forwardsTo: string): Destination {
  return { ...destinationFor(endpoint, 'forwards'), forwardsTo, isMetered: undefined };
}

function replaced(endpoint: Endpoint): Failure {
  const host = hostOf(endpoint);
  const message =
    `Another program answers at ${host} now, which may forward what it is sent, so nothing was sent. ` +
    'Ask again to send it there.';
  return new Failure('denied', message, { facts: { host, rule: 'route' }, action: 'switchProvider' });
}

function isOnThisMachine({ baseUrl }: Endpoint): boolean {
  const { name } = placeOf(baseUrl);
  return name === 'localhost' || name.startsWith('unix:');
}

function keyOf(baseUrl: string): string {
  const { name, port } = placeOf(baseUrl);
  return `${name}:${port}`;
}
