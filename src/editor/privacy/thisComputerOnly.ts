/** "This computer only" passes through here: one command that lowers the ceiling, and lifts it to where it was. */
import type * as vscode from 'vscode';
import { ceilings, ceilingWords, yourSettings, type Ceiling, type Policy } from '../../egress/policy.ts';
import type { Notices } from '../notices.ts';
import type { LiveSettings } from '../settings.ts';

const beforeKey = 'privacy.ceilingBefore';

/** What the command changes, and what it has to know to say what holds then. */
export interface ThisComputerOnlyNeeds {
  readonly settings: LiveSettings;
  /** Remembers, over restarts too, what the ceiling was. */
  readonly memento: vscode.Memento;
  readonly policy: () => Promise<Policy>;
  readonly notices: Pick<Notices, 'say'>;
}

/** Lowers the user's ceiling to this computer's servers, or lifts it again, and says what holds now. */
export async function toggleThisComputerOnly({
  settings,
  memento,
  policy,
  notices,
}: ThisComputerOnlyNeeds): Promise<void> {
  const now = settings.now['privacy.ceiling'];
  if (now === 'device')
    return notices.say(`Your settings are stricter already: ${ceilingWords.device} and nothing else.`);
  const next = now === 'loopback' ? ceilingBefore(memento) : 'loopback';
  await memento.update(beforeKey, now === 'loopback' ? undefined : now);
  await settings.write('privacy.ceiling', () => next);
  notices.say(holdingWords(next, await policy()));
}

/** What holds after the user's ceiling was set, files included. */
export function holdingWords(own: Ceiling, { rules, broken }: Policy): string {
  const [file] = broken;
  if (file !== undefined) return `${setWords(own)} Besides, nothing is sent until ${file.source} is mended.`;
  const files = rules.filter(({ source }) => source !== yourSettings);
  const stricter = files
    .flatMap(({ source, ceiling }) => (ceiling === undefined ? [] : [{ source, ceiling }]))
    .filter(({ ceiling }) => ceilings.indexOf(ceiling) < ceilings.indexOf(own))
    .toSorted((a, b) => ceilings.indexOf(a.ceiling) - ceilings.indexOf(b.ceiling))[0];
  if (stricter === undefined) return setWords(own);
  return `${setWords(own)} But ${stricter.source} is stricter, and holds: ${ceilingWords[stricter.ceiling]}.`;
}

function setWords(own: Ceiling): string {
  return own === 'loopback'
    ? 'This computer only: from the next request on only servers on this computer are asked. Of one that may pass on what it is sent that is shown.'
    : `Your settings allow again: ${ceilingWords[own]}. What leaves this computer still needs your consent once.`;
}

function ceilingBefore(memento: vscode.Memento): Ceiling {
  const before = memento.get<unknown>(beforeKey);
  return ceilings.find((ceiling) => ceiling === before) ?? 'any';
}
