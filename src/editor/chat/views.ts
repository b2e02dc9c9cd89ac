/** A conversation becomes what the webview draws of it. */
import type { Conversation, ConversationHead, Unreadable } from '../../chat/conversation.ts';
import type { Attachment } from '../../chat/event.ts';
import type { AttachmentView, ReadingView, ThreadHead, ThreadView, TurnView } from '../../chat/protocol.ts';
import type { Turn } from '../../chat/tree.ts';

/** How far the prompts of turns that wait were read, by the turn's id. */
export type Readings = ReadonlyMap<string, ReadingView>;

/** The branch the user is in. @param showTurnId the turn to scroll to. */
export function threadView(conversation: Conversation, readings: Readings, showTurnId?: string): ThreadView {
  const { id, head, branch } = conversation;
  return {
    id,
    title: head.title,
    turns: branch.map((turn) => turnView(conversation, turn, readings)),
    ...(showTurnId === undefined ? {} : { showTurnId }),
  };
}

/** One turn as it is now. */
export function turnView(conversation: Conversation, turn: Turn, readings: Readings): TurnView {
  const { id, atMs, question, model, text, reasoning, ended } = turn;
  const reading = readings.get(id);
  return {
    id,
    parentId: conversation.parentOf(id),
    versions: conversation.versionsOf(id),
    question: { text: question.text, atMs, attachments: question.attachments.map(attachmentView) },
    answer: {
      state: conversation.stateOf(turn),
      text,
      reasoning,
      modelName: model.name,
      ...(reading === undefined ? {} : { reading }),
      ...(ended?.failure === undefined ? {} : { failure: ended.failure }),
      ...(ended?.receipt === undefined ? {} : { receipt: ended.receipt }),
    },
  };
}

/** A conversation in the list. @param workspaceName of another workspace than this window's. */
export function headView(
  { id, title, isPinned, changedMs, turnCount, unreadable }: ConversationHead,
  isAnswering: boolean,
  workspaceName: string | undefined,
): ThreadHead {
  return {
    ...{ id, title, isPinned, changedMs, turnCount, isAnswering },
    ...(workspaceName === undefined ? {} : { workspaceName }),
    ...(unreadable === undefined ? {} : { unreadableBecause: unreadableWords[unreadable] }),
  };
}

const unreadableWords: Readonly<Record<Unreadable, string>> = {
  later: 'A later version of Paddock wrote to this chat. Update Paddock to read it.',
  damaged: 'The files of this chat are damaged, and nothing of it can be read. They are left as they are.',
  refused: 'The files of this chat cannot be opened. Who may read them, or the disk, may have changed.',
};

function attachmentView({ id, kind, name, tokens }: Attachment): AttachmentView {
  return { id, kind, name, tokens };
}
