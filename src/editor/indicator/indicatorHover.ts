/** What the status bar item's hover says is decided here: where code goes, how that is known, what was used. Pure. */
import type { Route } from '../../ledger/entry.ts';
import type { EngineFacts } from '../../engine/messages.ts';
import { ceilingWords } from '../../egress/policy.ts';
import type { CommandId } from '../commands.ts';
import type { IndicatorState, RoleView } from './indicatorState.ts';

/** Commands that links in the hover may run. */
export const hoverCommands: readonly CommandId[] = [
  'paddock.switchProvider',
  'paddock.chooseModel',
  'paddock.stopRequests',
  'paddock.thisComputerOnly',
  'paddock.manageConsents',
  'paddock.pauseForAWhile',
  'paddock.pauseUntilRestart',
  'paddock.resume',
  'paddock.enableCompletions',
  'paddock.enableLanguage',
  'paddock.restartEngine',
  'paddock.showLog',
  'paddock.openSettings',
];

/** So many origins are named; the rest are counted. */
const namedConsents = 3;

/** Markdown; its links run the commands of `hoverCommands`. */
export function hoverOf(state: IndicatorState): string {
  const names = [...new Set(roles(state).map(({ view }) => view.name))].map(escapeMarkdown);
  const parts = [
    ['**Paddock**', ...names].join(' · '),
    runningWords(state),
    ...routeWords(state),
    ...state.problems.map((problem) => `$(warning) ${escapeMarkdown(problem)}`),
    ...engineWords(state),
    todayWords(state),
    ruleWords(state),
    restWords(state),
    links(state),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function roles({ completion, chat }: IndicatorState): readonly { readonly role: string; readonly view: RoleView }[] {
  const [code, talk] = [completion && { role: 'Completions', view: completion }, chat && { role: 'Chat', view: chat }];
  return [code, talk].filter((each) => each !== undefined);
}

function runningWords({ running: { elapsedS, sending, isStoppable }, deniedBy }: IndicatorState): string {
  // Without the seconds, which the item shows: words that change would close the hover under the pointer.
  const stop = isStoppable ? ' [Stop](command:paddock.stopRequests)' : '';
  if (sending !== undefined) return `Sending to ${escapeMarkdown(sending.host)}.${stop}`;
  if (elapsedS !== undefined) return `A request is running.${stop}`;
  return deniedBy === undefined ? '' : `$(circle-slash) The last request was not sent: ${escapeMarkdown(deniedBy)}.`;
}

function routeWords(state: IndicatorState): readonly string[] {
  const { completion, chat } = state;
  if (completion === undefined && chat === undefined) {
    return ['Choose a GGUF model file on this computer to get completions from it, or pick a server.'];
  }
  if (completion !== undefined && (chat === undefined || chat.id === completion.id)) {
    return [roleWords(completion, state)];
  }
  return [
    roles(state)
      .map(({ role, view }) => `- ${role}: ${escapeMarkdown(view.name)}. ${roleWords(view, state)}`)
      .join('\n'),
  ];
}

function roleWords({ route, server }: RoleView, { servedFrom }: IndicatorState): string {
  const host = escapeMarkdown(route.host ?? 'an unknown host');
  const who = server === undefined ? '' : `${escapeMarkdown(server)} at `;
  const from = route.remote === undefined ? '' : ` from the remote host ${escapeMarkdown(route.remote)}`;
  const where = route.remote === undefined ? 'this computer' : `the remote host ${escapeMarkdown(route.remote)}`;
  switch (route.kind) {
    case 'inProcess':
      return engineRouteWords(route, servedFrom);
    case 'loopback':
      return route.evidence === 'verified'
        ? `Your code goes to ${who}${host} on ${where}. What runs there said itself that it holds the model.`
        : `Your code goes to ${who}${host} on ${where}. What runs there may pass it on: it did not say that it holds the model.`;
    case 'private':
      return `Your code goes to ${who}${host}${from}, an address of a private network. Whose computer that is, and whether it passes your code on, an address does not tell.`;
    case 'internet':
      return internetWords(route, { who, host, from });
  }
}

function internetWords(
  { forwardsTo, evidence }: Route,
  { who, host, from }: { readonly who: string; readonly host: string; readonly from: string },
): string {
  if (forwardsTo !== undefined) {
    return `Your code goes to ${who}${host}${from}, which said that it passes it on to ${escapeMarkdown(forwardsTo)} on the internet.`;
  }
  const seen =
    evidence === 'verified'
      ? 'The connection is held to the addresses of that name.'
      : 'Where a proxy, or a name nobody has looked up yet, leads counts as the internet.';
  return `Your code goes to ${who}${host} on the internet${from}. ${seen}`;
}

function engineRouteWords({ remote }: Route, servedFrom: string | undefined): string {
  if (remote !== undefined) {
    return `The model runs on the remote host ${escapeMarkdown(remote)}, in a process of its own that opens no connection.`;
  }
  const stays = 'Your code stays on this computer: the model runs in a process of its own that opens no connection.';
  if (servedFrom === undefined) return stays;
  return `${stays} VS Code runs in a browser and comes from ${escapeMarkdown(servedFrom)}: where that address is a tunnel, "this computer" is the machine at its other end.`;
}

function engineWords(state: IndicatorState): readonly string[] {
  const { completion, chat } = state;
  const views = [completion, chat?.id === completion?.id ? undefined : chat];
  const embedded = views.filter((view) => view?.engine !== undefined);
  return embedded.map((view) => {
    const words = view === undefined ? '' : oneEngineWords(view, view.id === completion?.id);
    return embedded.length < 2 || words === '' ? words : `${escapeMarkdown(view?.name ?? '')}:\n\n${words}`;
  });
}

function oneEngineWords({ engine }: RoleView, isForCompletions: boolean): string {
  switch (engine?.kind) {
    case undefined:
      return '';
    case 'asleep':
      // What only chat asks is not read into memory before somebody does.
      return `The engine starts ${isForCompletions ? 'when you open a file' : 'with the first question'}.`;
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

function todayWords(state: IndicatorState): string {
  const { today, completion } = state;
  if (roles(state).length === 0 && today.requests === 0) return '';
  const left =
    today.requestsThatLeft === 0 && !today.isPartial
      ? '0 bytes left this computer today'
      : `${today.isPartial ? 'At least ' : ''}${count(today.requestsThatLeft, 'request')} left this computer today`;
  const firstTokenMs = completion?.last?.settlement.speed?.firstTokenMs;
  const first = firstTokenMs === undefined ? '' : ` · last first token after ${Math.round(firstTokenMs)} ms`;
  const atLeast = today.unsettled.size > 0 || today.isPartial || today.hasEarlyEnds ? 'at least ' : '';
  return [
    `- ${left}`,
    `- Today: ${count(today.requests, 'request')} · ${atLeast}${today.promptTokens} tokens read, ${today.completionTokens} written${first}`,
  ].join('\n');
}

function ruleWords({ ceiling: { ceiling, source }, consents }: IndicatorState): string {
  const lines: string[] = [];
  if (ceiling !== 'any') lines.push(`- Allowed by ${escapeMarkdown(source)}: ${ceilingWords[ceiling]}`);
  if (consents.length > 0) {
    const named = consents.slice(0, namedConsents).map(escapeMarkdown).join(', ');
    const more = consents.length > namedConsents ? ` and ${consents.length - namedConsents} more` : '';
    lines.push(`- You agreed to: ${named}${more} · [Change](command:paddock.manageConsents)`);
  }
  return lines.join('\n');
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

function links(state: IndicatorState): string {
  const { completion, resting } = state;
  const views = roles(state).map(({ view }) => view);
  const link = (words: string, command: CommandId): string => `[${words}](command:${command})`;
  const items = [link('Switch provider', 'paddock.switchProvider')];
  if (views.length === 0) items.push(link('Choose model', 'paddock.chooseModel'));
  else if (views.some(({ engine }) => engine !== undefined)) items.push(link('Change model', 'paddock.chooseModel'));
  if (resting?.kind === 'paused') items.push(link('Resume', 'paddock.resume'));
  else if (resting?.kind === 'disabled') items.push(link('Switch on', 'paddock.enableCompletions'));
  else if (resting?.kind === 'languageOff') items.push(link('Switch on for this language', 'paddock.enableLanguage'));
  else if (completion !== undefined) items.push(link('Pause 15 minutes', 'paddock.pauseForAWhile'));
  if (views.some(({ engine }) => engine?.kind === 'failed')) {
    items.push(link('Restart engine', 'paddock.restartEngine'));
  }
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
