/** Every request to a model passes this door: it computes the route, asks the policy, writes the intent, and settles. */
import type { Clock } from '../base/clock.ts';
import { asFailure, Failure, type FailureKind } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { Disposable } from '../base/store.ts';
import type { Limits } from '../ledger/budget.ts';
import type { Cost, Intent, LedgerItem, Outcome, Route, Settlement } from '../ledger/entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Pricing } from '../ledger/pricing.ts';
import type {
  EmbeddedModel,
  Errand,
  Item,
  Model,
  Purpose,
  Sampling,
  Send,
  ServedModel,
  Speed,
  Usage,
} from '../models/model.ts';
import type { Call, WireRequest } from './call.ts';
import { isMoreExposed, isNowhere } from './exposure.ts';
import { Elsewhere, stopped } from './networkFailure.ts';
import { originFrom, type Origin } from './origin.ts';
import { judge, judgeUnresolved, type Policy, type Verdict } from './policy.ts';
import { isProxied, unannounced, type Proxy } from './proxy.ts';
import { Purse, type PurseNeeds, type RequestSize } from './purse.ts';
import { hopTo, routeOver, routeTo, type Hop, type Program, type ServerNature, type Side } from './route.ts';
import { Sending, type Keys } from './sending.ts';
import { Wire } from './wire.ts';

/** A server that is asked, and what is known of it. */
export interface Destination {
  /** The endpoint's base URL, or a file's; `send` reaches its origin only. For `unix:/path`, see `origin`. */
  readonly url: string;
  /** How a key is attached: `Authorization: Bearer KEY`, `api-key: KEY`, as Anthropic wants it, or never. */
  readonly auth: 'bearer' | 'api-key' | 'anthropic' | 'none';
  readonly nature: ServerNature;
  /** Where it passes the bytes on to; only when its nature is `forwards`. */
  readonly forwardsTo?: string;
  /** Whether somebody charges for it; `undefined`: nobody knows. The user's own prices go before it. */
  readonly isMetered: boolean | undefined;
}

/** What a passage is wanted for. */
export interface Order {
  readonly purpose: Purpose | Errand;
  /** `undefined` for an errand. */
  readonly model: Model | undefined;
  /** `undefined`: our own engine. */
  readonly destination: Destination | undefined;
  readonly items: readonly Item[];
  /** Absent: an errand, or nobody told. */
  readonly sampling?: Sampling | undefined;
  /** What of budgets is kept free for it. Absent: an errand, or it costs nothing. */
  readonly size?: RequestSize | undefined;
  /**
   * Called once the route is known and allowed, before anything is written down or sent; gives the documents as they
   * will be sent. What it throws ends the opening.
   */
  readonly prepare?: (route: Route) => Promise<readonly LedgerItem[]>;
  readonly signal: AbortSignal;
}

/** How a request went, as its passage is closed with. */
export interface Ending {
  readonly outcome: Outcome;
  readonly failure?: FailureKind;
  readonly usage?: Usage | undefined;
  /** What it may have used, where nobody counted. Holds only for what was sent to somebody who may charge for it. */
  readonly guess?: Usage | undefined;
  readonly speed?: Speed | undefined;
  readonly servedModel?: string | undefined;
  /** How our own engine chose the tokens. */
  readonly sampling?: Sampling | undefined;
}

/** The right to make requests, already written down. */
export interface Passage {
  /** Of its intent and its settlement. */
  readonly requestId: string;
  readonly route: Route;
  /** Rejects with `Failure`; so does the body of what it gives. */
  readonly send: Send;
  /**
   * To be told when the model began to answer: on a server near by, silence has a limit only from then on. Before, a
   * long prompt may be read for many minutes.
   */
  heard(): void;
  /** Writes the settlement and closes connections that are still open. Only the first call counts. */
  close(ending: Ending): void;
}

/** What is written down beside a request. */
export type Notes = Pick<Intent, 'workspace' | 'label' | 'weightsSha256'>;

