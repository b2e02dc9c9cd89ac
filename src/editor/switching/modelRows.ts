/** Model files, servers and closed APIs become rows of a list here. Pure. */
import { basename } from 'node:path';
import type { Failure } from '../../base/failure.ts';
import type { Route } from '../../ledger/entry.ts';
import { originOf, servedRef } from '../../models/choose.ts';
import type { Endpoint, Model, ServedModel } from '../../models/model.ts';
import { addressesOf, cardOf, isChatPrompt, type Card } from '../../providers/cards.ts';
import type { ListedModel } from '../../providers/survey.ts';
import { nameOfFile } from '../../weights/gguf.ts';
import type { Starter } from '../../weights/starters.ts';
import { placeOf } from '../indicator/routeWords.ts';
import type { Row } from '../list.ts';
import {
  contextWords,
  noTemplateWords,
  pairWords,
  ratesWords,
  roleWords,
  seenWords,
  sizeWords,
  triedWords,
  useWords,
} from './modelWords.ts';
import type { AskedServer, Denial, ModelPick, SwitchState, Telling } from './switchState.ts';

export type ModelRow = Row<ModelPick>;

/** Models in use that no other group lists: those of closed APIs, and of servers that were only written into a setting. */
export function inUseElsewhere(state: SwitchState, telling: Telling): ModelRow[] {
  const listed = [...state.servers, ...(state.found ?? [])].map(({ endpoint }) => endpoint);
  const isListed = ({ endpoint }: ServedModel): boolean =>
    cardOf(endpoint.card).isSelfHosted && listed.some((each) => placeKey(each) === placeKey(endpoint));
  return chosenServed(state)
    .filter((model) => !isListed(model))
    .map((model) => inUseRow(model, state, telling));
}

/** The served models of the roles that are being switched, each once. */
function chosenServed({ roles, chosen }: SwitchState): ServedModel[] {
  const models = roles.flatMap((role) => {
    const model = chosen[role];
    return model?.provider === 'server' ? [model] : [];
  });
  return [...new Map(models.map((model) => [model.id, model])).values()];
}

/** A model in use of which nobody has told anything yet. */
function inUseRow({ endpoint, model, name }: ServedModel, state: SwitchState, telling: Telling): ModelRow {
  return servedRow({ endpoint, listed: { model, name, contextTokens: undefined }, state }, telling);
}

/** The same for addresses that lead to the same server. */
export function placeKey(endpoint: Endpoint): string {
  const { baseUrl } = endpoint;
  return baseUrl.startsWith('unix:') ? baseUrl : addressesOf(endpoint).root.replace('//localhost', '//127.0.0.1');
}

/** Model files for our own engine, and how to get one. */
export function engineRows(state: SwitchState, telling: Telling): ModelRow[] {
  const { files, starters, chosen } = state;
  const inUse = Object.values(chosen).flatMap((model) => (model?.provider === 'embedded' ? [model.file] : []));
  // What is in use is there from the first moment on, wherever it lies.
  const missing = [...new Set(inUse)].filter((path) => !files?.some((file) => file.path === path));
  const shown = [...missing.map((path) => ({ path, bytes: undefined })), ...(files ?? [])];
  const isHere = ({ file, bytes }: Starter): boolean =>
    files?.some((each) => each.bytes === bytes && basename(each.path) === file) ?? false;
  return [
    ...shown.map((file) => fileRow(file, state, telling)),
    ...(files === undefined ? [waitRow('Looking for GGUF files…')] : []),
    {
      kind: 'line',
      key: 'browse',
      label: 'Choose a GGUF File…',
      icon: 'folder-opened',
      pick: { kind: 'browse' },
    },
    ...starters.filter((starter) => !isHere(starter)).map((starter) => starterRow(starter)),
  ];
}

function fileRow(
  { path, bytes }: { readonly path: string; readonly bytes: number | undefined },
  state: SwitchState,
  { speedOf, engineRoute, hasChatTemplate }: Telling,
): ModelRow {
  const id = `embedded:${path}`;
  const isMute = hasChatTemplate(path) === false;
  const parts = [
    isMute ? noTemplateWords : '',
    placeOf(engineRoute),
    bytes === undefined ? '' : sizeWords(bytes),
    contextWords(state.contextTokens),
    seenWords(speedOf(id)),
    'no charge',
    companyWords(path, bytes, state),
  ];
  return {
    kind: 'line',
    key: `model ${id}`,
    label: nameOfFile(path),
    icon: isInUse(id, state) ? 'check' : isMute && state.roles.includes('chat') ? 'circle-slash' : 'device-desktop',
    description: useWords(id, state.chosen),
    detail: [...parts.filter((part) => part !== ''), path].join(' · '),
    pick: { kind: 'file', path },
  };
}

