/** What the status bar item says is decided here, from the ledger's sums and the engine's state. Pure. */
import type { Failure } from '../base/failure.ts';
import type { Resting } from '../completion/trigger.ts';
import type { EngineFacts } from '../engine/messages.ts';
import type { Route } from '../ledger/entry.ts';
import type { Tally } from '../ledger/tally.ts';
import type { CommandId } from './commands.ts';

/** How the engine is, in the indicator's words. */
export type EngineView =
  | { readonly kind: 'asleep' }
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly facts: EngineFacts }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly isRestarting: boolean };

/** Everything the item depends on. */
export interface IndicatorState {
  /** `undefined`: no model is chosen. */
  readonly modelName: string | undefined;
  readonly route: Route | undefined;
  readonly engine: EngineView;
  readonly today: Tally;
  /** Why completions rest, a few words for people; `undefined`: they do not. */
  readonly resting: { readonly kind: Resting; readonly words: string } | undefined;
  /** Why the last pause in typing brought no suggestion; `undefined`: it did, or nobody asked. */
  readonly whyNone: string | undefined;
  /** VS Code runs in a browser and was loaded from this loopback address; `undefined`: it runs on the desktop. */
  readonly servedFrom: string | undefined;
  /** Names of other extensions that offer inline completions too. */
  readonly neighbours: readonly string[];
}

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

/** Commands that links in the hover may run. */
export const hoverCommands: readonly CommandId[] = [
  'paddock.chooseModel',
  'paddock.pauseForAWhile',
  'paddock.pauseUntilRestart',
  'paddock.resume',
  'paddock.enableCompletions',
  'paddock.enableLanguage',
  'paddock.restartEngine',
  'paddock.showLog',
  'paddock.openSettings',
];

/** Draws the item. */
export function indicatorView(state: IndicatorState): IndicatorView {
  const { icon, words } = headline(state);
  return {
    text: `$(${icon}) ${words}`,
    accessibleName: `Paddock: ${words
      .replace(/^Paddock: /, '')
      .replaceAll(' · ', ', ')
      .replace('tok/s', 'tokens per second')}`,
    hover: hoverOf(state),
    command: state.modelName === undefined ? 'paddock.chooseModel' : 'paddock.showMenu',
    isError: state.engine.kind === 'failed' && !state.engine.isRestarting,
  };
}

function headline({ modelName, route, engine, resting, today }: IndicatorState): { icon: string; words: string } {
  if (modelName === undefined || route === undefined) return { icon: 'add', words: 'Paddock: choose model' };
  if (resting?.kind === 'paused') return { icon: 'debug-pause', words: `${modelName} · ${resting.words}` };
  if (resting?.kind === 'disabled') return { icon: 'circle-slash', words: `${modelName} · ${resting.words}` };
  switch (engine.kind) {
    case 'loading':
      return { icon: 'loading~spin', words: `${modelName} · loading ${Math.round(engine.progress * 100)}%` };
    case 'failed':
      return engine.isRestarting
        ? { icon: 'loading~spin', words: `${modelName} · starting again` }
        : { icon: 'warning', words: `${modelName} · not running` };
    case 'asleep':
    case 'ready': {
      const rest = resting === undefined ? speedWords(today) : resting.words;
      return {
        icon: iconOf(route),
        words: [modelName, placeOf(route), rest].filter((part) => part !== '').join(' · '),
      };
    }
  }
}

function iconOf(route: Route): string {
  if (route.evidence === 'assumed') return 'question';
  switch (route.kind) {
    case 'inProcess':
    case 'loopback':
      return 'device-desktop';
    case 'private':
      return 'server';
    case 'internet':
      return 'cloud';
  }
}

/** Where a route ends, in words for people. */
export function placeOf(route: Route): string {
  const where = route.remote === undefined ? '' : ` @${route.remote}`;
  switch (route.kind) {
    case 'inProcess':
      return route.remote === undefined ? 'this computer' : `remote host${where}`;
    case 'loopback':
      return (route.evidence === 'verified' ? 'this computer' : 'this computer, may forward') + where;
    case 'private':
      return 'private network' + where;
    case 'internet':
      return `internet: ${route.host ?? 'unknown host'}` + where;
  }
}

function speedWords({ last }: Tally): string {
  const speed = last?.settlement.speed?.decodeTokPerS;
  return speed === undefined ? '' : `${round(speed)} tok/s`;
}

