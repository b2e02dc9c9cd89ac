import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { buildWebview } from '../../esbuild.mjs';
import { temporaryFolder } from '../support/folder.ts';

it('keeps the scripts of the chat at most 150 kB, packed', async () => {
  const folder = temporaryFolder();
  await buildWebview('chat', folder);
  const script = readFileSync(path.join(folder, 'media', 'chat', 'main.js'));
  expect(gzipSync(script).length).toBeLessThan(150_000);
});
