/** Questions and answers: sent, stopped, asked again, edited, gone back to, deleted, copied. */
import type * as vscode from 'vscode';
import type { Failure } from '../../base/failure.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Attachment, Question } from '../../chat/event.ts';
import { withRulesFirst } from '../../chat/prompt.ts';
import { askedAgain } from '../../chat/reply.ts';
import type { Answering } from './answering.ts';
import type { Chips } from './chips.ts';
import type { Composer } from './composer.ts';
import type { UserPrompt } from './context/bringing.ts';
import type { Source } from './context/gather.ts';
import type { Desk } from './desk.ts';
import type { Handlers } from './handlers.ts';
import type { ProjectFiles } from './projectFiles.ts';
import { expand, type Expanded, type SlashCommand } from './slash.ts';

/** What a command finds to be about. */
export interface AtHand {
  readonly chips: Chips;
  /** The selection, else the file the user was last in; `undefined`: neither. */
  readonly codeAtHand: () => Source | undefined;
  /** What is wrong in that file; `undefined`: nothing. */
  readonly problemsAtHand: () => Source | undefined;
}

/** What they need. */
export interface TurnNeeds extends AtHand {
  readonly desk: Desk;
  readonly answering: Answering;
  readonly composer: Composer;
  readonly projectFiles: ProjectFiles;
  readonly blocked: () => Failure | undefined;
  readonly draw: () => Promise<void>;
  readonly env: { readonly clipboard: Pick<vscode.Clipboard, 'writeText'> };
}

export function turnHandlers(
  needs: TurnNeeds,
): Handlers<
  'send' | 'stop' | 'regenerate' | 'resend' | 'showVersion' | 'deleteTurn' | 'restoreTurn' | 'copyTurn' | 'copy'
> {
  const { desk, answering, draw, env } = needs;
  return {
    send: ({ threadId, text }) => send(needs, threadId, text),
    stop: ({ threadId }) => answering.stop(threadId),
    async regenerate({ threadId, turnId }) {
      const conversation = desk.find(threadId);
      const again = conversation && askedAgain(conversation, turnId);
      if (conversation === undefined || again === undefined) return;
      const why = whyNot(needs, threadId);
      if (why === undefined) await answering.answer({ conversation, ...again });
      else desk.note(why);
    },
    resend: (message) => resend(needs, message),
    async showVersion({ threadId, turnId }) {
      const conversation = desk.find(threadId);
      if (conversation?.turn(turnId) === undefined) return;
      conversation.show(turnId);
      await draw();
    },
    async deleteTurn({ threadId, turnId }) {
      const conversation = desk.find(threadId);
      const turn = conversation?.turn(turnId);
      if (conversation === undefined || turn === undefined) return;
      if (['waiting', 'streaming'].includes(conversation.stateOf(turn))) answering.stop(threadId);
      conversation.deleteTurn(turnId);
      await draw();
      desk.note('The turn was deleted.', { label: 'Undo', message: { type: 'restoreTurn', threadId, turnId } });
    },
    async restoreTurn({ threadId, turnId }) {
      const conversation = desk.find(threadId);
      conversation?.deleteTurn(turnId, false);
      if (conversation?.turn(turnId) !== undefined) conversation.show(turnId);
      await draw();
    },
    async copyTurn({ threadId, turnId, part }) {
      const turn = desk.find(threadId)?.turn(turnId);
      if (turn !== undefined) await env.clipboard.writeText(part === 'question' ? turn.question.text : turn.text);
    },
    copy: ({ text }) => env.clipboard.writeText(text),
  };
}

/** What cannot be sent is put back where it was typed, behind what was typed meanwhile. */
async function send(needs: TurnNeeds, threadId: string, text: string): Promise<void> {
  const { composer } = needs;
  composer.hold(text);
  // Where another conversation is shown by now, its draft is not what was sent.
  if (threadId === needs.desk.current.id) composer.draft = '';
  try {
    await sendHeld(needs, threadId, text);
  } catch (error) {
    // What could not be read for it must not take it along.
    if (composer.texts.sending !== undefined) composer.giveBack(text);
    throw error;
  } finally {
    composer.release();
  }
}

