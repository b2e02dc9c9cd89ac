/** What the host says, folded into what is shown. Pure; turns that did not change stay the same objects. */
import type { AnswerView, ChatState, ToWebview, TurnView } from '../../src/chat/protocol.ts';

/** As many as the host tells. */
const mostHistory = 50;

/** The state after a message; the same object where it changes nothing that is kept, or names another conversation. */
export function folded(state: ChatState, message: ToWebview): ChatState {
  switch (message.type) {
    case 'state':
      return withKnownTurns(message.state, state.thread.turns);
    case 'threads':
      return withTitle({ ...state, threads: message.threads });
    case 'composer':
      return { ...state, composer: message.composer };
    case 'turn':
      return message.threadId === state.thread.id ? withTurn(state, message.turn) : state;
    case 'delta':
      return inAnswer(state, message, (answer) => grown(answer, message.text, message.reasoning));
    case 'reading':
      return inAnswer(state, message, (answer) => ({ ...answer, reading: message.reading }));
    case 'suggestions':
    case 'searchResults':
    case 'chipText':
    case 'fill':
    case 'focus':
    case 'notice':
      return state;
  }
}

/** A first question gives a conversation its title. */
function withTitle(state: ChatState): ChatState {
  const title = state.threads.find(({ id }) => id === state.thread.id)?.title ?? state.thread.title;
  return title === state.thread.title ? state : { ...state, thread: { ...state.thread, title } };
}

/** Whether an answer is coming in the conversation that is shown, in this window; its turn may not be shown. */
export function isAnswering({ thread, threads }: ChatState): boolean {
  const isShown = thread.turns.some(({ answer }) => answer.state === 'waiting' || answer.state === 'streaming');
  return isShown || threads.some((head) => head.id === thread.id && head.isAnswering);
}

/** What says the same as before stays the same object: going to another version leaves the turns before it alone. */
function withKnownTurns(state: ChatState, known: readonly TurnView[]): ChatState {
  const byId = new Map(known.map((turn) => [turn.id, turn]));
  const turns = state.thread.turns.map((turn) => {
    const before = byId.get(turn.id);
    return before !== undefined && JSON.stringify(before) === JSON.stringify(turn) ? before : turn;
  });
  return withTurns(state, turns);
}

/** What was just asked is the first that Up brings back. */
function withTurn(state: ChatState, turn: TurnView): ChatState {
  const { thread, history } = state;
  const isKnown = thread.turns.some(({ id }) => id === turn.id);
  const { text } = turn.question;
  const asked = isKnown ? history : [text, ...history.filter((each) => each !== text)].slice(0, mostHistory);
  return withTurns({ ...state, history: asked }, placed(thread.turns, turn));
}

function placed(turns: readonly TurnView[], turn: TurnView): readonly TurnView[] {
  const index = turns.findIndex(({ id }) => id === turn.id);
  if (index !== -1) return turns.with(index, turn);
  const parent = turns.findIndex(({ id }) => id === turn.parentId);
  return [...turns.slice(0, parent + 1), turn];
}

function inAnswer(
  state: ChatState,
  { threadId, turnId }: { readonly threadId: string; readonly turnId: string },
  change: (answer: AnswerView) => AnswerView,
): ChatState {
  const { turns, id } = state.thread;
  const index = threadId === id ? turns.findIndex((turn) => turn.id === turnId) : -1;
  const turn = turns[index];
  if (turn === undefined) return state;
  return withTurns(state, turns.with(index, { ...turn, answer: change(turn.answer) }));
}

function grown({ reading: _, ...answer }: AnswerView, text: string, reasoning: string): AnswerView {
  return { ...answer, state: 'streaming', text: answer.text + text, reasoning: answer.reasoning + reasoning };
}

function withTurns(state: ChatState, turns: readonly TurnView[]): ChatState {
  return { ...state, thread: { ...state.thread, turns } };
}
