/** What the status bar item's hover says is decided here: where code goes, how that is known, what was used. Pure. */
import type { Route } from '../../ledger/entry.ts';
import type { EngineFacts } from '../../engine/messages.ts';
import { ceilingWords } from '../../egress/policy.ts';
import { cardOf } from '../../providers/cards.ts';
import type { CommandId } from '../commands.ts';
import { chosenOf, type IndicatorState, type RoleView } from './indicatorState.ts';
import { escapeMarkdown } from './markdown.ts';
import { exactly, speed } from './numbers.ts';
import { placeIcon, placeOf } from './routeWords.ts';
import { leftWords, requestsThatLeft, sumsWords } from './sumsHover.ts';

/** Commands that links in the hover may run. */
export const hoverCommands: readonly CommandId[] = [
  'paddock.switchProvider',
  'paddock.chooseModel',
  'paddock.stopRequests',
  'paddock.thisComputerOnly',
  'paddock.openLedger',
  'paddock.openBudgets',
  'paddock.showTerms',
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
  const rule = '---';
  const parts = [
    runningWords(state),
    ...routeWords(state),
    ...state.problems.map((problem) => `$(warning) ${escapeMarkdown(problem)}`),
    leftWords(state),
    rule,
    ...sumsWords(state),
    requestsThatLeft(state),
    rule,
    ...engineWords(state),
    ruleWords(state),
    restWords(state),
    links(state),
  ].filter((part) => part !== '');
  return parts.filter((part, index) => part !== rule || parts[index - 1] !== rule).join('\n\n');
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
    return ['**Paddock**', 'Choose a GGUF model file on this computer to get completions from it, or pick a server.'];
  }
  const isOne = completion?.id === chat?.id;
  const named = [
    { role: isOne ? 'Completions and chat' : 'Completions', view: completion },
    { role: 'Chat', view: isOne ? undefined : chat },
  ];
  return named.flatMap(({ role, view }) => (view === undefined ? [] : [roleWords(role, view, state)]));
}

/** Where one role's requests go, and how that is known. A line break ends in two blanks. */
function roleWords(role: string, view: RoleView, { servedFrom }: IndicatorState): string {
  const { name, route, server, vendor } = view;
  const place = escapeMarkdown(placeOf(route, server));
  const link = `command:paddock.showTerms?${encodeURIComponent(JSON.stringify([vendor]))}`;
  const terms = vendor === undefined ? '' : ` [Terms of ${escapeMarkdown(cardOf(vendor).name)}](${link})`;
  const known = route.kind === 'inProcess' ? engineRouteWords(route, servedFrom) : destinationWords(view);
  return `$(${placeIcon([route])}) **${role}** · ${escapeMarkdown(name)} · ${place}  \n${known}${terms}`;
}

function destinationWords({ route, server }: RoleView): string {
  const { kind, evidence, remote } = route;
  const host = escapeMarkdown(route.host ?? 'an unknown host');
  const to = server === undefined ? host : `${escapeMarkdown(server)} at ${host}`;
  const from = remote === undefined ? '' : ` from the remote host ${escapeMarkdown(remote)}`;
  const here = remote === undefined ? 'this computer' : `the remote host ${escapeMarkdown(remote)}`;
  switch (kind) {
    case 'loopback':
      return evidence === 'verified'
        ? `Goes to ${to} on ${here}. What runs there said itself that it holds the model.`
        : `Goes to ${to} on ${here}. What runs there may pass it on: it did not say that it holds the model.`;
    case 'private':
      return `Goes to ${to}${from}, an address of a private network. Whose computer that is, and whether it passes your code on, an address does not tell.`;
    default:
      return internetWords(route, to, from);
  }
}

function internetWords({ forwardsTo, evidence }: Route, to: string, from: string): string {
  if (forwardsTo !== undefined) {
    return `Goes to ${to}${from}, which said that it passes it on to ${escapeMarkdown(forwardsTo)} on the internet.`;
  }
  const seen =
    evidence === 'verified'
      ? 'The connection is held to the addresses of that name.'
      : 'Where a proxy, or a name nobody has looked up yet, leads counts as the internet.';
  return `Goes to ${to} on the internet${from}. ${seen}`;
}

function engineRouteWords({ remote }: Route, servedFrom: string | undefined): string {
  if (remote !== undefined) {
    return `Runs on the remote host ${escapeMarkdown(remote)}, in a process of its own that opens no connection.`;
  }
  const stays = 'Your code stays on this computer: the model runs in a process of its own that opens no connection.';
  if (servedFrom === undefined) return stays;
  return `${stays} VS Code runs in a browser and comes from ${escapeMarkdown(servedFrom)}: where that address is a tunnel, "this computer" is the machine at its other end.`;
}

function engineWords(state: IndicatorState): readonly string[] {
  const embedded = chosenOf(state).filter(({ engine }) => engine !== undefined);
  return embedded.map((view) => {
    const words = oneEngineWords(view, view.id === state.completion?.id);
    return embedded.length < 2 || words === '' ? words : `**${escapeMarkdown(view.name)}**  \n${words}`;
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
    `Engine: ${escapeMarkdown(where)}`,
    `${escapeMarkdown(architecture)}, ${infill} · context ${exactly(contextTokens)} tokens`,
    `${threads.prefill} threads to read, ${threads.decode} to write · reads ${speed(facts.prefillTokPerS)} tok/s, writes ${speed(facts.decodeTokPerS)} tok/s`,
  ].join('  \n');
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

/** What one does about it, then what else there is: two lines that are short enough not to be wrapped. */
function links(state: IndicatorState): string {
  const { completion, resting, ownCeiling } = state;
  const views = chosenOf(state);
  const first = [link('$(arrow-swap) Switch', 'paddock.switchProvider')];
  // Stricter than the command makes it, it changes nothing.
  if (ownCeiling === 'loopback') first.push(link('$(unlock) Allow Other Computers', 'paddock.thisComputerOnly'));
  else if (ownCeiling !== 'device') first.push(link('$(shield) This Computer Only', 'paddock.thisComputerOnly'));
  first.push(link('$(book) Ledger', 'paddock.openLedger'), link('$(credit-card) Budgets', 'paddock.openBudgets'));
  const second: string[] = [];
  if (views.length === 0) second.push(link('Choose Model', 'paddock.chooseModel'));
  else if (views.some(({ engine }) => engine !== undefined)) second.push(link('Change Model', 'paddock.chooseModel'));
  if (resting?.kind === 'paused') second.push(link('Resume', 'paddock.resume'));
  else if (resting?.kind === 'disabled') second.push(link('Switch On', 'paddock.enableCompletions'));
  else if (resting?.kind === 'languageOff') second.push(link('Switch On for This Language', 'paddock.enableLanguage'));
  else if (completion !== undefined) second.push(link('Pause 15 Minutes', 'paddock.pauseForAWhile'));
  if (views.some(({ engine }) => engine?.kind === 'failed')) {
    second.push(link('Restart Engine', 'paddock.restartEngine'));
  }
  second.push(link('Log', 'paddock.showLog'), link('Settings', 'paddock.openSettings'));
  return `${first.join(' · ')}  \n${second.join(' · ')}`;
}

function link(words: string, command: CommandId): string {
  return `[${words}](command:${command})`;
}
