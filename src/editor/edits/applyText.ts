/** A code block goes to its place in a file, without a model: shown as an edit, accepted or rejected hunk by hunk. */
import type * as vscode from 'vscode';
import { indentedLike } from '../../chat/editAnswer.ts';
import { findPlace, isBlank, withoutBlankEnds, type LineRange, type Place } from '../../chat/place.ts';
import { Failure } from '../../base/failure.ts';
import { lastEditor, newFile, type CodeNeeds } from '../chat/codeBlocks.ts';
import { showList, type ListNeeds, type Row } from '../list.ts';
import type { Edits } from './edits.ts';
import { linesOf } from './lines.ts';
import { nameOf } from './nameOf.ts';

/** What applying needs. */
export interface ApplyNeeds extends ListNeeds, CodeNeeds {
  readonly edits: Pick<Edits, 'isOpen' | 'open' | 'review'>;
  readonly window: ListNeeds['window'] & CodeNeeds['window'];
  readonly workspace: CodeNeeds['workspace'] & Pick<typeof vscode.workspace, 'asRelativePath'>;
  /** Writes a file that is not there yet; `false`: it could not be, or is there by now. */
  readonly createFile: (uri: vscode.Uri, text: string) => Thenable<boolean>;
}

/** A code block and where it is to go. */
export interface TextToApply {
  readonly text: string;
  /** The file it is for. Absent: that of the editor the user was last in. */
  readonly uri?: vscode.Uri;
  /** That file is not there yet. */
  readonly isNew?: boolean;
  /** What stands behind its fence. */
  readonly language: string;
}

type Target = { readonly kind: 'lines'; readonly lines: LineRange } | { readonly kind: 'newFile' };

/**
 * Finds where the block belongs and opens an edit there; where that is nowhere or in several places, the user says. Does
 * nothing while an edit is open. Settles when the edit has ended.
 * @throws Failure where the file cannot be read or written to.
 */
export async function applyText(needs: ApplyNeeds, order: TextToApply): Promise<void> {
  const { edits, window, workspace } = needs;
  const { text, uri, language, isNew = false } = order;
  if (edits.isOpen) return;
  const block = withoutBlankEnds(linesOf(text));
  if (block.length === 0) return;
  const whole = { text: `${block.join('\n')}\n`, language };
  if (uri !== undefined && isNew) return applyToNew(needs, uri, whole);
  const document = uri === undefined ? lastEditor(window)?.document : await workspace.openTextDocument(uri);
  if (document === undefined) return newFile(needs, whole);
  const { version } = document;
  const file = linesOf(document.getText());
  const place = findPlace(file, block);
  const target =
    place.kind === 'one'
      ? { kind: 'lines' as const, lines: place.range }
      : await askWhere(needs, { place, document, file });
  if (target === undefined || edits.isOpen) return;
  if (target.kind === 'newFile') return newFile(needs, whole);
  const isShown = window.visibleTextEditors.some((each) => each.document === document);
  if (!isShown) await window.showTextDocument(document, { preview: false });
  if (edits.isOpen) return;
  // Somebody typed while the user was asked: the lines may be others now. One that nobody looked at may be closed, too.
  if (document.isClosed || document.version !== version) return applyText(needs, order);
  const open = await edits.open(document, target.lines);
  open.session.propose(placed(block, open.session.oldLines), true);
  edits.review(open, 'From the chat');
  await open.finished;
}

