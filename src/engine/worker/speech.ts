/** What the model writes is told apart here: what it thinks, what it answers, and where it is done. */

/** How a family of models thinks aloud; as text, whether these are control tokens of a model or not. */
export interface ThinkingMarks {
  readonly open: string;
  readonly close: string;
  /** Begins an answer that comes without a thought; absent: nothing does. */
  readonly answer?: string;
  /** What a template of this family has in it; absent: `close`. */
  readonly sign?: string;
}

/** The marks that are known. */
const knownMarks: readonly ThinkingMarks[] = [
  { open: '<think>', close: '</think>' }, // DeepSeek R1, Qwen 3, SmolLM 3 and most others
  { open: '<thought>', close: '</thought>' }, // EXAONE Deep
  { open: '[THINK]', close: '[/THINK]' }, // Magistral, Ministral
  { open: '<seed:think>', close: '</seed:think>' }, // Seed-OSS
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' }, // Command
  { open: '<|channel>thought\n', close: '<channel|>' }, // Gemma 4
  {
    // gpt-oss: every message names its channel.
    open: '<|channel|>analysis<|message|>',
    close: '<|end|><|start|>assistant<|channel|>final<|message|>',
    answer: '<|channel|>final<|message|>',
    sign: '<|channel|>analysis',
  },
];

/**
 * How a model thinks aloud; `undefined`: it does not.
 * @param template the source of its chat template.
 * @param isOneToken whether a text is one token of the model: it was trained with it, then.
 */
export function thinkingMarksOf(template: string, isOneToken: (text: string) => boolean): ThinkingMarks | undefined {
  return knownMarks.find(({ close, sign = close }) => template.includes(sign) || isOneToken(sign));
}

/** Whether a prompt ends inside a thought: some templates open it themselves. */
export function endsThinking(prompt: string, marks: ThinkingMarks | undefined): boolean {
  return marks !== undefined && prompt.trimEnd().endsWith(marks.open.trimEnd());
}

/** A piece of what the model writes, in whole characters. */
export interface Said {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

/** What is known before the first token. */
export interface SpeechFacts {
  readonly marks: ThinkingMarks | undefined;
  /** The prompt ended inside a thought. */
  readonly isThinking: boolean;
  /** Text that ends the answer, for models that have no token for it; `undefined`: none does. */
  readonly stop: string | undefined;
}

/** Follows one answer, token by token. */
export class Speech {
  private readonly facts: SpeechFacts;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** `beginning`: a thought may still be opened. Later its mark is a quotation. */
  private stage: 'beginning' | 'thought' | 'answer' | 'over';
  /** What may be the beginning of a mark. */
  private held = '';
  /** Blanks around a thought belong to nothing that is said. */
  private isSkippingBlanks: boolean;

  constructor(facts: SpeechFacts) {
    this.facts = facts;
    this.isSkippingBlanks = facts.isThinking;
    this.stage = facts.isThinking ? 'thought' : facts.marks === undefined ? 'answer' : 'beginning';
  }

  get isThinking(): boolean {
    return this.stage === 'thought';
  }

  /** The text that ends the answer has come. */
  get isOver(): boolean {
    return this.stage === 'over';
  }

  /** Takes a token as its bytes, one character each. */
  hear(bytes: string): Said[] {
    return this.take(this.decoder.decode(Buffer.from(bytes, 'latin1'), { stream: true }));
  }

  /** Takes a control token as it is written. One that belongs to no mark says nothing. */
  hearControl(written: string): Said[] {
    const { marks, stop } = this.facts;
    const isMark = [marks?.open, marks?.close, marks?.answer, stop].some((mark) => mark?.includes(written));
    return isMark ? this.take(written) : [];
  }

  /** What was held back, once nothing more comes; a character that was cut in the middle is lost. */
  end(): Said[] {
    const rest = this.held;
    this.held = '';
    return this.stage === 'over' ? [] : this.say(rest);
  }

  private take(text: string): Said[] {
    this.held += text;
    const said: Said[] = [];
    for (let before = ''; before !== this.stage;) {
      before = this.stage;
      said.push(...this.advance());
    }
    return said;
  }

  /** Says what is certain; goes to the next stage where its mark is there. */
  private advance(): Said[] {
    const { marks, stop } = this.facts;
    switch (this.stage) {
      case 'beginning':
        this.begin();
        return [];
      case 'thought':
        return this.sayUpTo(marks?.close, 'answer');
      case 'answer':
        return this.sayUpTo(stop, 'over');
      case 'over':
        return [];
    }
  }

  private begin(): void {
    const { open, answer } = this.facts.marks ?? { open: '' };
    const begun = this.held.trimStart();
    if (begun.startsWith(open)) return this.pass('thought', begun.slice(open.length));
    if (answer !== undefined && begun.startsWith(answer)) return this.pass('answer', begun.slice(answer.length));
    if (!open.startsWith(begun) && answer?.startsWith(begun) !== true) this.stage = 'answer';
  }

  private sayUpTo(mark: string | undefined, next: 'answer' | 'over'): Said[] {
    const index = mark === undefined ? -1 : this.held.indexOf(mark);
    if (mark === undefined || index === -1) {
      const certain = this.held.slice(0, this.held.length - endWithin(this.held, mark ?? ''));
      this.held = this.held.slice(certain.length);
      return this.say(certain);
    }
    const said = this.say(this.held.slice(0, index));
    this.pass(next, this.held.slice(index + mark.length));
    return said;
  }

  private pass(stage: 'thought' | 'answer' | 'over', rest: string): void {
    this.stage = stage;
    this.held = rest;
    this.isSkippingBlanks = true;
  }

  private say(text: string): Said[] {
    const said = this.isSkippingBlanks ? text.trimStart() : text;
    if (said === '') return [];
    this.isSkippingBlanks = false;
    return [{ type: this.isThinking ? 'reasoning' : 'text', text: said }];
  }
}

/** How many characters at the end of a text may be the beginning of a mark. */
function endWithin(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (mark.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