async function sendHeld(needs: TurnNeeds, threadId: string, text: string): Promise<void> {
  const { desk, answering, composer, chips, projectFiles } = needs;
  const conversation = desk.find(threadId);
  const isLate = (): boolean => threadId !== desk.current.id;
  const putBack = (): void => composer.giveBack(text);
  const why = whyNot(needs, threadId);
  if (conversation === undefined || isLate() || why !== undefined) {
    putBack();
    if (why !== undefined) desk.note(why);
    return;
  }
  const expanded = expand(text, await projectFiles.prompts());
  if (expanded?.userPrompt !== undefined && expanded.userPrompt.decision !== 'used') {
    putBack();
    return showFirst(needs, expanded.userPrompt);
  }
  const changed = await projectFiles.takeBackChanged();
  if (changed.length > 0) {
    putBack();
    return desk.note(`${changed.join(' and ')} changed since you agreed to it. Look at it first, then send again.`);
  }
  // A search that was started before is a part of the question.
  await chips.untilFound();
  for (const source of expanded === undefined ? [] : sourcesFor(needs, expanded.command)) await chips.add(source);
  const { attachments, missing, putBack: putChipsBack } = await chips.takeAll();
  if (isLate()) {
    // What was taken belongs to the conversation that is shown now.
    putChipsBack();
    return putBack();
  }
  const nothing = nothingToBeAbout({ expanded, attachments, conversation });
  if (nothing !== undefined) {
    putChipsBack();
    putBack();
    return desk.note([...missing, nothing].join(' '));
  }
  if (missing.length > 0) desk.note(missing.join(' '));
  const question = questionOf(text, expanded, withRulesFirst(attachments));
  if (question.text.trim() === '' && attachments.length === 0) return;
  const parentId = conversation.branch.at(-1)?.id;
  let isAsked = false;
  await answering.answer({ conversation, question, parentId }, () => {
    isAsked = true;
    composer.release();
    composer.changed();
  });
  if (isAsked) return;
  if (!isLate()) putChipsBack();
  putBack();
}

/** A prompt that the folder brings is used once the user has agreed to it. */
function showFirst({ desk, projectFiles }: TurnNeeds, prompt: UserPrompt): void {
  projectFiles.review(prompt);
  const { name, label } = prompt;
  desk.note(`/${name} comes from ${label}, which you have not agreed to. Look at it first, then send again.`);
}

/** Why nothing can be asked in a conversation now, a sentence; `undefined`: it can. */
function whyNot({ answering, blocked }: TurnNeeds, threadId: string): string | undefined {
  return answering.isAnswering(threadId) ? 'An answer is still coming. Stop it first.' : blocked()?.message;
}

interface CommandInPlace {
  readonly expanded: Expanded | undefined;
  readonly attachments: readonly Attachment[];
  readonly conversation: Conversation;
}

/**
 * Why a bare command would have the model make something up, a sentence; `undefined`: it would not. Code may be that of
 * an earlier question; changes are those there are now.
 */
function nothingToBeAbout({ expanded, attachments, conversation }: CommandInPlace): string | undefined {
  if (expanded === undefined) return undefined;
  const { name, wants, prompt } = expanded.command;
  const isNamed = expanded.prompt !== prompt || attachments.some(({ kind }) => kind !== 'rules');
  if (wants === 'nothing' || isNamed || (wants !== 'diff' && conversation.branch.length > 0)) return undefined;
  return wants === 'diff'
    ? `/${name} is about changes that are not committed yet.`
    : `/${name} needs something to be about: open a file, select code in it, or add some with @.`;
}

/** Of the attachments only those that are named stay; a command means what it means now. */
async function resend(
  needs: TurnNeeds,
  order: { threadId: string; turnId: string; text: string; attachmentIds: readonly string[] },
): Promise<void> {
  const { desk, answering, projectFiles, composer } = needs;
  const conversation = desk.find(order.threadId);
  const turn = conversation?.turn(order.turnId);
  if (conversation === undefined || turn === undefined) return;
  let isAsked = false;
  try {
    const why = whyNot(needs, order.threadId);
    if (why !== undefined) return desk.note(why);
    const expanded = expand(order.text, await projectFiles.prompts());
    if (expanded?.userPrompt !== undefined && expanded.userPrompt.decision !== 'used') {
      return showFirst(needs, expanded.userPrompt);
    }
    const attachments = turn.question.attachments.filter(({ id }) => order.attachmentIds.includes(id));
    const question = questionOf(order.text, expanded, attachments);
    const parentId = conversation.parentOf(turn.id);
    await answering.answer({ conversation, question, parentId }, () => (isAsked = true));
  } finally {
    // The field it was edited in is gone: what is not asked goes to the composer, where it can be asked later.
    if (!isAsked) composer.giveBack(order.text);
  }
}

/** What a command is about, where the user attached nothing. */
export function sourcesFor(needs: AtHand, { wants }: SlashCommand): readonly Source[] {
  const isAttached = needs.chips.attachments.some(({ kind }) => kind !== 'rules');
  if (wants === 'nothing' || isAttached) return [];
  if (wants === 'diff') return [{ kind: 'diff' }];
  const sources = [needs.codeAtHand(), wants === 'problems' ? needs.problemsAtHand() : undefined];
  return sources.filter((source) => source !== undefined);
}

function questionOf(text: string, expanded: Expanded | undefined, attachments: readonly Attachment[]): Question {
  return { text, ...(expanded === undefined ? {} : { prompt: expanded.prompt }), attachments };
}