/** What choosing this file for one role means beside the model of the other. */
function companyWords(
  path: string,
  bytes: number | undefined,
  { roles, chosen, files, contextTokens }: SwitchState,
): string {
  const [role, second] = roles;
  if (role === undefined || second !== undefined) return '';
  const otherRole = role === 'chat' ? 'completion' : 'chat';
  const other = chosen[otherRole];
  if (other?.provider !== 'embedded') return '';
  if (other.file === path) return `shared with ${roleWords(otherRole)}`;
  const otherBytes = files?.find((file) => file.path === other.file)?.bytes;
  return `with ${other.name} for ${roleWords(otherRole)}: ${pairWords([bytes, otherBytes], contextTokens)}`;
}

/** A model that can be fetched. */
export function starterRow(starter: Starter): ModelRow {
  const { id, name, use, bytes, licence, url } = starter;
  return {
    kind: 'line',
    key: `fetch ${id}`,
    label: `Get Starter Model ${name}`,
    icon: 'cloud-download',
    description: `${sizeWords(bytes)} · ${licence}`,
    detail: `${use} · runs on this computer; the file comes from ${new URL(url).host}`,
    pick: { kind: 'fetch', starter },
  };
}

/** One server: its models, or why there are none to pick. */
export function serverRows(server: AskedServer, state: SwitchState, telling: Telling): ModelRow[] {
  const { endpoint, name, answer } = server;
  const denial = telling.denialOf(endpoint, undefined);
  if (denial !== undefined) return [deniedRow(`server ${endpoint.baseUrl}`, name, denial)];
  const listed = isFailure(answer) ? [] : (answer ?? []);
  // What is in use is there from the first moment on, whether or not its server answers.
  const inUse = chosenServed(state).filter(
    (model) => isOf(model, endpoint) && !listed.some((each) => each.model === model.model),
  );
  return [
    ...inUse.map((model) => inUseRow(model, state, telling)),
    ...listed.map((each) => servedRow({ endpoint, listed: each, state, serverName: name }, telling)),
    ...(listed.length === 0 ? [silentRow(server, telling)] : []),
  ];
}

/** A server that lists nothing: not yet, not any more, or never. */
function silentRow({ endpoint, name, answer }: AskedServer, telling: Telling): ModelRow {
  const key = `server ${endpoint.baseUrl}`;
  const detail = `${placeOf(telling.routeOf(endpoint))} · ${endpoint.baseUrl}`;
  if (answer === undefined) {
    return { kind: 'line', key, label: `Asking ${name}…`, icon: 'loading~spin', detail, pick: { kind: 'wait' } };
  }
  if (isFailure(answer)) return failedRow({ endpoint, name, failure: answer, key });
  const words = { label: name, icon: 'server', description: 'lists no models: enter a name', detail };
  return { kind: 'line', key, ...words, pick: { kind: 'enterName', endpoint } };
}

function isFailure(answer: AskedServer['answer']): answer is Failure {
  return answer !== undefined && 'kind' in answer;
}

function deniedRow(key: string, label: string, denial: Denial): ModelRow {
  const words = { label, icon: 'circle-slash', description: 'not allowed', detail: denial.message };
  return { kind: 'line', key, ...words, pick: { kind: 'denied', denial } };
}

function failedRow({
  endpoint,
  name,
  failure,
  key,
}: {
  readonly endpoint: Endpoint;
  readonly name: string;
  readonly failure: Failure;
  readonly key: string;
}): ModelRow {
  if (failure.kind === 'auth') {
    const words = { label: name, icon: 'key', description: 'needs an API key', detail: failure.message };
    return { kind: 'line', key, ...words, pick: { kind: 'setKey', endpoint } };
  }
  const { rule, source } = failure.facts;
  if (failure.kind === 'denied' && rule !== undefined && source !== undefined) {
    const action = failure.action === 'openSettings' ? 'openSettings' : 'openPolicy';
    return deniedRow(key, name, { kind: 'deny', rule, source, message: failure.message, action });
  }
  const words = { label: name, icon: 'warning', description: 'does not answer', detail: failure.message };
  return { kind: 'line', key, ...words, pick: { kind: 'askAgain', endpoint } };
}

interface Served {
  readonly endpoint: Endpoint;
  readonly listed: ListedModel;
  readonly state: Pick<SwitchState, 'chosen' | 'roles'>;
  readonly serverName?: string;
}

