/** A conversation becomes a file of the user's here. */
import type { Conversation } from './conversation.ts';
import type { AnswerState, Receipt } from './protocol.ts';
import { leftOutWords, receiptParts } from './receiptWords.ts';
import type { Turn } from './tree.ts';

/** The branch that is shown, for people. */
export function markdownOf(conversation: Conversation): string {
  const { head, branch } = conversation;
  const turns = branch.map((turn) => turnMarkdown(turn, conversation.stateOf(turn)));
  return `${[`# ${head.title}`, ...turns].join('\n\n')}\n`;
}

/** All of it, every version and what went with the questions, for programs. */
export function jsonOf(conversation: Conversation): string {
  const { id, head, turns, branch } = conversation;
  const shown = new Set(branch.map((turn) => turn.id));
  const exported = {
    format: 'paddock-conversation',
    version: 1,
    id,
    title: head.title,
    turns: turns.map((turn) => ({
      id: turn.id,
      parentId: conversation.parentOf(turn.id),
      isShown: shown.has(turn.id),
      askedAt: new Date(turn.atMs).toISOString(),
      model: turn.model,
      question: turn.question,
      reasoning: turn.reasoning === '' ? undefined : turn.reasoning,
      answer: turn.text,
      state: conversation.stateOf(turn),
      failure: turn.ended?.failure?.message,
      receipt: turn.ended?.receipt,
    })),
  };
  return `${JSON.stringify(exported, undefined, 2)}\n`;
}

/** Why an answer is not whole. `finished` says nothing. */
const stateWords: Readonly<Record<AnswerState, string>> = {
  finished: '',
  waiting: 'The answer has not begun.',
  streaming: 'The answer is not complete yet.',
  elsewhere: 'The answer is coming in another window.',
  stopped: 'Stopped.',
  interrupted: 'Interrupted: the editor ended.',
  failed: 'Failed.',
  maxTokens: 'Cut: the most tokens were reached.',
  cut: 'Cut: the server closed the connection.',
  filtered: 'The provider withheld the rest.',
  looped: 'Stopped: the model repeated itself.',
};

function turnMarkdown({ question, model, text, ended }: Turn, state: AnswerState): string {
  const attached = question.attachments.map(({ name }) => `\`${name}\``).join(', ');
  const receipt = ended?.receipt === undefined ? '' : receiptMarkdown(ended.receipt);
  const failure = ended?.failure?.message ?? stateWords[state];
  return [
    '## Question',
    question.text,
    attached === '' ? '' : `*With ${attached}*`,
    `## ${model.name === '' ? 'Answer' : model.name}`,
    text.trim(),
    failure === '' ? '' : `*${failure}*`,
    receipt,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function receiptMarkdown(receipt: Receipt): string {
  return `*${[...receiptParts(receipt), ...receipt.leftOut.map(leftOutWords)].join(' · ')}*`;
}
