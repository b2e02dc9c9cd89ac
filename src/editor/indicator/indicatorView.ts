/** What the status bar item says is decided here, from the ledger's sums, the routes and the engine's state. Pure. */
import type { Ceiling } from '../../egress/policy.ts';
import type { Route, RouteKind } from '../../ledger/entry.ts';
import type { CommandId } from '../commands.ts';
import { hoverOf } from './indicatorHover.ts';
import type { EngineView, IndicatorState, RoleView, RunningView } from './indicatorState.ts';

/** What is drawn. */
export interface IndicatorView {
  /** With codicons. */
  readonly text: string;
  /** Read aloud instead of the text. */
  readonly accessibleName: string;
  /** Markdown; its links run the commands named in `hoverCommands` and no others. */
  readonly hover: string;
  readonly command: CommandId;
  readonly isError: boolean;
}

/** Words as they are drawn, and as they are read aloud where that is something else. */
interface Words {
  readonly seen: string;
  readonly aloud?: string;
}

interface Headline {
  readonly icon: string;
  readonly words: readonly Words[];
}

/** Draws the item. */
export function indicatorView(state: IndicatorState): IndicatorView {
  const { icon, words } = headline(state);
  const told = words.filter(({ seen }) => seen !== '');
  const aloud = told.map((each) => (each.aloud ?? each.seen).replace(/^Paddock: /, ''));
  return {
    text: `$(${icon}) ${told.map(({ seen }) => seen).join(' · ')}`,
    accessibleName: `Paddock: ${aloud.join(', ')}`,
    hover: hoverOf(state),
    command: chosenOf(state).length === 0 ? 'paddock.chooseModel' : 'paddock.showMenu',
    isError: engineOf(state)?.engine?.kind === 'failed' && !isRestarting(state),
  };
}

/** The models in use, each once, that for completions first. */
export function chosenOf({ completion, chat }: Pick<IndicatorState, 'completion' | 'chat'>): readonly RoleView[] {
  return [completion, chat?.id === completion?.id ? undefined : chat].filter((view) => view !== undefined);
}

/** The model in our own engine whose state matters most: one that fails, else one that loads, else the first. */
export function engineOf(state: Pick<IndicatorState, 'completion' | 'chat'>): RoleView | undefined {
  const embedded = chosenOf(state).filter(({ engine }) => engine !== undefined);
  const inState = (kind: EngineView['kind']): RoleView | undefined =>
    embedded.find(({ engine }) => engine?.kind === kind);
  return inState('failed') ?? inState('loading') ?? embedded[0];
}

/** Where a route ends, in words for people. @param server who runs there, where that is known. */
export function placeOf(route: Route, server?: string): string {
  const where = route.remote === undefined ? '' : ` @${route.remote}`;
  switch (route.kind) {
    case 'inProcess':
      return route.remote === undefined ? 'this computer' : `remote host${where}`;
    case 'loopback': {
      if (route.evidence === 'assumed') return `this computer, may forward${where}`;
      return `this computer${server === undefined ? '' : ` (${server})`}${where}`;
    }
    case 'private':
      return `private network${where}`;
    case 'internet':
      return `${server ?? `internet: ${route.forwardsTo ?? route.host ?? 'unknown host'}`}${where}`;
  }
}

/** Whether a ceiling leaves nothing but this computer. */
export function isThisComputerOnly(ceiling: Ceiling): boolean {
  return ceiling === 'device' || ceiling === 'loopback';
}

function headline(state: IndicatorState): Headline {
  const { running, deniedBy, resting } = state;
  const chosen = chosenOf(state);
  const elapsed = elapsedWords(running);
  if (running.sending !== undefined) return { icon: 'cloud-upload', words: [sendingWords(running.sending), elapsed] };
  const isBad = state.problems.length > 0;
  if (chosen.length === 0) return { icon: isBad ? 'warning' : 'add', words: [{ seen: 'Paddock: choose model' }] };
  if (deniedBy !== undefined) return { icon: 'circle-slash', words: [{ seen: `Not sent: ${deniedBy}` }] };
  // Somebody waits for what runs long: that beats what completions do otherwise.
  const rest = elapsed.seen === '' ? resting : undefined;
  const names = namesOf(state);
  if (rest?.kind === 'paused') return { icon: 'debug-pause', words: [names, { seen: rest.words }] };
  if (rest?.kind === 'disabled') return { icon: 'circle-slash', words: [names, { seen: rest.words }] };
  const engine = engineHeadline(state);
  if (engine !== undefined) return engine;
  const route = routeHeadline(state, rest === undefined ? elapsed : { seen: rest.words });
  return isBad ? { ...route, icon: 'warning' } : route;
}

/** What an engine that does not answer yet says; `undefined`: all of them do, or none is in use. */
function engineHeadline(state: IndicatorState): Headline | undefined {
  const view = engineOf(state);
  switch (view?.engine?.kind) {
    case 'loading': {
      const share = `loading ${Math.round(view.engine.progress * 100)}%`;
      return { icon: 'loading~spin', words: [{ seen: view.name }, { seen: share }] };
    }
    case 'failed':
      return view.engine.isRestarting
        ? { icon: 'loading~spin', words: [{ seen: view.name }, { seen: 'starting again' }] }
        : { icon: 'warning', words: [{ seen: view.name }, { seen: 'not running' }] };
    default:
      return undefined;
  }
}

