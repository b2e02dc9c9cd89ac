/** A server that looks like llama-server and answers every request with the same words, as fast as it is told. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SmallServer {
  /** Base URL. */
  readonly url: string;
  /** Paths asked for so far, oldest first. */
  readonly paths: readonly string[];
  /** Answers to `/infill` that were read to their end, and those that were not. */
  readonly ended: readonly ('finished' | 'left')[];
  readonly keys: readonly string[];
  /** Between two words, ms. */
  gapMs: number;
  stop(): Promise<void>;
}

/** Starts one on a free port of this computer. */
export async function startSmallServer(words: readonly string[]): Promise<SmallServer> {
  const [paths, ended, keys]: [string[], ('finished' | 'left')[], string[]] = [[], [], []];
  const small = { paths, ended, keys, gapMs: 0 };
  const server = http.createServer((request, response) => {
    paths.push(request.url ?? '');
    if (request.headers.authorization !== undefined) keys.push(request.headers.authorization);
    request.resume();
    if (request.url === '/infill') void answer(response, words, small);
    else if (request.url === '/props')
      json(response, { default_generation_settings: { n_ctx: 4096 }, build_info: 'b1' });
    else if (request.url === '/v1/models') json(response, { data: [{ id: 'small', owned_by: 'llamacpp' }] });
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return Object.assign(small, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop });
}

function json(response: http.ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function answer(
  response: http.ServerResponse,
  words: readonly string[],
  small: { readonly gapMs: number; readonly ended: ('finished' | 'left')[] },
): Promise<void> {
  let isLeft = false;
  response.on('close', () => {
    isLeft = !response.writableFinished;
    small.ended.push(isLeft ? 'left' : 'finished');
  });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of words) {
    await sleep(small.gapMs);
    if (isLeft) return;
    response.write(`data: ${JSON.stringify({ content, stop: false })}\n\n`);
  }
  const timings = { prompt_n: 10, predicted_n: words.length };
  response.end(`data: ${JSON.stringify({ content: '', stop: true, stop_type: 'eos', timings })}\n\n`);
}
