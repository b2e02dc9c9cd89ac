/** "Change these lines like that": asked for, written by the model into an open edit, left for the user to decide. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { editRequest } from '../../chat/edit.ts';
import type { LineRange } from '../../chat/place.ts';
import type { Ask } from '../../models/model.ts';
import { watched } from '../progress.ts';
import type { Edits } from './edits.ts';
import type { Instructions } from './instruction.ts';
import { changesOf, linesAfter, linesAround, linesOf, linesToEdit } from './lines.ts';
import { nameOf } from './nameOf.ts';
import { failureOf, write } from './writing.ts';

/** What editing a selection needs. */
export interface EditSelectionNeeds {
  readonly edits: Edits;
  readonly instructions: Instructions;
  readonly ask: Ask;
  readonly clock: Clock;
  /** Who will answer. @throws Failure `noModel`. */
  readonly asked: () => AskedModel;
  /** What a request took, Markdown; `undefined`: nobody knows. */
  readonly receiptOf: (requestIds: readonly string[]) => string | undefined;
}

/** The model that will answer. */
export interface AskedModel {
  readonly id: string;
  readonly name: string;
  /** Where it is, for people: `this computer`. */
  readonly placeWords: string;
  readonly contextTokens: number;
  /** In this computer's own engine, where reading costs seconds and not money. */
  readonly isEmbedded: boolean;
}

/** A problem to be mended, as a quick fix hands it over. */
export interface EditAtProblem {
  readonly uri: string;
  /** From 0. */
  readonly startLine: number;
  /** From 0, itself included. */
  readonly endLine: number;
  readonly message: string;
  /** Whether the user is asked what should change, the problem being the suggestion. */
  readonly isAsked: boolean;
}

/** So much of what stands around the lines is shown to the model, UTF-16 code units. */
const [aroundCharsHere, aroundCharsElsewhere] = [3_000, 16_000];

/**
 * Edits the selection of the active editor, or where a problem is. While an edit is open, brings that to the front and does
 * nothing else. Settles when the edit has ended.
 * @param argument an `EditAtProblem`; anything else counts as none.
 * @throws Failure
 */
export async function editSelection(needs: EditSelectionNeeds, argument: unknown): Promise<void> {
  const { edits, instructions, asked } = needs;
  if (edits.isOpen) return edits.reveal();
  const model = asked();
  const problem = problemIn(argument);
  const target = problem === undefined ? selectedTarget() : await problemTarget(problem);
  const { document, lines } = target;
  const words = lines.end - lines.start === 1 ? `line ${lines.start + 1}` : `lines ${lines.start + 1}–${lines.end}`;
  const fixing = problem && `Fix this problem: ${problem.message.replaceAll(/\s+/g, ' ')}`;
  const question = {
    title: 'Paddock: Edit Selection',
    prompt: `${nameOf(document.uri)}, ${words} → ${model.name}, ${model.placeWords}.`,
    value: fixing ?? '',
  };
  const isAsked = problem === undefined || problem.isAsked;
  const following = follow(target);
  try {
    const instruction = isAsked ? await highlighted(target, () => instructions.ask(question)) : fixing;
    if (instruction === undefined) return;
    if (edits.isOpen) return await edits.reveal();
    const now = document.isClosed ? undefined : following.lines();
    if (now === undefined) throw changedMeanwhile(document);
    following.dispose();
    await edit(needs, { document, lines: now, instruction, model });
  } finally {
    following.dispose();
  }
}

interface Target {
  readonly document: vscode.TextDocument;
  readonly lines: LineRange;
}

interface Editing extends Target {
  readonly instruction: string;
  readonly model: AskedModel;
}

async function edit(needs: EditSelectionNeeds, { document, lines, instruction, model }: Editing): Promise<void> {
  const { edits, clock, ask, receiptOf } = needs;
  const text = linesOf(document.getText());
  const name = nameOf(document.uri);
  const subject = {
    ...{ uri: String(document.uri), name, language: document.languageId },
    before: text.slice(0, lines.start),
    selected: text.slice(lines.start, lines.end),
    after: text.slice(lines.end),
  };
  const { contextTokens, isEmbedded } = model;
  const aroundChars = isEmbedded ? aroundCharsHere : aroundCharsElsewhere;
  const request = editRequest({ subject, instruction, contextTokens, aroundChars });
  const open = await edits.open(document, lines);
  const { session, say } = open;
  try {
    const title = `Paddock: ${model.name} is editing ${name}…`;
    const written = await watched({ window: vscode.window, clock }, title, (signal) =>
      write({ ask, clock }, { session, place: subject, request, say, modelId: model.id }, signal),
    );
    const receipt = receiptOf(written.requestIds);
    if (receipt !== undefined) open.setReceipt(receipt);
    edits.review(open, reviewWords(written.isCut));
  } catch (error) {
    const failure = failureOf(error, session);
    session.end('dropped');
    if (failure !== undefined) throw failure;
  }
  await open.finished;
}

/** Tells where the lines are now: the document is saved and formatted, or somebody types, while the user is asked. */
function follow({ document, lines }: Target): { readonly lines: () => LineRange | undefined; dispose(): void } {
  let at: LineRange | undefined = lines;
  const listener = vscode.workspace.onDidChangeTextDocument((event) => {
    if (event.document === document) at = at && linesAfter(at, changesOf(event));
  });
  return { lines: () => at, dispose: () => void listener.dispose() };
}

/** While the user was asked: nobody knows where the lines are now. */
function changedMeanwhile({ uri }: vscode.TextDocument): Failure {
  const words = `${nameOf(uri)} was changed or closed while you wrote what should change, so nothing was asked. Try again: the Up key brings your words back.`;
  return new Failure('requestInvalid', words);
}

function reviewWords(isCut: boolean): string {
  return isCut ? '$(warning) The answer broke off; what it did not reach stays' : 'Paddock’s edit';
}

/** @throws Failure `requestInvalid`: there is nothing to edit. */
function selectedTarget(): Target {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Failure('requestInvalid', 'Open a file and select what should change.');
  const { document, selection } = editor;
  return { document, lines: linesToEdit(linesOf(document.getText()), selection) };
}

async function problemTarget({ uri, startLine, endLine }: EditAtProblem): Promise<Target> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
  const text = linesOf(document.getText());
  const lines = { start: Math.min(startLine, text.length - 1), end: Math.min(endLine + 1, text.length) };
  return { document, lines: linesAround(text, lines) };
}

function problemIn(argument: unknown): EditAtProblem | undefined {
  const { uri, startLine, endLine, message, isAsked } = Object(argument) as Partial<
    Record<keyof EditAtProblem, unknown>
  >;
  const areLines = [startLine, endLine].every((line) => Number.isInteger(line) && Number(line) >= 0);
  if (typeof uri !== 'string' || typeof message !== 'string' || !areLines) return undefined;
  return { uri, startLine: Number(startLine), endLine: Number(endLine), message, isAsked: isAsked === true };
}

/** Shows the lines in question while something is asked about them. */
async function highlighted<Value>({ document, lines }: Target, action: () => Promise<Value>): Promise<Value> {
  const decoration = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
  });
  const range = new vscode.Range(lines.start, 0, Math.max(lines.start, lines.end - 1), 0);
  const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
  for (const editor of editors) editor.setDecorations(decoration, [range]);
  try {
    return await action();
  } finally {
    decoration.dispose();
  }
}