/** What the gate needs. The functions are asked anew for every request. */
export interface GateNeeds extends Pick<PurseNeeds, 'confirmUnpriced'> {
  readonly ledger: Ledger;
  readonly pricing: Pricing;
  readonly budgets: () => Limits;
  /** Has to be at hand: typing waits for it. */
  readonly notesOn: (asked: Pick<Order, 'model' | 'items'>) => Notes;
  readonly clock: Clock;
  readonly log: Log;
  readonly side: Side;
  /** Resolves at once but for the first reading of the files. */
  readonly policy: () => Promise<Policy>;
  readonly keys: Keys;
  readonly proxy: () => Proxy;
  /** How long to wait for the next byte, ms; `undefined`: for ever. */
  readonly limits: () => { readonly silenceMs: number | undefined };
}

/** Addresses are asked for again after so long, ms: completions come faster than names move. */
const addressesHoldMs = 30_000;
/** What the picker wants to know, as the policy sees it. */
const locating: Errand = { role: 'probe', initiator: 'user' };
const unknownProgram: Program = { nature: 'unknown' };

/** Opens passages. The only room that may ever open a connection. */
export class Gate implements Disposable {
  private readonly needs: GateNeeds;
  private readonly wire: Wire;
  private readonly purse: Purse;
  /** By origin. */
  private readonly places = new Map<string, Place>();
  /** Origins on whose way a proxy was met that nobody announced. */
  private readonly proxied = new Set<string>();
  private readonly sendings = new Set<Sending>();
  private isDisposed = false;

  constructor(needs: GateNeeds) {
    this.needs = needs;
    this.wire = new Wire(needs.clock);
    this.purse = new Purse(needs);
  }

  /** Fires after a request was begun with which a limit of the user's would be four fifths used or more. */
  get onDidWarn(): Purse['onDidWarn'] {
    return this.purse.onDidWarn;
  }

  /**
   * Whether a model whose price nobody may know may be used under the hard limits; the user is asked. To be asked when it
   * is picked.
   */
  async mayUseUnpriced(model: ServedModel, destination: Destination): Promise<boolean> {
    const { url, isMetered } = destination;
    const { clock, pricing } = this.needs;
    const route = this.likelyRoute(url, destination);
    if (route.kind === 'loopback' && route.evidence === 'verified') return true;
    await pricing.prepare(model);
    return this.purse.mayUse(model, route.host ?? '', pricing.isMetered(model, isMetered), clock.now());
  }

  /**
   * Computes the route, asks the policy and writes the intent; when it resolves, the request may start.
   * @throws Failure `denied` before anything is sent, and but for rules that come meanwhile before anything is looked up
   * or written down; `unreachable`, `requestInvalid`,
   * `diskFailed`, `aborted`.
   */
  async open(order: Order): Promise<Passage> {
    const { destination, model } = order;
    if (destination !== undefined) return this.openTo(order, destination);
    if (model?.provider !== 'embedded') throw new Failure('requestInvalid', 'A server was asked without its address.');
    return this.openEngine(order, model);
  }

  /**
   * Where a URL leads, by its addresses; asks the resolver, sends nothing.
   * @throws Failure `denied` when it may not even be looked up; `unreachable`, `requestInvalid`, `aborted`.
   */
  async locate(url: string, signal: AbortSignal, program = unknownProgram): Promise<Route> {
    const origin = originFrom(url);
    const policy = await unlessStopped(this.needs.policy(), signal);
    const question = {
      policy,
      purpose: locating,
      origin: origin.id,
      host: origin.host,
      modelName: undefined,
      items: [],
    };
    refuse(judgeUnresolved({ ...question, likely: this.likelyRoute(url, program) }), origin);
    const { hop } = await this.find(origin, signal);
    return routeOver(hop, origin, program, this.needs.side);
  }