/** Nothing is written before the user says so. */
async function applyToNew(needs: ApplyNeeds, uri: vscode.Uri, code: Omit<TextToApply, 'uri'>): Promise<void> {
  const { window, workspace, createFile } = needs;
  const path = workspace.asRelativePath(uri);
  const editor = lastEditor(window);
  const row = (pick: 'create' | 'editor' | 'untitled', label: string, icon: string) =>
    ({ kind: 'line', key: pick, label, icon, pick }) as const;
  const answer = await showList<'create' | 'editor' | 'untitled'>(needs, {
    ...{ title: 'Paddock: where does this code belong?', placeHolder: `There is no ${path} yet`, hasBack: false },
    shown: {
      rows: [
        row('create', `New file ${path}`, 'new-file'),
        ...(editor === undefined ? [] : [row('editor', `Into ${nameOf(editor.document.uri)}`, 'replace')]),
        row('untitled', 'New file that is not saved yet', 'file'),
      ],
      isBusy: false,
    },
  });
  if (answer.kind !== 'picked') return;
  if (answer.pick === 'untitled') return newFile(needs, code);
  if (answer.pick === 'editor') return applyText(needs, code);
  if (!(await createFile(uri, code.text))) throw new Failure('requestInvalid', `${path} could not be created.`);
  await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
}

/** With nothing to stand in place of, a block stays as it came. */
function placed(block: readonly string[], oldLines: readonly string[]): readonly string[] {
  const kept = withoutBlankEnds(oldLines);
  return kept.length === 0 ? block : indentedLike(block, kept);
}

interface Where {
  readonly place: Place;
  readonly document: vscode.TextDocument;
  readonly file: readonly string[];
}

/** So many places that look the same are listed. */
const mostListed = 20;

async function askWhere(needs: ApplyNeeds, { place, document, file }: Where): Promise<Target | undefined> {
  const name = nameOf(document.uri);
  const answer = await showList<Target>(needs, {
    title: `Paddock: where in ${name} does this code belong?`,
    placeHolder: whyWords(place),
    hasBack: false,
    shown: { rows: rowsFor(needs, { place, document, file }), isBusy: false },
  });
  return answer.kind === 'picked' ? answer.pick : undefined;
}

function whyWords(place: Place): string {
  if (place.kind === 'several') return 'It fits in several places';
  if (place.kind === 'none' && place.isPartial) return 'It leaves lines out, so it cannot take the place of others';
  return 'The file has no lines that begin and end like it';
}

function rowsFor({ window }: ApplyNeeds, { place, document, file }: Where): Row<Target>[] {
  const ranges = rangesOf(place).slice(0, mostListed);
  const editor = window.visibleTextEditors.find((each) => each.document === document);
  return [
    ...ranges.map((lines) => ({
      kind: 'line' as const,
      key: `lines ${lines.start}`,
      label: `Replace lines ${lines.start + 1}–${lines.end}`,
      icon: 'replace',
      description: (file[lines.start] ?? '').trim(),
      pick: { kind: 'lines' as const, lines },
    })),
    ...(editor === undefined ? [] : rowsAtCursor(editor, file)),
    { kind: 'line', key: 'new', label: 'New file', icon: 'new-file', pick: { kind: 'newFile' } },
  ];
}

function rangesOf(place: Place): readonly LineRange[] {
  switch (place.kind) {
    case 'one':
      return [place.range];
    case 'several':
      return place.ranges;
    case 'none':
      return place.alike;
  }
}

function rowsAtCursor({ selection }: vscode.TextEditor, file: readonly string[]): Row<Target>[] {
  const { line } = selection.active;
  const [first, behind] = [selection.start.line, selection.end.line + 1];
  const atCursor = isBlank(file[line] ?? '') ? { start: line, end: line + 1 } : { start: line + 1, end: line + 1 };
  const replace: Row<Target> = {
    ...{ kind: 'line', key: 'selection', icon: 'selection' },
    label: `Replace the selected lines ${first + 1}–${behind}`,
    pick: { kind: 'lines', lines: { start: first, end: behind } },
  };
  return [
    ...(selection.isEmpty ? [] : [replace]),
    {
      ...{ kind: 'line', key: 'cursor', icon: 'insert' },
      label: `Insert at the cursor, line ${atCursor.start + 1}`,
      pick: { kind: 'lines', lines: atCursor },
    },
  ];
}
