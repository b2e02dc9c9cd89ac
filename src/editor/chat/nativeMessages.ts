/** What VS Code hands over for another extension becomes a request of ours. Pure. */
import { Failure } from '../../base/failure.ts';
import { textsOf, type ChatMessage, type ChatRequest, type SpokenMessage } from '../../models/model.ts';
import {
  isToolName,
  longestCallId,
  mostToolBytes,
  mostTools,
  type Tool,
  type Toolbox,
  type ToolCall,
} from '../../models/tools.ts';

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
  /** Asked for a longer answer, the model is asked for one of this length: it is what was offered. */
  readonly mostAnswerTokens: number;
}

const roles: Readonly<Record<number, SpokenMessage['role']>> = { 1: 'user', 2: 'assistant', 3: 'system' };
/** VS Code's number for "one of the tools has to be called". */
const requiredMode = 2;
/** Of a tool that takes nothing, or does not say what. */
const anySchema = { type: 'object', properties: {} };

/**
 * The request. Messages of one role that follow each other become one, as some models' templates want it. Results of tools
 * come before what the user says with them; a call without a result, or a result without a call, which servers refuse,
 * becomes text. What our models are not said to understand, as pictures, is named and left out.
 * Throws `Failure('requestInvalid')` for tools that no server takes.
 */
export function nativeRequest({ messages, options, caller, mostAnswerTokens }: NativeQuestion): ChatRequest {
  const { modelOptions, tools, toolMode } = Object(options) as NativeOptions;
  const { temperature, max_tokens: most, maxTokens = most } = Object(modelOptions) as Options;
  const toolbox = toolboxOf(Array.isArray(tools) ? tools : [], toolMode);
  const conversation = {
    messages: joined(messages.flatMap(pairedIn(messages))),
    ...(toolbox === undefined ? {} : { toolbox }),
  };
  const bytes = textsOf(conversation).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return {
    kind: 'chat',
    ...conversation,
    ...(isWithin(temperature, 0, 2) ? { temperature } : {}),
    ...(isWithin(maxTokens, 1, Infinity) ? { maxTokens: Math.min(Math.floor(maxTokens), mostAnswerTokens) } : {}),
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

type Fields = Readonly<Record<string, unknown>>;
type NativeOptions = Partial<Record<'modelOptions' | 'tools' | 'toolMode', unknown>>;
type Options = Partial<Record<'temperature' | 'max_tokens' | 'maxTokens', unknown>>;

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function toolboxOf(tools: readonly unknown[], toolMode: unknown): Toolbox | undefined {
  if (tools.length === 0) return undefined;
  if (tools.length > mostTools) throw refused(`has ${tools.length} tools, and at most ${mostTools} can be sent`);
  const read = tools.map(toolOf);
  const names = new Set(read.map(({ name }) => name));
  if (names.size < read.length) throw refused('has two tools of one name');
  const bytes = read.flatMap((tool) => Object.values(tool) as string[]).reduce((sum, text) => sum + utf8(text), 0);
  if (bytes > mostToolBytes) throw refused(`has ${bytes} bytes of tools, and at most ${mostToolBytes} can be sent`);
  return { tools: read, choice: toolMode === requiredMode ? 'required' : 'auto' };
}

function toolOf(told: unknown): Tool {
  const { name, description, inputSchema } = Object(told) as Fields;
  if (typeof name !== 'string' || !isToolName(name)) throw refused('has a tool whose name no server takes');
  const schema = typeof inputSchema === 'object' && inputSchema !== null ? inputSchema : anySchema;
  return {
    name,
    description: typeof description === 'string' ? description : '',
    schemaJson: JSON.stringify(schema),
  };
}

function refused(what: string): Failure {
  return new Failure('requestInvalid', `The request ${what}. Nothing was sent.`);
}

function utf8(text: string): number {
  return Buffer.byteLength(text);
}

/** How each of these messages reads, when only calls with a result count as calls, and results of these as results. */
function pairedIn(messages: readonly NativeMessage[]): (message: NativeMessage) => readonly ChatMessage[] {
  const parts = messages.flatMap(({ content }) => content);
  const called = new Set(parts.flatMap((part) => callOf(part)?.id ?? []));
  const answered = new Set(parts.flatMap((part) => resultOf(part)?.callId ?? []));
  return ({ role: number, content }) => {
    const role = roles[number] ?? 'user';
    const calls: ToolCall[] = [];
    const results: ChatMessage[] = [];
    let text = '';
    for (const part of content) {
      const [call, result] = [callOf(part), resultOf(part)];
      if (call !== undefined && role === 'assistant' && answered.has(call.id)) calls.push(call);
      else if (result !== undefined && called.has(result.callId)) results.push({ role: 'tool', ...result });
      else text += textOf(part);
    }
    const isSaid = text !== '' || calls.length > 0 || results.length === 0;
    return [...results, ...(isSaid ? [{ role, text, ...(calls.length > 0 ? { calls } : {}) }] : [])];
  };
}

function joined(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.role === 'tool' || last?.role !== message.role || last.calls !== undefined) result.push(message);
    else {
      const text = [last.text, message.text].filter((part) => part !== '').join('\n\n');
      result[result.length - 1] = { ...message, text };
    }
  }
  return result;
}

/** A call of a tool; `undefined`: it is something else, or none that could be handed on. */
function callOf(part: unknown): ToolCall | undefined {
  const { callId, name, input } = Object(part) as Fields;
  if (typeof name !== 'string' || !isToolName(name) || !isCallId(callId)) return undefined;
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? { id: callId, name, argumentsJson: JSON.stringify(input) } : undefined;
}

function resultOf(part: unknown): { readonly callId: string; readonly text: string } | undefined {
  const { callId, content } = Object(part) as Fields;
  return isCallId(callId) && Array.isArray(content) ? { callId, text: content.map(textOf).join('') } : undefined;
}

function isCallId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longestCallId;
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const { value, content, mimeType, data, name, input } = Object(part) as Fields;
  if (typeof value === 'string') return value;
  if (Array.isArray(content)) return content.map(textOf).join('');
  if (typeof mimeType === 'string') {
    // VS Code's own chat marks with other words what is for the provider and not for the model: `cache_control`.
    if (!mimeType.includes('/')) return '';
    const isText = /^text\/|[/+]json$/.test(mimeType) && data instanceof Uint8Array;
    return isText ? Buffer.from(data).toString('utf8') : `[${mimeType}, which this model cannot read]`;
  }
  // What some tools of VS Code give, for one library only: `LanguageModelPromptTsxPart`.
  if (typeof value === 'object' && value !== null) return '[a result in a form that this model cannot read]';
  if (typeof name !== 'string') return '';
  const called = JSON.stringify(input ?? {});
  return `[a call of the tool ${name}${called === '{}' ? '' : `: ${called}`}]`;
}