  /**
   * What to show of a URL at once: where it was found to be, else what its text says. A name nobody resolved counts as
   * the internet. @throws Failure `requestInvalid`.
   */
  likelyRoute(url: string, program = unknownProgram): Route {
    const origin = originFrom(url);
    const proxy = this.proxyTo(origin);
    const place = this.places.get(origin.id);
    const hop = place === undefined || isProxied(origin, proxy) ? hopTo(origin, undefined, proxy) : place.hop;
    return routeOver(hop, origin, program, this.needs.side);
  }

  /** Closes every connection. Passages that are open can still be settled. */
  dispose(): void {
    this.isDisposed = true;
    for (const sending of this.sendings) sending.end();
    this.wire.dispose();
    this.purse.dispose();
  }

  private async openTo(order: Order, destination: Destination): Promise<Passage> {
    const { purpose, model, items, signal } = order;
    const { side, policy } = this.needs;
    const origin = originFrom(destination.url);
    if (isNowhere(origin.host)) throw nowhere(origin);
    const modelName = model?.provider === 'server' ? model.model : model?.name;
    const about = { purpose, origin: origin.id, host: origin.host, modelName, items };
    const rules = (): Promise<Policy> => unlessStopped(policy(), signal);
    const likely = this.likelyRoute(destination.url, destination);
    refuse(judgeUnresolved({ ...about, policy: await rules(), likely }), origin);
    const shown = this.places.get(origin.id)?.hop;
    const place = await this.find(origin, signal);
    const route = routeOver(place.hop, origin, destination, side);
    const { addresses } = place;
    // Asked after each wait: a rule that comes or a consent that is taken back meanwhile holds for this request too.
    const permit = async (): Promise<void> => {
      const question = { ...about, policy: await rules(), route, ...(addresses === undefined ? {} : { addresses }) };
      refuse(judge(question), origin);
      if (signal.aborted || this.isDisposed) throw stopped();
    };
    await permit();
    if (isQuestion(purpose) && shown !== undefined && isMoreExposed(place.hop.exposure, shown.exposure))
      throw moved(origin);
    const sent = (await order.prepare?.(route)) ?? items;
    await permit();
    return this.passageTo({ ...order, items: sent }, destination, { ...place, origin, route, permit });
  }

  /** Writes the intent, then gives what can be done with it. */
  private async passageTo(order: Order, destination: Destination, found: Found): Promise<Passage> {
    const { purpose, signal } = order;
    const { origin, route, hop, addresses, isAgentless, permit } = found;
    const charging = chargingOf(order, destination);
    const intent = await this.begin(order, { route, origin: origin.id }, charging);
    const settle = this.settling(intent);
    try {
      await permit();
    } catch (error) {
      const { kind } = asFailure(error, 'unexpected');
      const ending: Ending = kind === 'aborted' ? { outcome: 'stopped' } : { outcome: 'failed', failure: kind };
      settle(ending, { cost: { basis: 'unmetered' }, sentBytes: 0, receivedBytes: 0 });
      throw error;
    }
    const sending = new Sending({
      ...this.needs,
      ...{ origin, route, hop, addresses, isAgentless, auth: destination.auth, signal },
      ends: { host: origin.shown, side: this.needs.side },
      isDownload: purpose.role === 'download',
      call: (request) => this.call(request),
    });
    this.sendings.add(sending);
    return {
      requestId: intent.id,
      route,
      send: sending.send,
      heard: () => sending.heard(),
      close: (ending) => {
        if (!this.sendings.delete(sending)) return;
        sending.end();
        const { sentBytes, receivedBytes, hasSent } = sending.traffic;
        const { usage, cost } = this.costOf(ending, intent, hasSent ? charging : undefined);
        settle({ ...ending, usage }, { cost, sentBytes, receivedBytes });
      },
    };
  }

