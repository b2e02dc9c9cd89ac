/** "May this go there?" is answered here, from every rule that holds at once: the strictest wins. Pure. */
import type { Route, RouteKind } from '../ledger/entry.ts';
import type { Errand, Item, Purpose } from '../models/model.ts';
import { isLiteral, matchesHost, placeOf } from './hosts.ts';
import { matchesModel } from './wildcards.ts';
import { withheldBy } from './withheld.ts';

/**
 * How far bytes may go. `device`: the engine in this computer's own process; `loopback`: servers on this computer too;
 * `private`: the private network; `any`: anywhere.
 */
export type Ceiling = 'device' | 'loopback' | 'private' | 'any';

/** The rules of one source: the user's settings, the machine owner's file, or a repository's. All only tighten. */
export interface PolicyRules {
  /** For people: the file's path, or `your settings`. */
  readonly source: string;
  readonly ceiling?: Ceiling;
  /** Host names, `*.` before one means any name below it. Absent: all are allowed. */
  readonly allowedHosts?: readonly string[];
  readonly forbiddenHosts?: readonly string[];
  /** Model names as the server calls them, `*` stands for any characters. Absent: all are allowed. */
  readonly allowedModels?: readonly string[];
  readonly forbiddenModels?: readonly string[];
  /** Globs of files that never leave the engine's process; relative to `root`. */
  readonly neverSend?: readonly string[];
  /** URI of the folder the file speaks for; absent: all folders. */
  readonly root?: string;
}

