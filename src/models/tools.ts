/** What a model may call, what it called, and the bounds of both. The model only says what it wants; the asker does it. */

/** What one request lets a model call. */
export interface Toolbox {
  /** 1 to {@link mostTools}, each name once. */
  readonly tools: readonly Tool[];
  /** `required`: the answer has to be a call. */
  readonly choice: 'auto' | 'required';
}

/** One thing that may be called. */
export interface Tool {
  /** As {@link isToolName} wants it. */
  readonly name: string;
  /** For the model; may be empty. */
  readonly description: string;
  /** What its arguments look like: the text of a JSON object, a JSON schema. */
  readonly schemaJson: string;
}

/** One call that a model made. */
export interface ToolCall {
  /** Stands for this call where its result is handed back; unique in its answer. */
  readonly id: string;
  /** As {@link isToolName} wants it; the model may name what nobody offered. */
  readonly name: string;
  /** The text of a JSON object. */
  readonly argumentsJson: string;
}

/** As OpenAI has it; nobody takes more. */
export const mostTools = 128;
/** Names, descriptions and schemas of one request, UTF-8: about a hundred thousand tokens. */
export const mostToolBytes = 512 * 1024;
/** Of all calls in one answer, their ids and names included, UTF-8. */
export const mostArgumentBytes = 1024 * 1024;
/** In one answer. */
export const mostCalls = 128;
/** UTF-16 code units. */
export const longestCallId = 256;

/** Whether servers take it for a tool's name; VS Code wants the same of tools that extensions register. */
export function isToolName(name: string): boolean {
  return /^[\w-]{1,64}$/.test(name);
}

/** Whether a text is a JSON object's. */
export function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false; // it is no JSON at all
  }
}