  /** Writes the intent of a request to a server, within the user's limits. */
  private async begin(
    order: Order,
    place: Pick<Intent, 'route' | 'origin'>,
    charging: Charging | undefined,
  ): Promise<Intent> {
    const { size, signal } = order;
    const isMetered = charging && this.needs.pricing.isMetered(charging.model, charging.isMetered);
    const metered = isMetered === undefined ? {} : { isMetered };
    if (charging !== undefined && isMetered !== false) {
      await unlessStopped(this.needs.pricing.prepare(charging.model), signal);
    }
    const guessed = size === undefined ? {} : { estimatedPromptTokens: size.likelyPromptTokens };
    const intent = this.intent(order, { ...place, ...metered, ...guessed });
    await this.purse.begin({ intent, model: charging?.model, size, signal });
    return intent;
  }

  /** @param charging `undefined`: nothing was sent, or nothing was asked that anybody charges for. */
  private costOf(
    ending: Ending,
    { atMs }: Intent,
    charging: Charging | undefined,
  ): { readonly usage: Usage | undefined; readonly cost: Cost } {
    const isRefused = ending.failure !== undefined && refusals.includes(ending.failure) && ending.guess === undefined;
    if (charging === undefined || (isRefused && ending.usage === undefined)) {
      return { usage: ending.usage, cost: { basis: 'unmetered' } };
    }
    const { pricing, clock } = this.needs;
    const priced = (usage: Usage | undefined): Cost =>
      pricing.costOf({ ...charging, servedModel: ending.servedModel, usage, atMs, tookMs: clock.now() - atMs });
    const { usage, guess } = ending;
    const cost = priced(usage ?? guess);
    // Tokens that nobody counted are worth writing down where they make a price, and mislead where they do not.
    return usage !== undefined || cost.basis === 'estimate'
      ? { usage: usage ?? guess, cost }
      : { usage, cost: priced(usage) };
  }

  private openEngine(order: Order, model: EmbeddedModel): Passage {
    const route = routeTo(model, this.needs.side);
    const intent = this.intent(order, { route });
    this.needs.ledger.append(intent);
    const settle = this.settling(intent);
    let isOpen = true;
    return {
      requestId: intent.id,
      route,
      send: () => Promise.reject(new Failure('denied', 'The engine opens no connection.')),
      heard: () => undefined,
      close: (ending) => {
        if (isOpen) settle(ending, { cost: { basis: 'unmetered' } });
        isOpen = false;
      },
    };
  }

  private intent(order: Order, place: Pick<Intent, 'route' | 'origin' | 'isMetered'>): Intent {
    const { clock, notesOn } = this.needs;
    const { purpose, model, items, sampling } = order;
    const asked = { modelId: model?.id, modelName: model?.name, items, ...(sampling && { sampling }) };
    const notes = isQuestion(purpose) ? notesOn(order) : {};
    return { kind: 'intent', id: clock.newId(), atMs: clock.now(), ...bookedAs(purpose), ...asked, ...place, ...notes };
  }

  /** What writes the settlement of an intent. */
  private settling({ id }: Intent) {
    const { ledger, clock } = this.needs;
    return (ending: Ending, counted: Pick<Settlement, 'cost' | 'sentBytes' | 'receivedBytes'>): void => {
      const { outcome, failure, usage, speed, servedModel, sampling } = ending;
      const told = { ...(servedModel !== undefined && { servedModel }), ...(sampling && { sampling }) };
      const atMs = clock.now();
      ledger.append({ kind: 'settlement', id, atMs, outcome, failure, usage, speed, ...counted, ...told });
    };
  }

  /** What fails is looked up anew next time, and what led elsewhere is known to pass a proxy. */
  private call(request: WireRequest): Call {
    const { id, shown } = request.origin;
    const call = this.wire.call(request);
    call.answer.catch((failure: Failure) => {
      if (failure.kind === 'aborted') return;
      this.places.delete(id);
      if (!(failure instanceof Elsewhere)) return;
      this.needs.log.warn(`gate: the connection to ${shown} led elsewhere and was closed before anything was sent`);
      this.proxied.add(id);
    });
    return call;
  }

