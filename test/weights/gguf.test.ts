import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkModelFile, findModelFiles, nameOfFile } from '../../src/weights/gguf.ts';
import { embeddedModel } from '../../src/weights/embedded.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('looking at a model file', () => {
  it('takes a file that begins as GGUF does', async () => {
    const path = join(temporaryFolder(), 'modèle x.gguf');
    writeFileSync(path, 'GGUF and more');
    await expect(checkModelFile(path)).resolves.toEqual({ path, bytes: 13 });
  });

  it.each([
    ['nothing there', () => undefined, 'modelMissing'],
    ['a folder', (path: string) => mkdirSync(path), 'modelInvalid'],
    ['an empty file', (path: string) => writeFileSync(path, ''), 'modelInvalid'],
    ['another kind of file', (path: string) => writeFileSync(path, 'PK\u0003\u0004'), 'modelInvalid'],
  ])('refuses %s and offers to choose another', async (_name, make, kind) => {
    const path = join(temporaryFolder(), 'x.gguf');
    make(path);
    await expect(checkModelFile(path)).rejects.toMatchObject({ kind, action: 'chooseModel' });
  });
});

describe('finding model files', () => {
  it('lists those in known folders, one entry per split model, without what is no model', async () => {
    const home = temporaryFolder();
    const put = (name: string): void => {
      mkdirSync(join(home, name, '..'), { recursive: true });
      writeFileSync(join(home, name), 'GGUF');
    };
    put('.lmstudio/models/org/repo/a.Q4_K_M.gguf');
    put('models/big-00001-of-00002.gguf');
    put('models/big-00002-of-00002.gguf');
    put('models/mmproj-a.gguf');
    put('models/readme.md');
    put('elsewhere/b.gguf');
    symlinkSync(join(home, 'gone.gguf'), join(home, 'models/broken.gguf'));
    const found = await findModelFiles(home);
    expect(found.map(({ path }) => path.slice(home.length + 1))).toEqual([
      '.lmstudio/models/org/repo/a.Q4_K_M.gguf',
      'models/big-00001-of-00002.gguf',
    ]);
  });

  it('lists those in other folders too', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'fetched.gguf'), 'GGUF');
    await expect(findModelFiles(temporaryFolder(), folder)).resolves.toEqual([
      { path: join(folder, 'fetched.gguf'), bytes: 4 },
    ]);
  });

  it('finds nothing in an empty home', async () => {
    await expect(findModelFiles(temporaryFolder())).resolves.toEqual([]);
  });
});

describe('the name of a model file', () => {
  it.each([
    ['/m/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf', 'qwen2.5-coder-1.5b-instruct'],
    ['/m/SmolLM2-135M-Instruct.Q4_1.gguf', 'SmolLM2-135M-Instruct'],
    ['/m/Llama-3.2-1B-Instruct-IQ4_XS.gguf', 'Llama-3.2-1B-Instruct'],
    ['/m/Meta-Llama-3-8B.f16.gguf', 'Meta-Llama-3-8B'],
    ['/m/big-00001-of-00002.gguf', 'big'],
    ['/m/q4.gguf', 'q4'],
  ])('%s is called %s', (path, name) => {
    expect(nameOfFile(path)).toBe(name);
  });
});

describe('the model of a file', () => {
  it('is called by its file, whatever the file calls itself, and none when no file is chosen', () => {
    expect(embeddedModel('/m/Llama-3.2-1B.Q4_0.gguf', 'run 17 ep2')).toEqual({
      id: 'embedded:/m/Llama-3.2-1B.Q4_0.gguf',
      name: 'Llama-3.2-1B',
      provider: 'embedded',
      file: '/m/Llama-3.2-1B.Q4_0.gguf',
    });
    expect(embeddedModel('', undefined)).toBeUndefined();
  });

  it('is called what the file calls itself where the name is only a checksum', () => {
    const blob = `/ollama/blobs/sha256-${'0a'.repeat(32)}`;
    expect(embeddedModel(blob, 'Llama 3.2')?.name).toBe('Llama 3.2');
    expect(embeddedModel(blob, undefined)?.name).toBe('sha256-0a0a0a0a');
  });
});