function hoverOf(state: IndicatorState): string {
  const { modelName } = state;
  const heading = modelName === undefined ? '**Paddock**' : `**Paddock** · ${escapeMarkdown(modelName)}`;
  const parts = [heading, routeWords(state), engineWords(state), todayWords(state), restWords(state), links(state)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function routeWords({ modelName, route, servedFrom }: IndicatorState): string {
  if (modelName === undefined || route === undefined) {
    return 'Choose a GGUF model file on this computer to get completions from it.';
  }
  switch (route.kind) {
    case 'inProcess':
      return engineRouteWords(route, servedFrom);
    case 'loopback':
    case 'private':
    case 'internet':
      return `Your code goes to ${escapeMarkdown(placeOf(route))}.`;
  }
}

function engineRouteWords({ remote }: Route, servedFrom: string | undefined): string {
  if (remote !== undefined) {
    return `The model runs on the remote host ${escapeMarkdown(remote)}, in a process of its own that opens no connection.`;
  }
  const stays = 'Your code stays on this computer: the model runs in a process of its own that opens no connection.';
  if (servedFrom === undefined) return stays;
  return `${stays} VS Code runs in a browser and comes from ${escapeMarkdown(servedFrom)}: where that address is a tunnel, "this computer" is the machine at its other end.`;
}

function engineWords({ engine, modelName }: IndicatorState): string {
  if (modelName === undefined) return '';
  switch (engine.kind) {
    case 'asleep':
      return 'The engine starts when you open a file.';
    case 'loading':
      return `Loading the model: ${Math.round(engine.progress * 100)}%.`;
    case 'failed':
      return `$(warning) ${escapeMarkdown(engine.failure.message)}`;
    case 'ready':
      return factsWords(engine.facts);
  }
}

function factsWords(facts: EngineFacts): string {
  const { device, cpuReason, gpuLayers, totalLayers, threads, contextTokens, architecture } = facts;
  const where =
    gpuLayers > 0
      ? `${device}, ${gpuLayers} of ${totalLayers} layers on the GPU`
      : `CPU${cpuReason === undefined ? '' : `. ${cpuReason}`}`;
  const infill = facts.hasInfillTokens ? 'fills in between code' : 'continues the text before the cursor only';
  return [
    `- Runs on: ${escapeMarkdown(where)}`,
    `- Threads: ${threads.prefill} to read, ${threads.decode} to write · context ${contextTokens} tokens`,
    `- Model: ${escapeMarkdown(architecture)}, ${infill}`,
    `- Measured: reads ${round(facts.prefillTokPerS)} tok/s, writes ${round(facts.decodeTokPerS)} tok/s`,
  ].join('\n');
}

function todayWords({ today, modelName }: IndicatorState): string {
  if (modelName === undefined && today.requests === 0) return '';
  const left =
    today.requestsThatLeft === 0 && !today.isPartial
      ? '0 bytes left this computer today'
      : `${today.isPartial ? 'At least ' : ''}${count(today.requestsThatLeft, 'request')} left this computer today`;
  const firstTokenMs = today.last?.settlement.speed?.firstTokenMs;
  const first = firstTokenMs === undefined ? '' : ` · last first token after ${Math.round(firstTokenMs)} ms`;
  const atLeast = today.unsettled.size > 0 || today.isPartial || today.hasEarlyEnds ? 'at least ' : '';
  return [
    `- ${left}`,
    `- Today: ${count(today.requests, 'request')} · ${atLeast}${today.promptTokens} tokens read, ${today.completionTokens} written${first}`,
  ].join('\n');
}

function restWords({ resting, whyNone, neighbours }: IndicatorState): string {
  const lines: string[] = [];
  if (resting !== undefined) lines.push(`- Completions: ${escapeMarkdown(resting.words)}`);
  else if (whyNone !== undefined) lines.push(`- No suggestion just now: ${escapeMarkdown(whyNone)}`);
  if (neighbours.length > 0) {
    lines.push(`- Also offering inline completions here: ${escapeMarkdown(neighbours.join(', '))}`);
  }
  return lines.join('\n');
}

function links({ modelName, resting, engine }: IndicatorState): string {
  const link = (words: string, command: CommandId): string => `[${words}](command:${command})`;
  const items = [link(modelName === undefined ? 'Choose model' : 'Change model', 'paddock.chooseModel')];
  if (resting?.kind === 'paused') items.push(link('Resume', 'paddock.resume'));
  else if (resting?.kind === 'disabled') items.push(link('Switch on', 'paddock.enableCompletions'));
  else if (resting?.kind === 'languageOff') items.push(link('Switch on for this language', 'paddock.enableLanguage'));
  else if (modelName !== undefined) items.push(link('Pause 15 minutes', 'paddock.pauseForAWhile'));
  if (engine.kind === 'failed') items.push(link('Restart engine', 'paddock.restartEngine'));
  items.push(link('Log', 'paddock.showLog'), link('Settings', 'paddock.openSettings'));
  return items.join(' · ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function round(speed: number): string {
  return speed < 10 ? speed.toFixed(1) : String(Math.round(speed));
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$]/g, '\\$&').replaceAll('\n', ' ');
}