  private async find(origin: Origin, signal: AbortSignal): Promise<Place> {
    const { clock, side } = this.needs;
    const proxy = this.proxyTo(origin);
    const atMs = clock.monotonicMs();
    if (isProxied(origin, proxy) || origin.socketPath !== undefined) {
      const isAgentless = proxy.leavesAgents === true && origin.socketPath === undefined;
      return { hop: hopTo(origin, undefined, proxy), addresses: undefined, isAgentless, atMs };
    }
    const known = this.places.get(origin.id);
    if (known !== undefined && atMs - known.atMs < addressesHoldMs) return known;
    const found = await this.wire.lookUp(origin, { host: origin.shown, side }, signal);
    const addresses = found.filter((address) => !isNowhere(address));
    if (addresses.length === 0) throw nowhere(origin);
    const place = { hop: hopTo(origin, addresses, proxy), addresses, isAgentless: false, atMs };
    this.places.set(origin.id, place);
    return place;
  }

  private proxyTo({ id }: Origin): Proxy {
    const announced = this.needs.proxy();
    return this.proxied.has(id) ? { ...announced, ...unannounced } : announced;
  }
}

/** Where an origin turned out to be. */
interface Place {
  readonly hop: Hop;
  /** `undefined`: a proxy hides them, or it is a Unix socket. */
  readonly addresses: readonly string[] | undefined;
  /** See `WireRequest`. */
  readonly isAgentless: boolean;
  readonly atMs: number;
}

interface Found extends Omit<Place, 'atMs'> {
  readonly origin: Origin;
  readonly route: Route;
  /** Whether it may still be asked, by the rules that hold now. Throws `Failure`. */
  readonly permit: () => Promise<void>;
}

function refuse(verdict: Verdict | undefined, { shown: host }: Origin): void {
  if (verdict === undefined || verdict.kind === 'allow') return;
  const { message } = verdict;
  if (verdict.kind === 'ask') {
    const facts = { host, rule: 'consent', source: verdict.destination };
    throw new Failure('denied', message, { action: 'switchProvider', facts });
  }
  const { rule, source, action } = verdict;
  throw new Failure('denied', message, { action, facts: { host, rule, source } });
}

/** What a promise gives, unless the signal aborts before: then nobody waits for it. Throws `Failure('aborted')`. */
function unlessStopped<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(stopped());
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Until now it was shown as less exposed, for as long as that was found out; from now on it is shown as it is. */
function moved({ shown: host }: Origin): Failure {
  const message =
    `${host} has moved: it is more exposed now than was shown when this was asked, so nothing was sent. ` +
    'Ask again to send it there.';
  return new Failure('denied', message, { facts: { host, rule: 'route' }, action: 'switchProvider' });
}

function nowhere({ shown: host }: Origin): Failure {
  const message =
    `${host} stands for no machine that could be asked: servers listen on such addresses, or a filter gave it. ` +
    'A server on the same machine is asked at 127.0.0.1.';
  return new Failure('requestInvalid', message, { facts: { host }, action: 'openSettings' });
}

/** Who asked is written down in a place of its own. */
function bookedAs(purpose: Purpose | Errand): Pick<Intent, 'purpose' | 'extension'> {
  if (!('extension' in purpose) || purpose.extension === undefined) return { purpose };
  const { extension, ...rest } = purpose;
  return { purpose: rest, extension };
}

function isQuestion({ role }: Purpose | Errand): boolean {
  return role === 'completion' || role === 'chat';
}

/** Who may charge for a request. */
interface Charging {
  readonly model: ServedModel;
  /** As its destination has it. */
  readonly isMetered: boolean | undefined;
}

/** `undefined`: it asks nothing that anybody charges for. */
function chargingOf({ purpose, model }: Order, { isMetered }: Destination): Charging | undefined {
  return model?.provider === 'server' && isQuestion(purpose) ? { model, isMetered } : undefined;
}

/** A server that says so did no work, and nobody charges for none. */
const refusals: readonly FailureKind[] = [
  'auth',
  'quota',
  'rateLimited',
  'contextTooLong',
  'modelMissing',
  'requestInvalid',
];