function servedRow({ endpoint, listed, state, serverName }: Served, telling: Telling): ModelRow {
  const card = cardOf(endpoint.card);
  const { model, name, contextTokens, canInsert } = listed;
  const route = telling.routeOf(endpoint, listed);
  const id = servedRef(endpoint.baseUrl, model);
  const denial = telling.denialOf(endpoint, listed);
  if (denial !== undefined) return deniedRow(`model ${id}`, name, denial);
  const isLastResort = state.roles.includes('completion') && isChatPrompt(card, model, canInsert);
  const parts = [
    placeOf(route),
    serverName ?? card.name,
    priceOf(card, listed, { ...telling, route }),
    contextTokens === undefined ? '' : contextWords(contextTokens),
    seenWords(telling.speedOf(id)),
    { true: 'loaded', false: 'not loaded', undefined: '' }[String(listed.isLoaded)] ?? '',
    isLastResort ? 'completions by a chat prompt: slower, fit less well' : '',
    triedWords(card),
  ];
  return {
    kind: 'line',
    key: `model ${id}`,
    label: name,
    icon: isInUse(id, state) ? 'check' : iconOf(route),
    description: useWords(id, state.chosen),
    detail: parts.filter((part) => part !== '').join(' · '),
    pick: { kind: 'served', endpoint, model },
  };
}

function iconOf({ kind }: Route): string {
  switch (kind) {
    case 'inProcess':
    case 'loopback':
      return 'device-desktop';
    case 'private':
      return 'server';
    case 'internet':
      return 'cloud';
  }
}

function priceOf(
  card: Card,
  { model, price }: ListedModel,
  { priceWords, route }: Pick<Telling, 'priceWords'> & { readonly route: Route },
): string {
  if (price !== undefined) {
    const usd = (nano: number): number => nano / 1e9;
    return ratesWords({ inputUsd: usd(price.promptNanoUsd), outputUsd: usd(price.completionNanoUsd), isTiered: false });
  }
  // Whoever runs it on the internet, behind whatever server, may charge for it.
  const isFree = card.isMetered === false && route.kind !== 'internet';
  return isFree ? 'no charge' : (priceWords(card, model) ?? 'price unknown');
}

/** One row for each closed API; its models have a list of their own. */
export function closedRows({ cards, chosen, origins, servers }: SwitchState, telling: Telling): ModelRow[] {
  const closed = cards.filter(({ isSelfHosted }) => !isSelfHosted);
  return closed.flatMap((card) => {
    const configured = servers.filter(({ endpoint }) => endpoint.card === card.id).map(({ endpoint }) => endpoint);
    const isFixed = card.baseUrl !== undefined && !card.baseUrl.includes('{');
    const fixed = isFixed && configured.length === 0 ? [{ baseUrl: card.baseUrl, card: card.id }] : [];
    const endpoints = [...configured, ...fixed];
    if (endpoints.length === 0) return [incompleteRow(card)];
    return endpoints.map((endpoint) => closedRow({ card, endpoint, chosen, origins }, telling));
  });
}

function incompleteRow(card: Card): ModelRow {
  const words = { label: `${card.name}…`, icon: 'cloud', description: 'needs an address' };
  return { kind: 'line', key: `card ${card.id}`, ...words, detail: triedWords(card), pick: { kind: 'complete', card } };
}

function closedRow(
  {
    card,
    endpoint,
    chosen,
    origins,
  }: {
    readonly card: Card;
    readonly endpoint: Endpoint;
    readonly chosen: SwitchState['chosen'];
    readonly origins: readonly string[];
  },
  telling: Telling,
): ModelRow {
  const key = `card ${endpoint.baseUrl}`;
  const denial = telling.denialOf(endpoint, undefined);
  if (denial !== undefined) return deniedRow(key, card.name, denial);
  const hasKey = origins.includes(originOf(endpoint.baseUrl));
  const detail = [placeOf(telling.routeOf(endpoint)), triedWords(card)].filter((part) => part !== '').join(' · ');
  const inUse = Object.values(chosen).find((model) => isOf(model, endpoint));
  const description = hasKey ? (inUse === undefined ? 'key set' : `in use: ${inUse.name}`) : 'needs an API key';
  return {
    kind: 'line',
    key,
    label: `${card.name}…`,
    icon: hasKey ? 'cloud' : 'key',
    description,
    detail,
    pick: { kind: hasKey ? 'models' : 'setKey', endpoint },
  };
}

function isOf(model: Model | undefined, { baseUrl }: Endpoint): model is ServedModel {
  return model?.provider === 'server' && model.endpoint.baseUrl === baseUrl;
}

function isInUse(id: string, { chosen, roles }: Pick<SwitchState, 'chosen' | 'roles'>): boolean {
  return roles.some((role) => chosen[role]?.id === id);
}

/** Stands where something is still being found out; there is nothing to pick. */
export function waitRow(label: string): ModelRow {
  return { kind: 'line', key: label, label, icon: 'loading~spin', pick: { kind: 'wait' } };
}
