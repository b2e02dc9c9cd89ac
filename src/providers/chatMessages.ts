/** A conversation is put into a server's words here, with what the model may call and what came of its calls. Pure. */
import { Failure } from '../base/failure.ts';
import { callsOf, type ChatMessage, type ChatRequest, type SpokenMessage } from '../models/model.ts';
import type { Tool, ToolCall } from '../models/tools.ts';
import { parsed } from './json.ts';

/** In OpenAI's words. */
export function messagesInOpenAi(messages: readonly ChatMessage[]): readonly object[] {
  return messages.map((message) => {
    const { role, text: content } = message;
    if (message.role === 'tool') return { role, tool_call_id: message.callId, content };
    const calls = callsOf(message);
    if (calls.length === 0) return { role, content };
    const called = ({ id, name, argumentsJson }: ToolCall): object => {
      return { id, type: 'function', function: { name, arguments: argumentsJson } };
    };
    return { role, content: content === '' ? null : content, tool_calls: calls.map(called) };
  });
}

/** In those of Ollama's own endpoint, where arguments are objects and a result names its tool (docs/api.md). */
export function messagesInOllama(messages: readonly ChatMessage[]): readonly object[] {
  const names = new Map(messages.flatMap(callsOf).map(({ id, name }) => [id, name]));
  return messages.map((message) => {
    const { role, text: content } = message;
    if (message.role === 'tool') return { role, tool_name: names.get(message.callId), content };
    const calls = callsOf(message);
    const called = ({ name, argumentsJson }: ToolCall): object => {
      return { function: { name, arguments: parsed(argumentsJson) } };
    };
    return calls.length === 0 ? { role, content } : { role, content, tool_calls: calls.map(called) };
  });
}

/** The fields that say what may be called; both protocols have the same for it. */
export function toolFields({ toolbox }: Pick<ChatRequest, 'toolbox'>): object {
  if (toolbox === undefined) return {};
  const { tools, choice } = toolbox;
  const offered = ({ name, description, schemaJson }: Tool): object => {
    return { type: 'function', function: { name, description, parameters: parsed(schemaJson) } };
  };
  return { tools: tools.map(offered), ...(choice === 'required' ? { tool_choice: choice } : {}) };
}

/**
 * The conversation for a model that knows nothing of tools: what was called is named, and what came of it is the user's
 * text. Throws `Failure('modelUnsupported')` when it should call something itself. @param name the model's, for people.
 */
export function withoutTools(request: ChatRequest, name: string): ChatRequest {
  if (request.toolbox !== undefined) {
    const message = `${name} was to call tools, which it cannot as far as is known. Nothing was sent.`;
    throw new Failure('modelUnsupported', message, { action: 'switchProvider' });
  }
  return request.messages.every(isPlain) ? request : { ...request, messages: joined(request.messages.map(spoken)) };
}

function isPlain(message: ChatMessage): boolean {
  return message.role !== 'tool' && callsOf(message).length === 0;
}

function spoken(message: ChatMessage): SpokenMessage {
  if (message.role === 'tool') return { role: 'user', text: message.text };
  const calls = callsOf(message).map(({ name }) => `[a call of the tool ${name}]`);
  return { role: message.role, text: [message.text, ...calls].filter((part) => part !== '').join('\n') };
}

/** Messages of one role that follow each other as one, as some models' templates want it. */
function joined(messages: readonly SpokenMessage[]): readonly SpokenMessage[] {
  const result: SpokenMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last?.role !== message.role) result.push(message);
    else result[result.length - 1] = { ...message, text: `${last.text}\n\n${message.text}` };
  }
  return result;
}
