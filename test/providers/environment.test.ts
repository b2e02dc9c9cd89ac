/** The client library reads its environment; nothing of that may reach a server. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consentTo, gateFor, serverAt } from '../support/gates.ts';
import { startScriptedServer } from '../support/scriptedServer.ts';
import { chat, providerOf, read, served, urlOf } from '../support/served.ts';

const attacker = 'http://127.0.0.1:9/attacker';
const hostile = {
  OPENAI_BASE_URL: attacker,
  OPENAI_API_KEY: 'sk-from-the-environment',
  OPENAI_ADMIN_KEY: 'sk-admin-from-the-environment',
  OPENAI_ORG_ID: 'org-from-the-environment',
  OPENAI_PROJECT_ID: 'project-from-the-environment',
  OPENAI_WEBHOOK_SECRET: 'webhook-from-the-environment',
  OPENAI_CUSTOM_HEADERS: 'authorization: Bearer from-the-environment\nx-evil: from-the-environment\nhost: evil.example',
  OPENAI_LOG: 'debug',
  OPENAI_DATA_RESIDENCY: 'eu',
  AZURE_OPENAI_API_KEY: 'azure-from-the-environment',
  OPENAI_API_VERSION: 'from-the-environment',
  HTTP_PROXY: attacker,
  HTTPS_PROXY: attacker,
  NODE_OPTIONS: '--no-warnings',
};
const ending = { choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] };

const printed: unknown[] = [];

beforeEach(() => {
  for (const [name, value] of Object.entries(hostile)) vi.stubEnv(name, value);
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((...words) => void printed.push(words));
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  expect(printed.splice(0)).toEqual([]);
});

describe('with every variable of the client library set against us', () => {
  it('one request goes to the address we chose, with a key that is none', async () => {
    const urls: string[] = [];
    const names: string[] = [];
    const { provider } = providerOf(served('openai', 'gpt-x', 'https://api.openai.com/v1'));
    const { error } = await read(provider, chat, (url, init) => {
      urls.push(urlOf(url));
      const headers = new Headers(init?.headers);
      names.push(...headers.keys());
      // These the gate drops, all of them: the library has no way to leave the custom ones out.
      expect(headers.get('openai-organization')).toBeNull();
      expect(headers.get('openai-project')).toBeNull();
      expect(JSON.stringify(init?.body)).not.toContain('environment');
      return Promise.resolve(new Response('', { status: 500 }));
    });
    expect(urls).toEqual(['https://api.openai.com/v1/chat/completions']);
    expect(names).toContain('x-evil');
    expect(error).toMatchObject({ kind: 'badResponse' }); // not tried again by the library
  });

  it('nothing of them is on the wire', async () => {
    const server = await startScriptedServer((_request, reply) => reply.sse([ending, '[DONE]']));
    const destination = serverAt(server.url, { auth: 'bearer' });
    const gate = gateFor({
      keys: { keyFor: () => Promise.resolve('sk-the-users-own'), mayUsePlainly: () => false },
      policy: () => Promise.resolve({ rules: [], broken: [], consents: [consentTo(destination)] }),
    });
    const model = served('generic', 'm', server.url);
    const { signal } = new AbortController();
    const purpose = { role: 'chat', initiator: 'user' } as const;
    const passage = await gate.open({ purpose, model, destination, items: [], signal });
    const answer = await read(providerOf(model).provider, chat, passage.send);
    passage.close({ outcome: 'finished' });
    expect(answer).toMatchObject({ text: 'Hi', end: { reason: 'endOfText' } });
    expect(server.requests).toHaveLength(1);
    const { headers, path, rawHeaders } = server.last;
    expect(path).toBe('/v1/chat/completions');
    expect(headers.authorization).toBe('Bearer sk-the-users-own');
    expect(rawHeaders.join('\n')).not.toMatch(/environment|stainless|openai-|x-evil|evil\.example/i);
    server.dispose();
  });
});
