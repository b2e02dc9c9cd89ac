/** The commit message is written into Source Control's box here, from what is staged, else from what is changed. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { commitMessageFrom, commitRequest } from '../../chat/commit.ts';
import type { Ask } from '../../models/model.ts';
import { nextCommit, type FileChange } from '../chat/context/gitDiff.ts';
import { gitOf, type Repository } from '../git.ts';
import { watched } from '../progress.ts';
import type { Notices } from '../notices.ts';
import type { AskedModel } from './editSelection.ts';

/** What writing it needs. */
export interface CommitMessageNeeds {
  readonly ask: Ask;
  readonly clock: Clock;
  /** Who will answer. @throws Failure `noModel`. */
  readonly asked: () => AskedModel;
  readonly notices: Pick<Notices, 'say'>;
}

/** Writes messages. */
export class CommitMessages {
  private readonly needs: CommitMessageNeeds;

  constructor(needs: CommitMessageNeeds) {
    this.needs = needs;
  }

  /**
   * Writes the message; what was typed stays unless there is one.
   * @param argument the source control whose button was pressed; anything else: the repository of the active editor.
   * @throws Failure
   */
  async write(argument: unknown): Promise<void> {
    const repository = await repositoryFor(argument);
    const { ask, clock, asked, notices } = this.needs;
    const { window } = vscode;
    const { id: modelId, name, contextTokens } = asked();
    const { inputBox } = repository;
    const draft = inputBox.value;
    const files = await changedFiles(repository);
    const { request, cutCount } = commitRequest({ files, draft, contextTokens });
    const title = `Paddock: ${name} is writing the commit message…`;
    const purpose = { role: 'chat', initiator: 'user', modelId } as const;
    const message = await watched({ window, clock }, title, (signal) =>
      commitMessageFrom(ask(purpose, request, signal)),
    );
    if (inputBox.value !== draft) return void this.offer(repository, message.text);
    inputBox.value = message.text;
    const cut = [
      cutCount === 0 ? '' : ` ${cutCount} of ${files.length} files were too long to be read whole.`,
      message.isCut ? ' The model wrote more than there is room for: it ends with its last whole line.' : '',
    ].join('');
    if (draft.trim() !== '') void this.offerBack(repository, { draft, cut });
    else if (cut !== '') notices.say(`The commit message is written.${cut}`);
  }

  /** The user typed while it was written: theirs stays, and ours can be had. Nobody waits for the answer. */
  private async offer({ inputBox }: Repository, message: string): Promise<void> {
    const words = 'Paddock: The commit message is written, but you typed one meanwhile.';
    const button = 'Use Paddock’s';
    if ((await vscode.window.showInformationMessage(words, button)) === button) inputBox.value = message;
  }

  private async offerBack({ inputBox }: Repository, { draft, cut }: Readonly<Record<'draft' | 'cut', string>>) {
    const button = 'Take Mine Back';
    const words = `Paddock: The commit message is written in place of yours.${cut}`;
    if ((await vscode.window.showInformationMessage(words, button)) === button) inputBox.value = draft;
  }
}

/** @throws Failure `requestInvalid` without the Git extension or a repository. */
async function repositoryFor(argument: unknown): Promise<Repository> {
  const git = await gitOf(vscode);
  if (git.kind === 'none') throw new Failure('requestInvalid', `No commit message can be written. ${git.why}`);
  const { rootUri } = Object(argument) as { readonly rootUri?: unknown };
  const uri = rootUri instanceof vscode.Uri ? rootUri : vscode.window.activeTextEditor?.document.uri;
  const repository = (uri && git.api.getRepository(uri)) ?? git.api.repositories[0];
  if (repository === undefined) throw new Failure('requestInvalid', 'There is no Git repository here.');
  return repository;
}

/** Each changed file with what changed in it. @throws Failure `requestInvalid` where nothing did. */
async function changedFiles(repository: Repository): Promise<readonly FileChange[]> {
  const { files } = await nextCommit(repository, vscode.Uri);
  if (files.length > 0) return files;
  const words = 'Nothing is staged, and no file that Git knows has changed. Stage new files first.';
  throw new Failure('requestInvalid', words);
}
