import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureModel } from '../../scripts/lib/models.mjs';
import type { FailureKind } from '../../src/base/failure.ts';
import { ChatTemplates, noChatTemplate } from '../../src/weights/chatTemplates.ts';
import { temporaryFolder } from '../support/folder.ts';
import { answerTo, realEngine } from '../support/realEngine.ts';

/** The first bytes of the demo model, changed as told. */
function broken(folder: string, demo: string, length: number, change = (bytes: Buffer): Buffer => bytes): string {
  const file = path.join(folder, 'model.gguf');
  const handle = fs.openSync(demo, 'r');
  const bytes = Buffer.alloc(Math.min(length, fs.fstatSync(handle).size));
  fs.readSync(handle, bytes);
  fs.closeSync(handle);
  fs.writeFileSync(file, change(bytes));
  return file;
}

const whole = Infinity;

/** The name of the architecture, in every place, replaced by one as long. */
function otherArchitecture(bytes: Buffer): Buffer {
  const header = bytes.subarray(0, 4096).toString('latin1').replace('llama', 'lxama');
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes.subarray(4096)]);
}

const cases: readonly (readonly [string, (folder: string, demo: string) => string, FailureKind, RegExp])[] = [
  ['a file that is not there', (folder) => path.join(folder, 'no.gguf'), 'modelMissing', /does not exist/],
  ['a folder', (folder) => folder, 'modelInvalid', /is a folder/],
  ['an empty file', (folder, demo) => broken(folder, demo, 0), 'modelInvalid', /is empty/],
  [
    'random bytes',
    (folder, demo) => broken(folder, demo, 5000, (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))),
    'modelInvalid',
    /is not a GGUF/,
  ],
  ['a few bytes', (folder, demo) => broken(folder, demo, 10), 'modelInvalid', /cut off/],
  ['a header cut off', (folder, demo) => broken(folder, demo, 3000), 'modelInvalid', /"model\.gguf"/],
  ['weights cut off', (folder, demo) => broken(folder, demo, 50_000_000), 'modelInvalid', /cut off or damaged/],
  [
    'an architecture nobody knows',
    (folder, demo) => broken(folder, demo, whole, otherArchitecture),
    'modelUnsupported',
    /architecture "lxama"/,
  ],
];

describe('a model file that will not do is refused with the reason:', () => {
  test.each(cases)('%s', async (_, make, kind, message) => {
    const file = make(temporaryFolder(), await ensureModel('demo'));
    const { engine, processIds } = await realEngine({ file });
    const failure = await answerTo(engine, {}).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(message) as string, action: 'chooseModel' });
    expect(processIds).toHaveLength(1);
    engine.dispose();
  });
});

test('a file without a chat template is known by its header, and refused for chat with the same words', async () => {
  const demo = await ensureModel('demo');
  const withoutTemplate = (bytes: Buffer): Buffer => {
    const at = bytes.indexOf('tokenizer.chat_template');
    expect(at).toBeGreaterThan(0);
    bytes.write('tokenizer.chat_templatX', at);
    return bytes;
  };
  const file = broken(temporaryFolder(), demo, whole, withoutTemplate);
  const templates = new ChatTemplates();
  expect([await templates.look(demo), await templates.look(file)]).toEqual([true, false]);
  const { engine } = await realEngine({ file });
  const ask = async (): Promise<void> => {
    const request = { kind: 'chat', messages: [{ role: 'user', text: 'Hi' }], items: [] } as const;
    for await (const _ of engine.chat(request, () => undefined, new AbortController().signal));
  };
  const words = noChatTemplate('').message;
  await expect(ask()).rejects.toMatchObject({
    kind: 'modelUnsupported',
    message: expect.stringContaining(words) as string,
  });
  expect((await answerTo(engine, { maxTokens: 1 })).end).toBeDefined();
  engine.dispose();
});

test('a path with spaces and letters beyond ASCII works', async () => {
  const folder = path.join(temporaryFolder(), 'Modelle für 日本');
  fs.mkdirSync(folder);
  const file = path.join(folder, 'mein Modell ä.gguf');
  fs.symlinkSync(await ensureModel('demo'), file);
  const { engine } = await realEngine({ file });
  expect((await answerTo(engine, { maxTokens: 1 })).end).toBeDefined();
  engine.dispose();
});

test('a context that cannot fit into memory is refused with both numbers', async () => {
  const { engine } = await realEngine({ file: await ensureModel('demo') }, { contextTokens: 40_000_000 });
  await expect(answerTo(engine, {})).rejects.toMatchObject({ kind: 'outOfMemory', message: /GB of memory and .* GB/ });
  engine.dispose();
});
