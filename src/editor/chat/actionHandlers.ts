/** What the buttons of the panel do outside it: documents, pages, the switcher, the ledger. */
import type * as vscode from 'vscode';
import type { Failure, FailureAction } from '../../base/failure.ts';
import type { CodeBlock } from '../../chat/protocol.ts';
import type { TextToApply } from '../edits/applyText.ts';
import { insertCode, newFile, type CodeNeeds } from './codeBlocks.ts';
import type { Desk } from './desk.ts';
import type { Handlers } from './handlers.ts';
import { openLink, openNamed, pickNamed, placeFor, type OpeningNeeds } from './opening.ts';

/** What they need. */
export interface ActionNeeds {
  readonly desk: Desk;
  readonly code: CodeNeeds;
  readonly opening: OpeningNeeds;
  readonly run: typeof vscode.commands.executeCommand;
  readonly switchModel: () => Promise<void>;
  /** Offers a text as a change to a file. Throws `Failure`. */
  readonly applyText: (order: TextToApply) => Promise<void>;
  /** Why nothing can be asked now, which stands above the composer. */
  readonly blocked: () => Failure | undefined;
  /** Does what a failure's button says. @param message the failure's. */
  readonly act: (action: FailureAction, message: string | undefined) => Promise<void>;
  readonly regenerate: (place: { readonly threadId: string; readonly turnId: string }) => unknown;
}

export function actionHandlers(
  needs: ActionNeeds,
): Handlers<
  'switchModel' | 'runAction' | 'showReceipt' | 'insertCode' | 'newFile' | 'applyCode' | 'openLink' | 'openFile'
> {
  const { desk, code: documents, opening, run } = needs;
  const noteWhy = (why: string | undefined): void => {
    if (why !== undefined) desk.note(why);
  };
  return {
    switchModel: () => needs.switchModel(),
    async runAction({ action, threadId, turnId }) {
      if (action !== 'retry') {
        const turn = threadId === undefined ? undefined : desk.find(threadId)?.turn(turnId ?? '');
        await needs.act(action, turnId === undefined ? needs.blocked()?.message : turn?.ended?.failure?.message);
      } else if (threadId !== undefined && turnId !== undefined) await needs.regenerate({ threadId, turnId });
    },
    async showReceipt({ threadId, turnId }) {
      const requestId = desk.find(threadId)?.turn(turnId)?.requestIds.at(-1);
      if (requestId !== undefined) await run('paddock.openLedger', requestId);
    },
    insertCode: async (code) => noteWhy(await insertCode(documents, code)),
    newFile: (code) => newFile(documents, code),
    applyCode: (code) => apply(needs, code),
    openLink: ({ url }) => openLink(opening, url),
    openFile: async ({ path, line, column }) =>
      noteWhy(
        await openNamed(opening, {
          path,
          ...(line === undefined ? {} : { line }),
          ...(column === undefined ? {} : { column }),
        }),
      ),
  };
}

/** To the file that the block names, which may not be there yet, else to the one the user was last in. */
async function apply({ desk, opening, applyText }: ActionNeeds, block: CodeBlock): Promise<void> {
  const { text, language, path } = block;
  if (path === undefined) return applyText({ text, language });
  const named = await pickNamed(opening, path);
  if (named.kind === 'left') return;
  if (named.kind === 'file') return applyText({ text, language, uri: named.uri });
  const uri = placeFor(opening, path);
  if (uri === undefined) return desk.note(`There is no ${path} in this workspace.`);
  await applyText({ text, language, uri, isNew: true });
}
