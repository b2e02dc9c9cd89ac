/** The model picked for chat is offered to VS Code's own chat and to other extensions here; see `vscode.lm`. */
import * as vscode from 'vscode';
import { asFailure, Failure } from '../../base/failure.ts';
import type { Event } from '../../base/emitter.ts';
import { Store, type Disposable } from '../../base/store.ts';
import type { Preview, Previewed } from '../../exchange/preview.ts';
import type { Ask, Chunk, Model } from '../../models/model.ts';
import { mostTools } from '../../models/tools.ts';
import type { Sharing } from '../privacy/sharing.ts';
import { Callers, mostAtOnce } from './callers.ts';
import type { ChatModel } from './chatModel.ts';
import { contextTokensOf } from './contextTokens.ts';
import { callerIn, nativeRequest, unknownCaller } from './nativeMessages.ts';

/** As in the manifest. */
const vendor = 'paddock';

/** What offering needs. */
export interface NativeChatNeeds {
  readonly ask: Ask;
  readonly preview: (previewed: Previewed, signal: AbortSignal) => Promise<Preview>;
  readonly sharing: Pick<Sharing, 'mayUse'>;
  /** The model picked for chat; `undefined`: none is. */
  readonly chatModel: () => ChatModel | undefined;
  /** Why that one can never be asked: it is not offered then. `undefined`: it can, as far as is known. */
  readonly cannotChat: () => Failure | undefined;
  /** Whether a model can call tools, as far as is known. */
  readonly canCallTools: (model: Model) => boolean;
  /** How long the context of our own engine will be, as long as it does not run. */
  readonly localContextTokens: () => number;
  /** Another model is picked, or something else is known of it. */
  readonly onDidChange: Event<unknown>;
}

/** Of a context, the part that is for answers. */
const answerShare = 0.25;

/**
 * Offers one model at a time: the exchange asks whichever is picked, so an offer of another would be a lie. Requests take
 * the same road as Paddock's own, and are written down as another extension's.
 */
export class NativeChat implements vscode.LanguageModelChatProvider, Disposable {
  private readonly store = new Store();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  private readonly callers = new Callers();
  private readonly needs: NativeChatNeeds;

  readonly onDidChangeLanguageModelChatInformation = this.changed.event;

  constructor(needs: NativeChatNeeds) {
    this.needs = needs;
    this.store.add(needs.onDidChange(() => this.changed.fire()));
    this.store.add(vscode.lm.registerLanguageModelChatProvider(vendor, this));
  }

  provideLanguageModelChatInformation(): vscode.LanguageModelChatInformation[] {
    const offered = this.needs.chatModel();
    if (offered === undefined || this.needs.cannotChat() !== undefined) return [];
    const { model, pill } = offered;
    return [
      {
        id: model.id,
        name: model.name,
        family: model.name,
        version: '1',
        detail: pill.routeWords,
        tooltip: `${model.name}, asked by Paddock: ${pill.routeWords}`,
        ...this.lengthsOf(offered),
        capabilities: { toolCalling: this.needs.canCallTools(model) && mostTools, imageInput: false },
      },
    ];
  }

  async provideLanguageModelChatResponse(
    { id }: vscode.LanguageModelChatInformation,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    ...[progress, token]: [vscode.Progress<vscode.LanguageModelResponsePart>, vscode.CancellationToken]
  ): Promise<void> {
    const offered = this.offeredAs(id);
    const caller = callerIn(options);
    const name = caller ?? unknownCaller;
    const place = this.callers.enter(name);
    if (place === undefined) {
      const message = `${name} has ${mostAtOnce} requests running already, which is as many as it may have at once.`;
      throw vscode.LanguageModelError.Blocked(message);
    }
    const stop = new AbortController();
    const cancelled = token.onCancellationRequested(() => stop.abort());
    if (token.isCancellationRequested) stop.abort();
    try {
      if (!(await this.needs.sharing.mayUse(name, `${offered.pill.name}, ${offered.pill.routeWords}`))) {
        throw vscode.LanguageModelError.NoPermissions('The user does not let other extensions use Paddock’s models.');
      }
      const mostAnswerTokens = this.lengthsOf(offered).maxOutputTokens;
      const request = nativeRequest({ messages, options, caller, mostAnswerTokens });
      const purpose = {
        role: 'chat',
        initiator: 'extension',
        // While the user was asked, another one may have been picked, elsewhere.
        modelId: id,
        ...(caller === undefined ? {} : { extension: caller }),
      } as const;
      for await (const chunk of this.needs.ask(purpose, request, stop.signal)) report(chunk, progress);
    } catch (error) {
      if (error instanceof vscode.LanguageModelError) throw error;
      throw asNativeError(asFailure(error, 'unexpected', 'showLog'));
    } finally {
      cancelled.dispose();
      place.dispose();
    }
  }

  async provideTokenCount(
    { id }: vscode.LanguageModelChatInformation,
    text: string | vscode.LanguageModelChatRequestMessage,
    token: vscode.CancellationToken,
  ): Promise<number> {
    const { model } = this.offeredAs(id);
    const message = typeof text === 'string' ? { role: 1, content: [text] } : text;
    const request = nativeRequest({ messages: [message], options: undefined, caller: undefined, mostAnswerTokens: 0 });
    const stop = new AbortController();
    const cancelled = token.onCancellationRequested(() => stop.abort());
    try {
      const { tokens } = await this.needs.preview({ model, request }, stop.signal);
      return tokens.value;
    } finally {
      cancelled.dispose();
    }
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Of the model's context, what is for the question and what for the answer. */
  private lengthsOf(offered: ChatModel): { readonly maxInputTokens: number; readonly maxOutputTokens: number } {
    const contextTokens = contextTokensOf(offered, this.needs.localContextTokens());
    const maxOutputTokens = Math.floor(contextTokens * answerShare);
    return { maxInputTokens: contextTokens - maxOutputTokens, maxOutputTokens };
  }

  private offeredAs(id: string): ChatModel {
    const offered = this.needs.chatModel();
    if (offered?.model.id !== id) {
      throw vscode.LanguageModelError.NotFound('Another model is picked for Paddock’s chat now.');
    }
    const failure = this.needs.cannotChat(); // found out since it was offered
    if (failure !== undefined) throw asNativeError(failure);
    return offered;
  }
}

/** Hands on what other extensions can use. Throws `Failure` for an answer that broke off: they know no other sign of it. */
function report(chunk: Chunk, progress: vscode.Progress<vscode.LanguageModelResponsePart>): void {
  if (chunk.kind === 'text') progress.report(new vscode.LanguageModelTextPart(chunk.text));
  if (chunk.kind === 'toolCall') {
    const input = JSON.parse(chunk.argumentsJson) as object;
    progress.report(new vscode.LanguageModelToolCallPart(chunk.id, chunk.name, input));
  }
  if (chunk.kind === 'end' && chunk.reason === 'cut') {
    throw new Failure('unreachable', 'The server broke off in the middle of its answer.');
  }
}

/** What VS Code and other extensions understand; the words are the same that Paddock's own chat would show. */
function asNativeError(failure: Failure): Error {
  switch (failure.kind) {
    case 'aborted':
      return new vscode.CancellationError();
    case 'denied':
    case 'auth':
      return vscode.LanguageModelError.NoPermissions(failure.message);
    case 'quota':
    case 'rateLimited':
      return vscode.LanguageModelError.Blocked(failure.message);
    case 'noModel':
    case 'modelMissing':
      return vscode.LanguageModelError.NotFound(failure.message);
    default:
      return new Error(failure.message);
  }
}