function routeHeadline(state: IndicatorState, rest: Words): Headline {
  const shield = isThisComputerOnly(state.ceiling.ceiling) ? shieldHeadline(state, rest) : undefined;
  if (shield !== undefined) return shield;
  const chosen = chosenOf(state);
  const icon = iconOf(chosen.map(({ route }) => route));
  const places = chosen.map(placeWords);
  const [code, chat] = places;
  if (code !== undefined && chat !== undefined && code.seen !== chat.seen) {
    const [first = '', second = ''] = chosen.map(({ name }) => name);
    const words = [
      { seen: `Code: ${code.seen}`, aloud: `completions: ${first}, ${code.aloud}` },
      { seen: `Chat: ${chat.seen}`, aloud: `chat: ${second}, ${chat.aloud}` },
    ];
    return { icon, words: [...words, rest] };
  }
  return { icon, words: [namesOf(state), ...places.slice(0, 1), rest.seen === '' ? speedWords(state) : rest] };
}

/**
 * Where a ceiling leaves nothing but this computer. What is picked beyond it is not asked. `undefined`: all that is
 * picked may be asked, and some of it may pass on what it is sent: the shield would promise too much.
 */
function shieldHeadline(state: IndicatorState, rest: Words): Headline | undefined {
  const chosen = chosenOf(state);
  const most = state.ceiling.ceiling === 'device' ? 'inProcess' : 'loopback';
  const isWithin = ({ route }: RoleView): boolean => exposure.indexOf(route.kind) <= exposure.indexOf(most);
  const isBeyond = !chosen.every(isWithin);
  const forwarding = chosen.filter(isWithin).find(({ route }) => mayForward(route));
  if (forwarding !== undefined && !isBeyond) return undefined;
  const names = namesOf(state);
  if (forwarding !== undefined) {
    return { icon: 'question', words: [names, { seen: 'not allowed' }, placeWords(forwarding)] };
  }
  const remote = chosen[0]?.route.remote;
  const only = remote === undefined ? 'this computer only' : `remote host @${remote} only`;
  if (isBeyond) return { icon: 'shield', words: [names, { seen: 'not allowed' }, { seen: only }] };
  return { icon: 'shield', words: [names, { seen: only }, rest.seen === '' ? speedWords(state) : rest] };
}

const exposure: readonly RouteKind[] = ['inProcess', 'loopback', 'private', 'internet'];

/** Of several routes the most exposed is drawn. */
function iconOf(routes: readonly Route[]): string {
  const worst = Math.max(...routes.map(({ kind }) => exposure.indexOf(kind)));
  switch (exposure[worst]) {
    case 'private':
      return 'server';
    case 'internet':
      return 'cloud';
    default:
      return routes.some(mayForward) ? 'question' : 'device-desktop';
  }
}

/** A server on this computer that did not say that it holds its model. */
function mayForward({ kind, evidence }: Route): boolean {
  return kind === 'loopback' && evidence === 'assumed';
}

function namesOf(state: IndicatorState): Words {
  const chosen = chosenOf(state);
  const seen = chosen.map(({ name, route }) => `${name}${portOf(route)}`);
  const aloud = chosen.map(({ name, route }) => `${name}${portOf(route).replace(':', 'at port ')}`);
  const role = onlyRole(state);
  return {
    seen: `${role === undefined ? '' : `${role}: `}${seen.join(' + ')}`,
    aloud: `${role === undefined ? '' : `${role === 'Code' ? 'completions' : 'chat'}: `}${aloud.join(' and ')}`,
  };
}

/** The one role that has a model, where somebody might take it for both. */
function onlyRole({ completion, chat, problems }: IndicatorState): 'Code' | 'Chat' | undefined {
  if (completion === undefined) return 'Chat';
  return chat === undefined && problems.length > 0 ? 'Code' : undefined;
}

/** A server nobody knows is told from others by its port. */
function portOf(route: Route): string {
  const port = mayForward(route) ? /:\d+$/.exec(route.host ?? '')?.[0] : undefined;
  return port === undefined ? '' : ` ${port}`;
}

function placeWords({ route, server }: RoleView): Required<Words> {
  const seen = placeOf(route, server);
  const isNamed = route.kind === 'internet' && server !== undefined;
  return { seen, aloud: (isNamed ? `internet: ${seen}` : seen).replace(' @', ' at ') };
}

function sendingWords({ modelName, host }: NonNullable<RunningView['sending']>): Words {
  const what = modelName ?? 'Paddock';
  return { seen: `${what} → ${host}`, aloud: `${what}, sending to ${host}` };
}

function elapsedWords({ elapsedS }: RunningView): Words {
  return elapsedS === undefined ? { seen: '' } : { seen: `${elapsedS} s`, aloud: `running for ${elapsedS} seconds` };
}

/** Of one model; two have two speeds, which the hover tells. */
function speedWords(state: IndicatorState): Words {
  const [view, other] = chosenOf(state);
  const speed = other === undefined ? view?.last?.settlement.speed?.decodeTokPerS : undefined;
  if (speed === undefined) return { seen: '' };
  const rounded = speed < 10 ? speed.toFixed(1) : String(Math.round(speed));
  return { seen: `${rounded} tok/s`, aloud: `${rounded} tokens per second` };
}

function isRestarting(state: IndicatorState): boolean {
  const engine = engineOf(state)?.engine;
  return engine?.kind === 'failed' && engine.isRestarting;
}