/** A policy file that could not be understood: as long as it is there, nothing leaves the engine's process. */
export interface BrokenPolicy {
  readonly source: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** What the user agreed to, once per origin. */
export interface Consent {
  /** `https://api.openai.com`; where the server passes bytes on: its origin, ` -> ` and the host behind it. */
  readonly destination: string;
  /** The most exposed route agreed to. */
  readonly route: Exclude<RouteKind, 'inProcess'>;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** Everything that holds now. */
export interface Policy {
  readonly rules: readonly PolicyRules[];
  readonly broken: readonly BrokenPolicy[];
  readonly consents: readonly Consent[];
}

/** What is asked about one request. */
export interface Question {
  readonly policy: Policy;
  readonly purpose: Purpose | Errand;
  readonly route: Route;
  /** `https://api.openai.com`, `http://localhost:8080`, `unix:/run/llama.sock`. */
  readonly origin: string;
  /** The host as asked for, with or without its port; rules are held against it and against the origin. */
  readonly host: string;
  /** The addresses it was resolved to; rules that name an address are held against them. */
  readonly addresses?: readonly string[];
  /** What the server calls the model; `undefined`: none is asked. */
  readonly modelName: string | undefined;
  readonly items: readonly Item[];
}

/** Nothing forbids it; the user has to be asked first; or a rule forbids it. Messages are sentences for the user. */
export type Verdict =
  | { readonly kind: 'allow' }
  | {
      readonly kind: 'ask';
      /** What a consent has to name; see `destinationOf`. */
      readonly destination: string;
      /** What was agreed to before and is not enough now; `undefined`: nothing. */
      readonly agreed: Consent['route'] | undefined;
      readonly message: string;
    }
  | {
      readonly kind: 'deny';
      /** The rule as its file or setting has it: `ceiling: loopback`, `forbiddenHosts: *.example.com`. */
      readonly rule: string;
      readonly source: string;
      readonly message: string;
      /** Where the rule can be looked at. */
      readonly action: 'openPolicy' | 'openSettings';
    };

type Denial = Extract<Verdict, { readonly kind: 'deny' }>;

/** What rules of the user's own settings give as their source. */
export const yourSettings = 'your settings';

/** From the strictest to the loosest. */
export const ceilings: readonly Ceiling[] = ['device', 'loopback', 'private', 'any'];
const kinds: readonly RouteKind[] = ['inProcess', 'loopback', 'private', 'internet'];

/** How a ceiling is called where people choose one. */
export const ceilingWords: Readonly<Record<Ceiling, string>> = {
  device: "this computer's own engine",
  loopback: 'servers on this computer too',
  private: 'my network',
  any: 'anywhere',
};

/**
 * Whether a request may go where its route leads. What stays in our own engine's process is always allowed. A rule
 * beats a consent; of several ceilings the lowest is named. `ask` is a denial until the user has agreed, which they are
 * asked when they pick a provider and never while a request waits.
 */
export function judge(question: Question): Verdict {
  const { policy, route } = question;
  if (route.kind === 'inProcess') return { kind: 'allow' };
  return (
    brokenDenial(policy) ??
    ceilingDenial(question) ??
    hostDenial(question) ??
    modelDenial(question) ??
    withheldDenial(question) ??
    consentQuestion(question) ?? { kind: 'allow' }
  );
}

/**
 * What can be said before a name is looked up, which already tells somebody that it is wanted. `undefined`: nothing
 * forbids to look it up; that allows no more than that. A name that is not this computer's is not looked up where only
 * this computer is allowed.
 * @param question `likely` is the route as far as the address tells; its kind holds for certain where the host is an
 *   address or is known to forward, or where the server is on this computer.
 */
export function judgeUnresolved({ likely, ...rest }: Omit<Question, 'route'> & { likely: Route }): Verdict | undefined {
  const question = { ...rest, route: likely };
  if (likely.kind === 'inProcess') return undefined;
  const isCertain = likely.kind !== 'internet' || likely.forwardsTo !== undefined || isLiteral(placeOf(rest.origin));
  const isBelow = isCertain || ceilings.indexOf(strictest(rest.policy)?.ceiling ?? 'any') < ceilings.indexOf('private');
  return (
    brokenDenial(rest.policy) ??
    (isBelow ? ceilingDenial(question) : undefined) ??
    hostDenial(question) ??
    modelDenial(question) ??
    withheldDenial(question) ??
    unsolicited(question)
  );
}

/** What a consent for this route names: the origin, and behind it the host that the server there passes bytes on to. */
export function destinationOf(origin: string, { forwardsTo }: Pick<Route, 'forwardsTo'>): string {
  const own = /^https?:/i.test(origin) && URL.canParse(origin) ? new URL(origin).origin : origin;
  return forwardsTo === undefined ? own : `${own} -> ${placeOf(forwardsTo).name}`;
}

/** Whether questions on this route need the user's consent. */
export function needsConsent({ kind, evidence }: Route): boolean {
  return kind !== 'inProcess' && !(kind === 'loopback' && evidence === 'verified');
}

function brokenDenial({ broken }: Policy): Denial | undefined {
  const first = broken[0];
  if (first === undefined) return undefined;
  const { source, line, message } = first;
  return denial(source, `line ${line}`, `${source}, line ${line}: ${message} Until it is mended, nothing is sent.`);
}

function strictest({ rules }: Policy): (PolicyRules & { readonly ceiling: Ceiling }) | undefined {
  const withCeiling = rules.flatMap((each) => (each.ceiling === undefined ? [] : [{ ...each, ceiling: each.ceiling }]));
  const exposure = ({ ceiling }: { readonly ceiling: Ceiling }): number => ceilings.indexOf(ceiling);
  return withCeiling.reduce<(typeof withCeiling)[number] | undefined>(
    (least, each) => (least === undefined || exposure(each) < exposure(least) ? each : least),
    undefined,
  );
}

function ceilingDenial({ policy, route, origin }: Question): Denial | undefined {
  const rules = strictest(policy);
  if (rules === undefined || kinds.indexOf(route.kind) <= ceilings.indexOf(rules.ceiling)) return undefined;
  const { source, ceiling } = rules;
  return denial(
    source,
    `ceiling: ${ceiling}`,
    `${whereAt(origin, route)}, and ${source} ${allows(source)} ${reach[ceiling]}.`,
  );
}

/** What a ceiling leaves, after "allows". */
const reach: Readonly<Record<Ceiling, string>> = {
  device: "only this computer's own engine",
  loopback: 'only servers on this computer',
  private: 'only this computer and the private network',
  any: 'everything',
};

function allows(source: string): string {
  return source === yourSettings ? 'allow' : 'allows';
}

function whereAt(origin: string, { kind, forwardsTo }: Route): string {
  if (forwardsTo !== undefined) return `${origin} passes what it is sent on to ${forwardsTo}`;
  const place = { inProcess: 'in this process', loopback: 'on this computer', private: 'on the private network' };
  return `${origin} is ${kind === 'internet' ? 'on the internet' : place[kind]}`;
}

function hostDenial({ policy, route, origin, host, addresses = [] }: Question): Denial | undefined {
  const own = placeOf(origin);
  const asked = placeOf(host);
  const places = [own, { ...asked, port: asked.port ?? own.port }];
  if (route.forwardsTo !== undefined) places.push(placeOf(route.forwardsTo));
  const resolved = addresses.map((address) => ({ name: placeOf(address).name, port: own.port }));
  for (const { source, allowedHosts, forbiddenHosts = [] } of policy.rules) {
    const all = [...places, ...resolved];
    const forbidden = forbiddenHosts.find((pattern) => all.some((place) => matchesHost(pattern, place, true)));
    if (forbidden !== undefined) {
      const { name } = all.find((place) => matchesHost(forbidden, place, true)) ?? own;
      return denial(source, `forbiddenHosts: ${forbidden}`, `${source} forbids the host ${name} ("${forbidden}").`);
    }
    const surplus =
      allowedHosts && places.find((place) => !allowedHosts.some((pattern) => matchesHost(pattern, place, false)));
    if (surplus !== undefined) {
      return denial(
        source,
        'allowedHosts',
        `${source} names the hosts that are allowed, and ${surplus.name} is not one of them.`,
      );
    }
  }
  return undefined;
}

function modelDenial({ policy, purpose, modelName }: Question): Denial | undefined {
  const isQuestion = isRole(purpose);
  if (modelName === undefined && !isQuestion) return undefined;
  const name = modelName ?? '';
  for (const { source, allowedModels, forbiddenModels = [] } of policy.rules) {
    const forbidden = forbiddenModels.find((pattern) => matchesModel(pattern, name));
    if (forbidden !== undefined) {
      return denial(source, `forbiddenModels: ${forbidden}`, `${source} forbids the model ${name} ("${forbidden}").`);
    }
    if (allowedModels !== undefined && !allowedModels.some((pattern) => matchesModel(pattern, name))) {
      const message = `${source} names the models that are allowed, and ${name || 'this one'} is not one of them.`;
      return denial(source, 'allowedModels', message);
    }
  }
  return undefined;
}

function withheldDenial({ policy, items }: Question): Denial | undefined {
  for (const rules of policy.rules) {
    for (const { uri } of items) {
      const glob = withheldBy(rules, uri);
      if (glob === undefined) continue;
      const { source } = rules;
      const message = `${source} keeps ${fileName(uri)} from being sent anywhere ("${glob}").`;
      return denial(source, `neverSend: ${glob}`, message);
    }
  }
  return undefined;
}

function fileName(uri: string): string {
  const name =
    uri
      .replace(/[?#].*$/s, '')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) ?? uri;
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a lone "%" stands for itself
  }
}

function consentQuestion({ policy, purpose, route, origin }: Question): Verdict | undefined {
  if (!isConsentNeeded(purpose, route)) return undefined;
  const destination = destinationOf(origin, route);
  const exposure = kinds.indexOf(route.kind);
  // Whoever agreed to what lies behind a server agreed that the server itself is asked what it is.
  const isBehind = (other: string): boolean => !isRole(purpose) && other.startsWith(`${destination} -> `);
  const given = policy.consents.filter((each) => each.destination === destination || isBehind(each.destination));
  if (given.some((consent) => kinds.indexOf(consent.route) >= exposure)) return undefined;
  const own = destinationOf(origin, {});
  const before = given[0] ?? policy.consents.find((consent) => consent.destination === own);
  return { kind: 'ask', destination, agreed: before?.route, message: askMessage(origin, route, before) };
}

/** What Paddock would look up by itself, though the user agreed to nothing there, however exposed it may turn out. */
function unsolicited({ policy, ...question }: Question): Verdict | undefined {
  const consents = policy.consents.map((consent) => ({ ...consent, route: 'internet' as const }));
  return isRole(question.purpose) ? undefined : consentQuestion({ ...question, policy: { ...policy, consents } });
}

/** Errands of the user's own need no consent, nor do automatic ones on this computer: they say nothing of the user's. */
function isConsentNeeded(purpose: Purpose | Errand, route: Route): boolean {
  if (isRole(purpose)) return needsConsent(route);
  return purpose.initiator === 'automatic' && route.kind !== 'inProcess' && route.kind !== 'loopback';
}

function askMessage(origin: string, route: Route, before: Consent | undefined): string {
  const hint = 'Pick it again with Switch Provider to say whether that is all right.';
  if (before === undefined) {
    return `You have not agreed yet to send anything to ${destinationOf(origin, route)}. ${hint}`;
  }
  const known = { loopback: 'on this computer', private: 'on the private network', internet: 'on the internet' };
  return `You agreed to ${origin} while it was ${known[before.route]}; now ${whereAt(origin, route)}. ${hint}`;
}

function isRole({ role }: Purpose | Errand): boolean {
  return role === 'completion' || role === 'chat';
}

function denial(source: string, rule: string, message: string): Denial {
  return {
    kind: 'deny',
    rule,
    source,
    message,
    action: source === yourSettings ? 'openSettings' : 'openPolicy',
  };
}
