/** Whether the ledger was changed afterwards: checked, told, and compared with a hash that was kept elsewhere. */
import type * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { Verification } from '../../ledger/verify.ts';
import { verifyWords } from '../../ledger/verifyWords.ts';
import type { Notices } from '../notices.ts';
import { watched } from '../progress.ts';

/** What it needs. */
export interface VerifyNeeds {
  readonly window: typeof vscode.window;
  readonly clock: Clock;
  readonly notices: Pick<Notices, 'say'>;
  /** Checks every line. @param keptHead a hash that was noted down earlier. */
  readonly verify: (keptHead: string | undefined, signal: AbortSignal) => Promise<Verification>;
  readonly copy: (text: string) => Thenable<void>;
  /** Saves a text where the user says; `undefined`: they said nowhere. */
  readonly save: (name: string, text: string) => Promise<string | undefined>;
}

const [copyHash, saveHash, compareHash] = ['Copy Head Hash', 'Save Head Hash…', 'Compare with a Kept Hash…'] as const;

/** Asks until the user has seen enough. */
export async function verifyLedger(needs: VerifyNeeds): Promise<void> {
  let kept: string | undefined;
  for (;;) {
    const found = await watched(needs, 'Paddock: verifying the ledger…', (signal) => needs.verify(kept, signal));
    const answer = await tell(needs, found);
    if (answer === copyHash) {
      await needs.copy(found.head);
      return needs.notices.say('The head hash is in the clipboard. Keep it outside of this computer.');
    }
    if (answer === saveHash) return saveHead(needs, found);
    if (answer !== compareHash) return;
    kept = await askHash(needs);
    if (kept === undefined) return;
  }
}

async function tell({ window }: VerifyNeeds, found: Verification): Promise<string | undefined> {
  const { isBad, title, detail } = verifyWords(found);
  const buttons = found.lines === 0 ? [] : [copyHash, saveHash, compareHash];
  const show = isBad ? window.showWarningMessage : window.showInformationMessage;
  return show(title, { modal: true, detail }, ...buttons);
}

async function saveHead({ save, notices, clock }: VerifyNeeds, { head, lines }: Verification): Promise<void> {
  const day = new Date(clock.now()).toISOString();
  const text = `${head}\n\nHead hash of a Paddock ledger with ${lines} lines, ${day}.\n`;
  const saved = await save(`paddock-ledger-head-${day.slice(0, 10)}.txt`, text);
  if (saved !== undefined) notices.say(`The head hash is in ${saved}. Keep it outside of this computer.`);
}

function askHash({ window }: VerifyNeeds): Thenable<string | undefined> {
  return window.showInputBox({
    title: 'Compare with a kept hash',
    prompt: 'The head hash that was copied or saved earlier: 64 digits from 0 to f.',
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^\s*[\da-f]{64}\s*$/i.test(text) ? undefined : 'This is no such hash: it has 64 digits from 0 to f.',
  });
}
