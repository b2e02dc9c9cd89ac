import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ChatTemplates } from '../../src/weights/chatTemplates.ts';
import { temporaryFolder } from '../support/folder.ts';

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const uint64 = (value: number): Buffer => Buffer.concat([uint32(value), uint32(0)]);
const text = (value: string): Buffer => Buffer.concat([uint64(Buffer.byteLength(value)), Buffer.from(value)]);
/** One entry of a header: its key, its type and its value. */
const entry = (key: string, type: number, ...value: readonly Buffer[]): Buffer =>
  Buffer.concat([text(key), uint32(type), ...value]);

/** Every type there is, an array in an array included. */
const others = [
  ...[0, 1, 7].map((type) => entry(`byte ${type}`, type, Buffer.alloc(1))),
  ...[2, 3].map((type) => entry(`short ${type}`, type, Buffer.alloc(2))),
  ...[4, 5, 6].map((type) => entry(`word ${type}`, type, Buffer.alloc(4))),
  ...[10, 11, 12].map((type) => entry(`long ${type}`, type, Buffer.alloc(8))),
  entry('general.architecture', 8, text('llama')),
  entry('tokenizer.ggml.tokens', 9, uint32(8), uint64(3), text('a'), text(''), text('ü')),
  entry('tokenizer.ggml.scores', 9, uint32(6), uint64(2), Buffer.alloc(8)),
  entry('nested', 9, uint32(9), uint64(1), uint32(4), uint64(2), Buffer.alloc(8)),
];
const template = entry('tokenizer.chat_template', 8, text('{{ messages }}'));

function header(entries: readonly Buffer[], { version = 3, magic = 'GGUF' } = {}): Buffer {
  return Buffer.concat([Buffer.from(magic), uint32(version), uint64(0), uint64(entries.length), ...entries]);
}

async function has(bytes: Buffer): Promise<boolean | undefined> {
  const file = join(temporaryFolder(), 'model.gguf');
  writeFileSync(file, bytes);
  return new ChatTemplates().look(file);
}

describe('the header of a model file', () => {
  it('says whether the file has a chat template, wherever that stands', async () => {
    expect(await has(header([...others, template]))).toBe(true);
    expect(await has(header([template, ...others]))).toBe(true);
    expect(await has(header([...others, template], { version: 2 }))).toBe(true);
    expect(await has(header(others))).toBe(false);
    const long = entry('tokenizer.ggml.merges', 8, text('m'.repeat(3_000_000)));
    expect(await has(header([long, template]))).toBe(true);
  });

  it('has none where it says nothing, or is no text', async () => {
    expect(await has(header([entry('tokenizer.chat_template', 8, text(' \n'))]))).toBe(false);
    expect(await has(header([entry('tokenizer.chat_template', 4, uint32(1))]))).toBe(false);
    expect(await has(header([entry('tokenizer.chat_template.tool_use', 8, text('{{ tools }}'))]))).toBe(false);
  });

  it('says nothing where the file is none of a known form, cut off or damaged', async () => {
    const whole = header([...others, template]);
    for (let length = 0; length < whole.length; length += 7)
      expect(await has(whole.subarray(0, length))).toBeUndefined();
    expect(await has(header([template], { version: 1 }))).toBeUndefined();
    expect(await has(header([template], { magic: 'GGML' }))).toBeUndefined();
    expect(await has(header([entry('strange', 99, uint32(1)), template]))).toBeUndefined();
    const endless = entry('tokens', 9, uint32(8), Buffer.alloc(8, 0xff), text('a'));
    expect(await has(header([endless, template]))).toBeUndefined();
    expect(await new ChatTemplates().look(temporaryFolder())).toBeUndefined();
    expect(await new ChatTemplates().look(join(temporaryFolder(), 'gone.gguf'))).toBeUndefined();
  });
});

describe('what is known of a model file', () => {
  it('is asked for at once, and told when it was read', async () => {
    const file = join(temporaryFolder(), 'model.gguf');
    writeFileSync(file, header(others));
    const templates = new ChatTemplates();
    const learned = new Promise<void>((resolve) => templates.onDidLearn(resolve));
    expect(templates.has(file)).toBeUndefined();
    await learned;
    expect(templates.has(file)).toBe(false);
    templates.dispose();
  });

  it('is looked up again when it is asked for where no template was found', async () => {
    const file = join(temporaryFolder(), 'model.gguf');
    const templates = new ChatTemplates();
    onTestFinished(() => templates.dispose());
    expect(await templates.look(file)).toBeUndefined();
    for (const [entries, found] of [
      [others, false],
      [[...others, template], true],
    ] as const) {
      writeFileSync(file, header(entries));
      const learned = new Promise<void>((resolve) => templates.onDidLearn(resolve));
      templates.has(file);
      await learned;
      expect(templates.has(file)).toBe(found);
    }
  });

  it('is read once for each version of the file', async () => {
    const file = join(temporaryFolder(), 'model.gguf');
    const [speaking, mute] = [
      header([template]),
      header([entry('tokenizer.chat_templatx', 8, text('{{ messages }}'))]),
    ];
    const at = new Date('2026-01-01');
    writeFileSync(file, speaking);
    utimesSync(file, at, at);
    const templates = new ChatTemplates();
    expect(await templates.look(file)).toBe(true);
    writeFileSync(file, mute);
    utimesSync(file, at, at);
    expect(await templates.look(file)).toBe(true);
    utimesSync(file, at, new Date('2026-01-02'));
    expect(await templates.look(file)).toBe(false);
    expect(templates.has(file)).toBe(false);
  });
});
