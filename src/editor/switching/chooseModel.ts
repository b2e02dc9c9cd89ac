/** "Which model file?" passes through here: files found on this computer, one the user browses to, or another way. */
import type * as vscode from 'vscode';
import { parseRef } from '../../models/choose.ts';
import type { ChatTemplates } from '../../weights/chatTemplates.ts';
import { checkModelFile, nameOfFile, type ModelFile } from '../../weights/gguf.ts';
import { roles, type Choice } from './choice.ts';
import { showList, type Line, type ListNeeds, type Row } from '../list.ts';
import { focusEditor } from '../indicator/menu.ts';
import { noTemplateWords, sizeWords } from './modelWords.ts';
import type { LiveSettings } from '../settings.ts';

/** What choosing a file needs. */
export interface ChooseModelNeeds extends ListNeeds {
  readonly run: typeof vscode.commands.executeCommand;
  readonly settings: Pick<LiveSettings, 'now' | 'write'>;
  readonly choice: Pick<Choice, 'refFor' | 'set'>;
  readonly findFiles: () => Promise<readonly ModelFile[]>;
  readonly templates: Pick<ChatTemplates, 'has' | 'look'>;
  /** Lets the user look for a GGUF file; `undefined`: they left. */
  readonly browse: () => Promise<string | undefined>;
}

type FilePick =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'browse' }
  /** Who has no file yet goes on elsewhere. */
  | { readonly kind: 'elsewhere'; readonly command: 'paddock.getStarterModel' | 'paddock.switchProvider' };

/**
 * Lets the user choose a GGUF file for the roles that our own engine answers, and remembers it; where servers answer both
 * the user is asked which of them it shall take over. Cancelling changes nothing. Throws `Failure` for a file that is no model.
 */
export async function chooseModel(needs: ChooseModelNeeds): Promise<void> {
  const { run, settings, choice, templates, findFiles, browse } = needs;
  await focusEditor(run);
  const files = await findFiles();
  const shown = () => ({ rows: rowsOf(files, templates, settings.now['local.modelPath']), isBusy: false });
  const answer = await showList(needs, {
    title: 'Paddock: Choose Model File',
    placeHolder: 'A GGUF file on this computer',
    hasBack: false,
    shown: shown(),
    fill: (show) => void Promise.all(files.map(({ path }) => templates.look(path))).then(() => show(shown())),
  });
  if (answer.kind !== 'picked') return;
  const { pick } = answer;
  if (pick.kind === 'elsewhere') return void (await run(pick.command));
  const path = pick.kind === 'file' ? pick.path : await browse();
  if (path === undefined) return;
  const file = await checkModelFile(path);
  await settings.write('local.modelPath', () => file.path);
  const refs = roles.map((role) => ({ role, kind: parseRef(choice.refFor(role)).kind }));
  await choice.set(
    refs.flatMap(({ role, kind }) => (kind === 'embedded' ? [role] : [])),
    '',
  );
  if (refs.every(({ kind }) => kind === 'served')) await run('paddock.switchProvider');
}

function rowsOf(files: readonly ModelFile[], templates: Pick<ChatTemplates, 'has'>, current: string): Row<FilePick>[] {
  const line = (label: string, icon: string, pick: FilePick): Line<FilePick> => ({
    kind: 'line',
    key: label,
    label,
    icon,
    pick,
  });
  return [
    ...files.map(({ path, bytes }) => ({
      ...line(nameOfFile(path), path === current ? 'check' : 'device-desktop', { kind: 'file', path }),
      key: `file ${path}`,
      description: `${sizeWords(bytes)}${path === current ? ' · in use' : ''}`,
      detail: `${templates.has(path) === false ? `${noTemplateWords} · ` : ''}${path}`,
    })),
    line('Browse…', 'folder-opened', { kind: 'browse' }),
    { kind: 'heading', label: 'no file yet' },
    line('Get Starter Model…', 'cloud-download', { kind: 'elsewhere', command: 'paddock.getStarterModel' }),
    line('Switch Provider…', 'arrow-swap', { kind: 'elsewhere', command: 'paddock.switchProvider' }),
  ];
}
