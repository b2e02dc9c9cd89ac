/** Fetching a model file, from a hub that behaves well and from one that does not. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download } from '../../scripts/lib/download.mjs';
import { ensureSource, modelSources } from '../../scripts/lib/models.mjs';

const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const source = {
  title: 'Tiny',
  licence: 'Apache-2.0',
  file: 'tiny.gguf',
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  environmentVariable: 'PADDOCK_TINY_MODEL',
  hub: { repository: 'someone/tiny', revision: 'abc', file: 'tiny.gguf' },
  wheels: [],
};

let folder = '';
let hub: Server;
let requests: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'paddock-models-test-'));
  requests = [];
  answer = serveRange;
  hub = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim());
    answer(request, response);
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('PADDOCK_CACHE', folder);
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(hub.address() as AddressInfo).port}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  hub.closeAllConnections();
  hub.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a model', () => {
  it('is fetched once and verified once', async () => {
    const onProgress = vi.fn();
    const file = await ensureSource(source, { onProgress });
    expect(file).toBe(path.join(folder, 'models', 'tiny.gguf'));
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(requests).toEqual(['HEAD', 'GET'].map((method) => `${method} /someone/tiny/resolve/abc/tiny.gguf`));
    expect(onProgress).toHaveBeenLastCalledWith({
      step: 'verifying',
      doneBytes: bytes.length,
      totalBytes: bytes.length,
    });
    onProgress.mockClear();
    await ensureSource(source, { onProgress });
    expect(onProgress).not.toHaveBeenCalled();
    expect(requests).toHaveLength(2);
  });

  it('is fetched from where an interrupted attempt stopped', async () => {
    mkdirSync(path.join(folder, 'models'));
    writeFileSync(path.join(folder, 'models', 'tiny.gguf.part'), bytes.subarray(0, 60_000));
    const file = await ensureSource(source);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(requests.at(-1)).toBe('GET /someone/tiny/resolve/abc/tiny.gguf bytes=60000-');
  });

  it('with wrong bytes is refused, and nothing of it stays', async () => {
    answer = (_request, response) => response.end(Buffer.alloc(bytes.length));
    await expect(ensureSource(source)).rejects.toThrow('the bytes that arrived have the wrong sha256');
    expect(existsSync(path.join(folder, 'models', 'tiny.gguf'))).toBe(false);
    expect(existsSync(path.join(folder, 'models', 'tiny.gguf.part'))).toBe(false);
  });

  it('that changed on disk since it was verified is fetched again', async () => {
    const file = await ensureSource(source);
    writeFileSync(file, Buffer.alloc(bytes.length));
    await ensureSource(source);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('named by its variable is used where it lies, if it is the one', async () => {
    const mine = path.join(folder, 'my tiny.gguf');
    writeFileSync(mine, bytes);
    vi.stubEnv('PADDOCK_TINY_MODEL', mine);
    expect(await ensureSource(source)).toBe(mine);
    writeFileSync(mine, 'another');
    await expect(ensureSource(source)).rejects.toThrow(`PADDOCK_TINY_MODEL names ${mine}, which is not Tiny`);
    expect(requests).toEqual([]);
  });
});

describe('a download', () => {
  const url = () => `${process.env['HF_ENDPOINT']}/file`;
  const part = () => path.join(folder, 'file.part');

  it('cut in the middle keeps what came, and goes on from there', async () => {
    let cut = (): unknown => undefined;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 40_000));
      cut = () => response.destroy();
    };
    const onDisk: number[] = [];
    const onProgress = (doneBytes: number): void => {
      onDisk.push(doneBytes - (statSync(part(), { throwIfNoEntry: false })?.size ?? 0));
      if (doneBytes === 40_000) cut();
    };
    await expect(download(url(), part(), { totalBytes: bytes.length, onProgress })).rejects.toThrow();
    expect(new Set(onDisk)).toEqual(new Set([0])); // whatever was told had been written by then
    answer = serveRange;
    await download(url(), part(), { totalBytes: bytes.length });
    expect(requests.at(-1)).toBe('GET /file bytes=40000-');
    expect(readFileSync(part()).equals(bytes)).toBe(true);
  });

  it('starts afresh where the server knows no ranges', async () => {
    writeFileSync(part(), Buffer.alloc(1_000));
    answer = (_request, response) => response.end(bytes);
    await download(url(), part(), { totalBytes: bytes.length });
    expect(readFileSync(part()).equals(bytes)).toBe(true);
  });

  it('that brings nothing for a while fails', async () => {
    answer = (_request, response) => void response.writeHead(200).write(bytes.subarray(0, 10));
    await expect(download(url(), part(), { totalBytes: bytes.length, stallMs: 200 })).rejects.toThrow(
      'sent nothing for a while',
    );
  });
});

describe('the table of models', () => {
  it.each(Object.entries(modelSources))(
    'says of %s what it is, where it comes from and what it must be',
    (_name, model) => {
      expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(model.licence).toBe('Apache-2.0');
      expect(model.file).toMatch(/\.gguf$/);
      expect(model.wheels.length).toBeGreaterThan(0);
    },
  );
});

function serveRange(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(request.headers.range ? 206 : 200, { 'content-length': bytes.length - start });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start));
}
