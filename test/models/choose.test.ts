import { describe, expect, it } from 'vitest';
import { modelOf, originOf, parseBaseUrl, parseRef, refOf, type Choosing } from '../../src/models/choose.ts';
import type { EmbeddedModel } from '../../src/models/model.ts';

const embedded = (file: string): EmbeddedModel | undefined =>
  file === '' ? undefined : { id: `embedded:${file}`, name: 'small', provider: 'embedded', file };
const given: Choosing = { ref: '', servers: [], localFile: '', embedded, guessCard: () => 'generic' };

describe('a reference', () => {
  it('names this computer’s own file, another file, or a server’s model', () => {
    expect(parseRef('')).toEqual({ kind: 'local' });
    expect(parseRef('embedded:/models/a#b.gguf')).toEqual({ kind: 'embedded', file: '/models/a#b.gguf' });
    expect(parseRef('embedded:C:\\models\\a.gguf')).toEqual({ kind: 'embedded', file: 'C:\\models\\a.gguf' });
    const served = { kind: 'served', baseUrl: 'http://localhost:11434/v1', model: 'qwen3:8b' };
    expect(parseRef('http://localhost:11434/v1#qwen3:8b')).toEqual(served);
    expect(parseRef('HTTP://LocalHost:11434/v1/#qwen3:8b')).toEqual(served);
    expect(parseRef('unix:/run/llama.sock#a#b')).toEqual({
      kind: 'served',
      baseUrl: 'unix:/run/llama.sock',
      model: 'a#b',
    });
  });

  it.each([
    ['gpt-5', 'base URL'],
    ['https://api.example.com/v1', 'base URL'],
    ['https://api.example.com/v1#', 'name of the model is missing'],
    ['https://api.example.com/v1# gpt', 'name of the model is missing'],
    ['#gpt', 'not a URL'],
    ['nowhere#gpt', 'not a URL'],
    ['http:api.example.com#gpt', 'not a URL'],
    ['ftp://api.example.com#gpt', '"ftp:"'],
    ['file:///etc/passwd#gpt', '"file:"'],
    ['javascript:alert(1)#gpt', '"javascript:"'],
    ['https://me:secret@api.example.com/v1#gpt', 'password'],
    ['https://me@api.example.com/v1#gpt', 'user name'],
    ['https://api.example.com/v1?key=secret#gpt', '"?"'],
    ['unix:run/llama.sock#gpt', 'socket'],
    ['unix://host/llama.sock#gpt', 'socket'],
    ['unix:/#gpt', 'socket'],
    ['unix:/a%zz#gpt', 'socket'],
    ['embedded:', 'absolute'],
    ['embedded:models/a.gguf', 'absolute'],
    [' embedded:/models/a.gguf', 'base URL'],
  ])('%j is refused with a reason that names %j, and repeats no secret', (ref, words) => {
    const parsed = parseRef(ref);
    expect(parsed).toMatchObject({ kind: 'bad', reason: expect.stringContaining(words) as string });
    expect(JSON.stringify(parsed)).not.toContain('secret');
    expect(modelOf({ ...given, ref })).toBeUndefined();
  });

  it('comes back from the model it names', () => {
    for (const ref of ['embedded:/models/a.gguf', 'https://api.openai.com/v1#gpt', 'unix:/run/llama.sock#m']) {
      const model = modelOf({ ...given, ref });
      expect(model && refOf(model)).toBe(ref);
    }
  });
});

describe('a model', () => {
  it('of the empty reference is that of the file set for this computer, if one is', () => {
    expect(modelOf(given)).toBeUndefined();
    expect(modelOf({ ...given, localFile: '/a.gguf' })).toEqual(embedded('/a.gguf'));
  });

  it('of a server has the card of the user’s entry for that address, else the guessed one', () => {
    const ref = 'https://gateway.example.com/v1#openai/gpt-5';
    const servers = [{ url: 'https://gateway.example.com/v1', kind: 'litellm' }] as const;
    const model = modelOf({ ...given, ref, servers });
    expect(model).toEqual({
      id: ref,
      name: 'gpt-5',
      provider: 'server',
      endpoint: { baseUrl: 'https://gateway.example.com/v1', card: 'litellm' },
      model: 'openai/gpt-5',
    });
    expect(modelOf({ ...given, ref, guessCard: () => 'vllm' })).toMatchObject({ endpoint: { card: 'vllm' } });
  });

  it.each([
    ['meta-llama/Llama-3.3-70B-Instruct', 'Llama-3.3-70B-Instruct'],
    ['/home/me/models/qwen2.5-coder.Q4_K_M.gguf', 'qwen2.5-coder.Q4_K_M'],
    ['C:\\models\\a.gguf', 'a'],
    ['qwen3:8b', 'qwen3:8b'],
    ['/', '/'],
  ])('that a server calls %j is called %j', (model, name) => {
    expect(modelOf({ ...given, ref: `http://localhost:8080#${model}` })?.name).toBe(name);
  });
});

it('addresses that mean the same are written the same, and tied to their origin', () => {
  const url = (text: string) => {
    const parsed = parseBaseUrl(text);
    return parsed.kind === 'url' ? parsed.baseUrl : undefined;
  };
  expect(url('HTTPS://API.Example.com:443/v1/')).toBe('https://api.example.com/v1');
  expect(url(' http://[::1]:8080/ ')).toBe('http://[::1]:8080');
  expect(url('http://127.1:80')).toBe('http://127.0.0.1');
  expect(url('unix:///run/llama.sock')).toBe('unix:/run/llama.sock');
  expect(originOf('https://api.example.com/v1')).toBe('https://api.example.com');
  expect(originOf('unix:/run/llama.sock')).toBe('unix:/run/llama.sock');
});
