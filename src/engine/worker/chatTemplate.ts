/** A conversation passes through the model's own chat template here and comes out as the text the model was trained on. */
import { Template } from '@huggingface/jinja';
import { Failure } from '../../base/failure.ts';
import type { ChatMessage } from '../../models/model.ts';

/** What the file says about conversations. */
export interface ChatTemplateFacts {
  /** `tokenizer.chat_template`: a Jinja template. */
  readonly source: string;
  /** How the tokens that begin and end a text are written; empty where there is none. */
  readonly bosText: string;
  readonly eosText: string;
}

/** A piece of a rendered conversation. */
export interface Span {
  readonly text: string;
  /** The template's own words, in which control tokens may stand; false: what somebody wrote, which is only text. */
  readonly isTemplate: boolean;
}

/** Renders conversations as Hugging Face's `apply_chat_template` does, which is what models are trained with. */
export class ChatTemplate {
  private readonly facts: ChatTemplateFacts;
  private readonly template: Template;

  /** Throws `Failure('modelUnsupported')` when the template cannot be read. */
  constructor(facts: ChatTemplateFacts) {
    this.facts = facts;
    try {
      this.template = new Template(facts.source);
    } catch (error) {
      throw unusable('modelUnsupported', error);
    }
  }

  /**
   * The conversation up to where the model's answer begins. Every message is in it whole. Where the template refuses
   * system messages, or two in a row of one role, they are put into the next one of the user's or joined.
   * Throws `Failure('requestInvalid')` when the template refuses all of that too.
   */
  render(messages: readonly ChatMessage[]): Span[] {
    let firstError: unknown;
    for (const adapted of adaptations) {
      try {
        const spans = this.attempt(adapted(messages.map(({ role, text }) => ({ role, texts: [text] }))), true);
        if (spans !== undefined) return spans;
      } catch (error) {
        firstError ??= error;
      }
    }
    throw unusable('requestInvalid', firstError ?? new Error('it leaves out a message.'));
  }

  /** What the template writes after an answer, without blanks: how the model says that it is done. May be empty. */
  closing(): string {
    const texts: Turn[] = [
      { role: 'user', texts: ['Hello'] },
      { role: 'assistant', texts: ['Hello'] },
    ];
    try {
      return this.attempt(texts, false)?.at(-1)?.text.trim() ?? '';
    } catch {
      return ''; // it refuses this conversation; the model's own end tokens are known all the same
    }
  }

  /** `undefined`: the template leaves something out. Throws what the template raises. */
  private attempt(turns: readonly Turn[], isToAnswer: boolean): Span[] | undefined {
    const texts = turns.flatMap((turn) => turn.texts);
    let index = 0;
    const messages = turns.map(({ role, texts: parts, isTyped }) => {
      const content = parts.map((text) => standIn(text, index++)).join('\n\n');
      return { role, content: isTyped ? [{ type: 'text', text: content }] : content };
    });
    const rendered = this.template.render({
      messages,
      bos_token: this.facts.bosText,
      eos_token: this.facts.eosText,
      add_generation_prompt: isToAnswer,
    });
    const spans = spansOf(rendered, texts);
    const found = new Set(spans.flatMap(({ index: found }) => (found === undefined ? [] : [found])));
    const isWhole = texts.every((text, each) => text === '' || found.has(each));
    return isWhole ? spans.map(({ text, index: found }) => ({ text, isTemplate: found === undefined })) : undefined;
  }
}

interface Turn {
  readonly role: ChatMessage['role'];
  /** What was written, in one message or in several that were joined. */
  readonly texts: readonly string[];
  /** Its content is a list of typed parts, the only form some templates for models that see know. */
  readonly isTyped?: boolean;
}

const adaptations: readonly ((turns: readonly Turn[]) => readonly Turn[])[] = [
  (turns) => turns,
  (turns) => systemInUser(turns),
  (turns) => joined(systemInUser(turns)),
  (turns) => turns.map((turn) => ({ ...turn, isTyped: true })),
];

/** Gemma and others know no system messages; their makers say to put them before the user's text. */
function systemInUser(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  let waiting: readonly string[] = [];
  for (const turn of turns) {
    if (turn.role === 'system') waiting = [...waiting, ...turn.texts];
    else if (turn.role === 'user') {
      result.push({ ...turn, texts: [...waiting, ...turn.texts] });
      waiting = [];
    } else result.push(turn);
  }
  return result;
}

function joined(turns: readonly Turn[]): Turn[] {
  const result: Turn[] = [];
  for (const turn of turns) {
    const last = result.at(-1);
    if (last?.role === turn.role) result[result.length - 1] = { ...last, texts: [...last.texts, ...turn.texts] };
    else result.push(turn);
  }
  return result;
}

/**
 * Messages are rendered as stand-ins, so that nothing in them can be taken for the template's words: two characters of
 * no text around a number, and blanks on both sides that no template writes, which show whether it trims messages.
 */
function standIn(text: string, index: number): string {
  return text === '' ? '' : `\u2003\ue000${index}\ue001\u2003`;
}

function spansOf(rendered: string, texts: readonly string[]): { text: string; index: number | undefined }[] {
  const spans: { text: string; index: number | undefined }[] = [];
  let end = 0;
  const add = (text: string, index: number | undefined): void => void (text !== '' && spans.push({ text, index }));
  for (const match of rendered.matchAll(/(\u2003?)\ue000(\d+)\ue001(\u2003?)/g)) {
    const [whole, before, number, after] = match;
    const index = Number(number);
    const text = texts[index] ?? '';
    const started = before === '' ? text.trimStart() : text;
    add(rendered.slice(end, match.index), undefined);
    spans.push({ text: after === '' ? started.trimEnd() : started, index });
    end = match.index + whole.length;
  }
  add(rendered.slice(end), undefined);
  return spans;
}

function unusable(kind: 'modelUnsupported' | 'requestInvalid', cause: unknown): Failure {
  const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/([^.!?])$/, '$1.');
  return new Failure(kind, `The chat template of this model cannot be used: ${reason}`, {
    action: 'switchProvider',
    cause,
  });
}
