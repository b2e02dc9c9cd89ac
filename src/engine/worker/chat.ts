/** The next turn of a conversation becomes units of work here: spell it, read what is new, write token by token. */
import os from 'node:os';
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { systemClock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { pause } from '../../base/pause.ts';
import type { ChatMessage, Counted } from '../../models/model.ts';
import type { ChatOrder, CountOrder, EndReason } from '../messages.ts';
import { ChatContext } from './chatContext.ts';
import { respelled, spelled, type Part, type Speller } from './chatPrompt.ts';
import { ChatTemplate, type Span } from './chatTemplate.ts';
import type { LoadedModel } from './load.ts';
import { freeMemory } from './modelFile.ts';
import { Pace } from './pace.ts';
import { remembering } from './remembering.ts';
import type { Work } from './scheduler.ts';
import { commonLength } from './sequences.ts';
import { endsThinking, Speech, thinkingMarksOf, type Said, type ThinkingMarks } from './speech.ts';
import type { Tally } from './tally.ts';
import { ThreadUse } from './threadUse.ts';

/** What comes of a turn while it is worked on. */
export type ChatNews = Said | { readonly type: 'reading'; readonly readTokens: number; readonly totalTokens: number };

/** What chat needs beside the model. */
export interface ChatNeeds {
  /** How long a conversation's memory is kept after its last turn, ms. */
  readonly idleMs: number;
  /** Completions are being asked for: the next may come at any moment. */
  readonly isTyping: () => boolean;
  /** The memory is no longer worth keeping; `rest` is to follow. */
  readonly whenIdle: () => void;
}

/** A prompt this much shorter than the context is taken: an answer needs some room. */
const leastAnswerTokens = 64;
/** Turns whose spelling is remembered; a turn is about two texts. */
const rememberedTexts = 200;

/**
 * Close to the model's first choice, for code; models that think aloud go round in circles with less than what their
 * makers say (0.6 for DeepSeek R1 and Qwen 3).
 */
const defaultTemperature = { plain: 0.2, thinking: 0.6 };

/** Beside the temperature, which depends on the model. */
const choices = { topP: 0.95, topK: 40, minP: 0.05 };

/** Holds one conversation at a time; another one takes its place. */
export class Chat {
  private readonly loaded: LoadedModel;
  private readonly needs: ChatNeeds;
  private readonly context: ChatContext;
  private readonly speller: Speller;
  /** Its own: a long conversation is slower than a short window, and says nothing about those. */
  private readonly pace: Pace;
  private readonly threads: ThreadUse;
  private manners: Manners | undefined;

  constructor(loaded: LoadedModel, needs: ChatNeeds) {
    this.loaded = loaded;
    this.needs = needs;
    this.speller = spellerFor(loaded.model);
    this.pace = new Pace(loaded.findings, loaded.isGpu);
    this.threads = new ThreadUse(loaded.findings, () => systemClock.monotonicMs());
    this.context = new ChatContext({
      model: loaded.model,
      contextTokens: loaded.facts.chatContextTokens,
      batchTokens: loaded.isGpu ? 512 : 256,
      threads: os.availableParallelism(),
      idleMs: needs.idleMs,
      freeBytes: freeMemory,
      clock: systemClock,
      whenIdle: needs.whenIdle,
    });
  }

  /** Answers one turn. Stopped between units it leaves what was read for the next one. */
  async *answer(order: ChatOrder, tally: Tally, tell: (news: ChatNews) => void): Work<EndReason> {
    this.manners ??= mannersOf(this.loaded, this.speller);
    const { template, marks } = this.manners;
    const spans = template.render(checked(order.messages));
    const spelling = yield* spelled(spans, this.speller);
    this.checkLength(spelling.length);
    try {
      const sequence = await this.context.enter();
      const prompt = this.takingOver(sequence.contextTokens, spelling);
      const last = yield* this.read({ sequence, prompt, tally, tell });
      const speech = new Speech({ ...this.manners, isThinking: endsThinking(lastWords(spans), marks) });
      return yield* this.write({ sequence, last, speech, order, tally, tell });
    } finally {
      this.context.leave();
    }
  }

  /** How many tokens `answer` would make of it, and how many of them it would not read. Other work goes on between the texts. Throws as `answer` does. */
  async count({ messages }: CountOrder): Promise<Counted> {
    this.manners ??= mannersOf(this.loaded, this.speller);
    const spelling = spelled(this.manners.template.render(checked(messages)), this.speller);
    for (;;) {
      const { done, value } = spelling.next();
      if (done === true) return { tokens: value.length, heldTokens: this.heldOf(value) };
      await pause(systemClock, 0);
    }
  }

  /** Gives back the memory of a conversation that nobody goes on with. */
  // eslint-disable-next-line require-yield -- it is one unit
  async *rest(): Work<EndReason> {
    await this.context.close();
    return 'read';
  }

  private checkLength(usedTokens: number): void {
    const contextTokens = this.loaded.facts.chatContextTokens;
    const limitTokens = contextTokens - leastAnswerTokens;
    if (usedTokens <= limitTokens) return;
    const message =
      `The conversation has ${usedTokens} tokens, and at most ${limitTokens} fit: ` +
      `the model holds ${contextTokens} with its answer.`;
    throw new Failure('contextTooLong', message, { facts: { usedTokens, limitTokens } });
  }

  /** In the spelling that is held, unless that is too long. */
  private takingOver(held: readonly number[], spelling: readonly number[]): readonly number[] {
    const prompt = respelled(spelling, held, (token) => this.loaded.vocabulary.bytesOf(token));
    return prompt.length <= this.loaded.facts.chatContextTokens - leastAnswerTokens ? prompt : spelling;
  }

  private heldOf(spelling: readonly number[]): number {
    const held = this.context.heldTokens;
    return commonLength(held, this.takingOver(held, spelling).slice(0, -1));
  }

  /** All but the last chunk, which {@link write} evaluates since it brings the first token. */
  private async *read({ sequence, prompt, tally, tell }: Reading): Work<readonly number[]> {
    const common = commonLength(sequence.contextTokens, prompt.slice(0, -1));
    if (sequence.nextTokenIndex > common) {
      await sequence.eraseContextTokenRanges([{ start: common, end: sequence.nextTokenIndex }]);
    }
    // Models that cannot go back a few tokens have gone back further.
    const reused = sequence.nextTokenIndex;
    tally.didReuse(reused);
    for (let start = reused; ;) {
      tell({ type: 'reading', readTokens: start, totalTokens: prompt.length });
      const chunk = prompt.slice(start, start + this.chunkTokens());
      start += chunk.length;
      if (start === prompt.length) return chunk;
      this.loaded.llama.maxThreads = this.threads.prefill;
      const startMs = systemClock.monotonicMs();
      await sequence.evaluateWithoutGeneratingNewTokens(chunk as Token[]);
      this.didRead(chunk.length, systemClock.monotonicMs() - startMs, tally);
      yield;
    }
  }

  /** Short chunks while somebody types, so that a completion need not wait; else long ones, which read faster. */
  private chunkTokens(): number {
    return this.pace.chunkTokens(this.needs.isTyping() ? 0 : Infinity);
  }

  private async *write({ sequence, last, speech, order, tally, tell }: Writing): Work<EndReason> {
    const { llama, model, vocabulary, facts } = this.loaded;
    tally.sampling = this.samplingFor(order);
    const tokens = sequence.evaluate(last as Token[], { ...tally.sampling, yieldEogToken: true });
    try {
      for (let isFirst = true; ; isFirst = false) {
        llama.maxThreads = isFirst && last.length > 1 ? this.threads.prefill : this.threads.decode;
        const startMs = systemClock.monotonicMs();
        const { value: token } = await tokens.next();
        const tookMs = systemClock.monotonicMs() - startMs;
        if (isFirst) this.didRead(last.length, tookMs, tally);
        else this.didWrite(tookMs, tally);
        if (token === undefined || model.isEogToken(token)) return ended('endOfText', speech, tell);
        tally.didGenerate();
        if (speech.isThinking) tally.didReason();
        const bytes = vocabulary.bytesOf(token);
        const said = bytes === undefined ? speech.hearControl(writtenAs(model, token)) : speech.hear(bytes);
        for (const each of said) tell(each);
        if (speech.isOver) return 'endOfText';
        const isFull = sequence.nextTokenIndex >= facts.chatContextTokens - 2;
        if (isFull || tally.completionTokens >= (order.maxTokens ?? Infinity)) return ended('maxTokens', speech, tell);
        yield;
      }
    } finally {
      await tokens.return();
    }
  }

  private samplingFor({ temperature }: ChatOrder) {
    const { plain, thinking } = defaultTemperature;
    return {
      ...choices,
      temperature: temperature ?? (this.manners?.marks === undefined ? plain : thinking),
      seed: Number.parseInt(systemClock.newId().slice(0, 7), 16),
    };
  }

  private didRead(tokens: number, tookMs: number, tally: Tally): void {
    tally.didRead(tokens, tookMs);
    this.pace.didRead(tokens, tookMs);
    this.threads.didRead(tokens, tookMs);
  }

  private didWrite(tookMs: number, tally: Tally): void {
    tally.didWrite(tookMs);
    this.pace.didWrite(tookMs);
    this.threads.didWrite(tookMs);
  }
}

interface Reading {
  readonly sequence: LlamaContextSequence;
  /** At least one token. */
  readonly prompt: readonly number[];
  readonly tally: Tally;
  readonly tell: (news: ChatNews) => void;
}

interface Writing {
  readonly sequence: LlamaContextSequence;
  readonly last: readonly number[];
  readonly speech: Speech;
  readonly order: ChatOrder;
  readonly tally: Tally;
  readonly tell: (news: ChatNews) => void;
}

/** How a model talks. */
interface Manners {
  readonly template: ChatTemplate;
  readonly marks: ThinkingMarks | undefined;
  /** Text that ends an answer; `undefined`: one of the model's end tokens does. */
  readonly stop: string | undefined;
}

/** Throws `Failure('modelUnsupported')`: without a template nobody knows how the model was taught to talk. */
function mannersOf({ model, chatTemplate: source, facts }: LoadedModel, speller: Speller): Manners {
  if (source === undefined) {
    const message = `${facts.modelName} cannot chat: its file has no chat template. It is made for completions.`;
    throw new Failure('modelUnsupported', message, { action: 'switchProvider' });
  }
  const { bosString, eosString } = model.tokens;
  const template = new ChatTemplate({ source, bosText: bosString ?? '', eosText: eosString ?? '' });
  const closing = template.closing().split('\n')[0] ?? '';
  const hasEndToken = speller.split(closing).some(({ control }) => control && model.isEogToken(control.token as Token));
  return {
    template,
    marks: thinkingMarksOf(source, (text) => model.tokenize(text, true).length === 1),
    stop: hasEndToken || closing === '' ? undefined : closing,
  };
}

function checked(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (messages.at(-1)?.role === 'user') return messages;
  throw new Failure('requestInvalid', 'A conversation must end with something the user said.');
}

/** What the template wrote after the last message. */
function lastWords(spans: readonly Span[]): string {
  const last = spans.at(-1);
  return last?.isTemplate === true ? last.text : '';
}

function ended(reason: 'endOfText' | 'maxTokens', speech: Speech, tell: (news: ChatNews) => void): EndReason {
  for (const said of speech.end()) tell(said);
  return reason;
}

function spellerFor(model: LlamaModel): Speller {
  const { bos } = model.tokens;
  return {
    start: model.tokens.shouldPrependBosToken && bos !== null ? [bos] : [],
    tokenize: remembering(rememberedTexts, (text) => model.tokenize(text)),
    split: remembering(rememberedTexts, (words) => split(model, words)),
  };
}

/** The library finds the control tokens; here it is found out where each of them stands. */
function split(model: LlamaModel, words: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const token of model.tokenize(words, true)) {
    const attributes = model.getTokenAttributes(token);
    const text = writtenAs(model, token);
    const index = attributes.control && text !== '' ? words.indexOf(text, end) : -1;
    if (index === -1) continue;
    if (index > end) parts.push({ text: words.slice(end, index) });
    parts.push({ text, control: { token, trimsBefore: attributes.lstrip, trimsAfter: attributes.rstrip } });
    end = index + text.length;
  }
  if (end < words.length) parts.push({ text: words.slice(end) });
  return parts;
}

function writtenAs(model: LlamaModel, token: Token): string {
  return model.fileInfo.metadata.tokenizer.ggml.tokens[token] ?? '';
}
