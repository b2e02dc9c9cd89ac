/** What VS Code hands over for another extension becomes a request of ours. Pure. */
import type { ChatMessage, ChatRequest } from '../../models/model.ts';

/** A message as VS Code has it; its parts are values of classes that exist only inside VS Code. */
export interface NativeMessage {
  /** 1: the user; 2: the model; 3, which VS Code's own chat may send: instructions. */
  readonly role: number;
  readonly content: readonly unknown[];
}

/** What is asked, and by whom. */
export interface NativeQuestion {
  readonly messages: readonly NativeMessage[];
  /** As VS Code passes them on; anything may be in them. */
  readonly options: unknown;
  /** Id of the extension that asks; `undefined`: VS Code did not tell. */
  readonly caller: string | undefined;
}

const roles: Readonly<Record<number, ChatMessage['role']>> = { 1: 'user', 2: 'assistant', 3: 'system' };

/**
 * The request. Messages of one role that follow each other become one, as some models' templates want it. Results of tools
 * become text; pictures and calls of tools, which our models are not said to understand, are named and left out.
 */
export function nativeRequest({ messages, options, caller }: NativeQuestion): ChatRequest {
  const joined: { role: ChatMessage['role']; text: string }[] = [];
  for (const { role: number, content } of messages) {
    const text = content.map(textOf).join('');
    const role = roles[number] ?? 'user';
    const last = joined.at(-1);
    if (last?.role === role) last.text += `\n\n${text}`;
    else joined.push({ role, text });
  }
  const bytes = joined.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const { temperature, max_tokens: most, maxTokens = most } = Object(Object(options).modelOptions) as Options;
  return {
    kind: 'chat',
    messages: joined,
    ...(isWithin(temperature, 0, 2) ? { temperature } : {}),
    ...(isWithin(maxTokens, 1, Infinity) ? { maxTokens: Math.floor(maxTokens) } : {}),
    items: [{ uri: `vscode-lm:/${encodeURIComponent(caller ?? unknownCaller)}`, bytes }],
  };
}

/**
 * Who asks, where VS Code says so: its stable interface has no word for it, but the versions that were tried pass it on.
 * Only what looks like an extension's id counts.
 */
export function callerIn(options: unknown): string | undefined {
  const { requestInitiator } = Object(options) as { readonly requestInitiator?: unknown };
  const isId = typeof requestInitiator === 'string' && /^[\w-]+\.[\w.-]+$/.test(requestInitiator);
  return isId ? requestInitiator : undefined;
}

/** For people, where VS Code does not tell. */
export const unknownCaller = 'VS Code or another extension';

type Options = Partial<Record<'temperature' | 'max_tokens' | 'maxTokens', unknown>>;

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const { value, content, mimeType, data, name } = Object(part) as Readonly<Record<string, unknown>>;
  if (typeof value === 'string') return value;
  if (Array.isArray(content)) return content.map(textOf).join('');
  if (typeof mimeType === 'string') {
    const isText = /^text\/|[/+]json$/.test(mimeType) && data instanceof Uint8Array;
    return isText ? Buffer.from(data).toString('utf8') : `[${mimeType}, which this model cannot read]`;
  }
  return typeof name === 'string' ? `[a call of the tool ${name}]` : '';
}
