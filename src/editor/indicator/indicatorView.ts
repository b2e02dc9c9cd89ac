/** What the status bar item says is decided here, from the ledger's sums, the routes and the engine's state. Pure. */
import type { Ceiling } from '../../egress/policy.ts';
import type { Route } from '../../ledger/entry.ts';
import { moneyWords } from '../../ledger/moneyWords.ts';
import { addSpend, noSpend } from '../../ledger/spend.ts';
import { spendAtHost } from '../../ledger/tally.ts';
import type { CommandId } from '../commands.ts';
import { isOver, limitWords, mayCostMoney, nearestLimit } from './budgetWords.ts';
import { hoverOf } from './indicatorHover.ts';
import {
  chosenOf,
  type EngineView,
  type IndicatorState,
  type RoleView,
  type RunningView,
  type SendingView,
} from './indicatorState.ts';
import { roughly, speed as speedOf } from './numbers.ts';
import { exposure, mayForward, placeIcon, placeOf } from './routeWords.ts';

/** What is drawn. */
export interface IndicatorView {
  /** With codicons. */
  readonly text: string;
  /** Read aloud instead of the text. */
  readonly accessibleName: string;
  /** Markdown; its links run the commands named in `hoverCommands` and no others. */
  readonly hover: string;
  readonly command: CommandId;
  /** Something was not sent, or a budget is used up; nothing else has a colour. */
  readonly isColoured: boolean;
}

/** Words as they are drawn, and as they are read aloud where that is something else. */
interface Words {
  readonly seen: string;
  readonly aloud?: string;
}

interface Headline {
  readonly icon: string;
  readonly words: readonly Words[];
  /** Default false. */
  readonly isColoured?: boolean;
}

/** Draws the item. */
export function indicatorView(state: IndicatorState): IndicatorView {
  const { icon, words, isColoured = false } = headline(state);
  const told = words.filter(({ seen }) => seen !== '');
  const aloud = told.map((each) => (each.aloud ?? each.seen).replace(/^Paddock: /, ''));
  return {
    text: `$(${icon}) ${told.map(({ seen }) => seen).join(' · ')}`,
    accessibleName: `Paddock: ${aloud.join(', ')}`,
    hover: hoverOf(state),
    command: chosenOf(state).length === 0 ? 'paddock.chooseModel' : 'paddock.showMenu',
    isColoured,
  };
}

/** The model in our own engine whose state matters most: one that fails, else one that loads, else the first. */
export function engineOf(state: Pick<IndicatorState, 'completion' | 'chat'>): RoleView | undefined {
  const embedded = chosenOf(state).filter(({ engine }) => engine !== undefined);
  const inState = (kind: EngineView['kind']): RoleView | undefined =>
    embedded.find(({ engine }) => engine?.kind === kind);
  return inState('failed') ?? inState('loading') ?? embedded[0];
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
  if (deniedBy !== undefined) {
    const words = [{ seen: `Not sent: ${deniedBy}`, aloud: `not sent: ${deniedBy}` }];
    return { icon: 'circle-slash', words, isColoured: true };
  }
  // Somebody waits for what runs long: that beats what completions do otherwise.
  const rest = elapsed.seen === '' ? resting : undefined;
  const names = namesOf(state);
  if (rest?.kind === 'paused') return { icon: 'debug-pause', words: [names, { seen: rest.words }] };
  if (rest?.kind === 'disabled') return { icon: 'circle-slash', words: [names, { seen: rest.words }] };
  const engine = engineHeadline(state);
  if (engine !== undefined) return engine;
  const budget = budgetHeadline(state, elapsed);
  if (budget !== undefined) return budget;
  const route = routeHeadline(state, rest === undefined ? elapsed : { seen: rest.words });
  return isBad ? { ...route, icon: 'warning' } : route;
}

