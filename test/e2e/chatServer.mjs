/** A server that answers chats by a script, for flows. */
import { startScriptedServer } from '../support/scriptedServer.ts';
import { until } from './until.mjs';

/** @typedef {Awaited<ReturnType<typeof startChatServer>>} ChatServer */

/**
 * Starts one that looks like llama-server, answers every question with `answer`, and waits for words while it is held.
 * @param {string} answer
 * @param {{ models?: readonly string[] }} [options] `models`: it looks like one of which only their names are known
 */
export async function startChatServer(answer, { models } = {}) {
  const chat = {
    answer,
    /** What is thought before it. */
    reasoning: '',
    /** @type {{ name: string, arguments: string } | undefined} what is called first where a question has tools */
    call: undefined,
    /** Of the answers to questions. */
    status: 200,
    /** @type {string[]} what was asked, the messages as JSON */
    questions: [],
    /** Whether the next questions wait for `send`, and never end. */
    isHeld: false,
    /** @type {((text: string) => Promise<void>) | undefined} */
    push: undefined,
    /** @type {(() => Promise<void>) | undefined} */
    done: undefined,
    /** @param {string} text */
    async send(text) {
      const push = await until('the question', () => chat.push);
      await push(text);
    },
    /** Ends the answer that is held. */
    async finish() {
      await chat.done?.();
      [chat.push, chat.done] = [undefined, undefined];
    },
    /** @type {import('../support/scriptedServer.ts').ScriptedServer} */
    server: /** @type {any} */ (undefined),
  };
  chat.server = await startScriptedServer(async (request, reply) => {
    if (request.path.endsWith('/models')) {
      return reply.json(200, { data: (models ?? ['scripted']).map((id) => ({ id, object: 'model' })) });
    }
    if (models === undefined && request.path === '/props') {
      const chat_template_caps = { supports_tools: true, supports_tool_calls: true };
      return reply.json(200, { default_generation_settings: { n_ctx: 8192 }, build_info: 'b1', chat_template_caps });
    }
    if (request.method !== 'POST') return reply.json(404, { error: { message: 'no such thing' } });
    chat.questions.push(JSON.stringify(request.json['messages']));
    if (chat.status !== 200) return reply.json(chat.status, { error: { message: 'broken on purpose' } });
    reply.start(200, { 'content-type': 'text/event-stream' });
    const piece = (/** @type {string} */ text, /** @type {string | null} */ finish = null) =>
      reply.event({ choices: [{ index: 0, delta: { content: text }, finish_reason: finish }] });
    const end = async () => {
      await piece('', 'stop');
      await reply.event({ choices: [], usage: { prompt_tokens: 300, completion_tokens: 80 } });
      await reply.event('[DONE]');
      await reply.end();
    };
    const { tools, messages } = /** @type {{ tools?: unknown, messages: { role: string }[] }} */ (request.json);
    if (chat.call !== undefined && tools !== undefined && messages.at(-1)?.role !== 'tool') {
      const { name, arguments: text } = chat.call;
      const delta = (/** @type {object} */ call) =>
        reply.event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }] });
      await delta({ id: 'call_a', type: 'function', function: { name, arguments: '' } });
      for (const letter of text) await delta({ function: { arguments: letter } });
      return end();
    }
    if (chat.isHeld) {
      [chat.push, chat.done] = [piece, end];
      return;
    }
    if (chat.reasoning !== '') {
      await reply.event({ choices: [{ index: 0, delta: { reasoning_content: chat.reasoning }, finish_reason: null }] });
    }
    for (const line of chat.answer.split(/(?<=\n)/)) await piece(line);
    await end();
  });
  return chat;
}

/**
 * The user's settings with that server's model picked for chat, and no completions.
 * @param {ChatServer} chat
 */
export function settingsFor({ server }) {
  return {
    'paddock.chat.model': `${server.url}#scripted`,
    'paddock.servers': [{ url: server.url, kind: 'llamaServer', name: 'Scripted' }],
    'paddock.completion.enabled': false,
  };
}