/** Where a limit is nearly used up, or over, and something that may cost money is picked; `undefined`: nowhere. */
function budgetHeadline(state: IndicatorState, elapsed: Words): Headline | undefined {
  const use = nearestLimit(state);
  if (use === undefined || isHeldHere(state) || !mayCostMoney(state)) return undefined;
  const words = [{ seen: limitWords(use, state) }, ...placesWords(state, () => undefined), elapsed];
  return { icon: 'warning', words, isColoured: isOver(use) };
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
  const shield = isHeldHere(state) ? shieldHeadline(state, rest) : undefined;
  if (shield !== undefined) return shield;
  const icon = placeIcon(chosenOf(state).map(({ route }) => route));
  const places = placesWords(state, (view) => moneyToday(state, [view]));
  if (places.length > 1) return { icon, words: [...places, rest] };
  const money = moneyToday(state, chosenOf(state));
  const last = rest.seen === '' && money === undefined ? speedWords(state) : rest;
  return { icon, words: [namesOf(state), ...places, { seen: money ?? '' }, last] };
}

/**
 * Where the models in use are: one place without its role, or two with what each cost today.
 * @param money of one of two.
 */
function placesWords(state: IndicatorState, money: (view: RoleView) => string | undefined): readonly Words[] {
  const chosen = chosenOf(state);
  const [code, chat] = chosen.map(placeWords);
  if (code === undefined || chat === undefined || code.seen === chat.seen) return chosen.map(placeWords).slice(0, 1);
  return chosen.map((view, index) => {
    const place = placeWords(view);
    const role = index === 0 ? { seen: 'Code', aloud: 'completions' } : { seen: 'Chat', aloud: 'chat' };
    const cost = money(view);
    return {
      seen: `${role.seen}: ${place.seen}${cost === undefined ? '' : ` ${cost}`}`,
      aloud: `${role.aloud}: ${view.name}, ${place.aloud}${cost === undefined ? '' : `, ${cost}`}`,
    };
  });
}

/** What was paid today where these models are, each place once; `undefined`: nothing is charged there. */
function moneyToday({ today }: IndicatorState, views: readonly RoleView[]): string | undefined {
  const hosts = new Set(views.map(({ route }) => route.host));
  const words = moneyWords([...hosts].map((host) => spendAtHost(today, host)).reduce(addSpend, noSpend));
  return words === undefined || words === 'price unknown' ? words : `${words} today`;
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

function isHeldHere({ ceiling }: IndicatorState): boolean {
  return isThisComputerOnly(ceiling.ceiling);
}

function namesOf(state: IndicatorState): Words {
  const chosen = chosenOf(state);
  const seen = chosen.map(({ name, route, server }) => {
    const port = portOf(route);
    return port === undefined ? name : server === undefined ? port : `${name} ${port}`;
  });
  const aloud = chosen.map(({ name, route }) => [name, portOf(route)?.replace(':', 'at port ')].join(' ').trim());
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

/** A server that may be anybody's is told from others by its port; it names its models as it likes. */
function portOf(route: Route): string | undefined {
  return mayForward(route) ? /:\d+$/.exec(route.host ?? '')?.[0] : undefined;
}

function placeWords({ route, server }: RoleView): Required<Words> {
  const seen = placeOf(route, server);
  const isNamed = route.kind === 'internet' && server !== undefined;
  return { seen, aloud: (isNamed ? `internet: ${seen}` : seen).replace(' @', ' at ') };
}

function sendingWords({ modelName, host, promptTokens }: SendingView): Words {
  if (promptTokens === undefined) {
    const what = modelName ?? 'Paddock';
    return { seen: `${what} → ${host}`, aloud: `${what}, sending to ${host}` };
  }
  const aloud = `sending about ${roughly(promptTokens, 'aloud')} tokens to ${host}`;
  return { seen: `${roughly(promptTokens)} tokens → ${host}`, aloud };
}

function elapsedWords({ elapsedS }: RunningView): Words {
  return elapsedS === undefined ? { seen: '' } : { seen: `${elapsedS} s`, aloud: `running for ${elapsedS} seconds` };
}

/** Of one model; two have two speeds, which the hover tells. */
function speedWords(state: IndicatorState): Words {
  const [view, other] = chosenOf(state);
  const speed = other === undefined ? view?.last?.settlement.speed?.decodeTokPerS : undefined;
  if (speed === undefined) return { seen: '' };
  const rounded = speedOf(speed);
  return { seen: `${rounded} tok/s`, aloud: `${rounded} tokens per second` };
}
