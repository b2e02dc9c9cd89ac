/** A starter model is fetched here: through passages, piece by piece, and it only counts once its checksum is right. */
import { join } from 'node:path';
import { asFailure, Failure } from '../base/failure.ts';
import type { Ending, Passage } from '../egress/gate.ts';
import { PartFile, sizeOf } from './partFile.ts';
import type { Starter } from './starters.ts';

/** What a fetch needs. */
export interface FetchNeeds {
  readonly starter: Starter;
  /** Where the file shall be; made where there is none. */
  readonly folder: string;
  /** Opens the door to one URL, without a key; each hop of a redirect is one of its own. */
  readonly openPassage: (url: string, signal: AbortSignal) => Promise<Passage>;
  /** So many bytes of the file are there. Called with every piece. */
  readonly onProgress: (doneBytes: number) => void;
}

/** A hub that sends on more often than this goes in circles. */
const mostHops = 5;

/**
 * Fetches the file, going on where an earlier fetch was stopped or cut, and gives back its path. A file that is there
 * already is not fetched again. Whatever goes wrong, there is never a file of that name that is not the whole model.
 * @throws Failure `aborted`; `denied` for a host that is not on the starter's list, or by policy; `unreachable` when the
 * connection was cut (what arrived is kept); `modelInvalid` when it is not the file that was promised (nothing is
 * kept); `diskFailed`; and what the passage throws.
 */
export async function fetchModel(needs: FetchNeeds, signal: AbortSignal): Promise<string> {
  const { starter, folder, onProgress } = needs;
  const file = join(folder, starter.file);
  if ((await sizeOf(file)) === starter.bytes) return file;
  const part = await PartFile.open(file, starter.bytes, signal);
  try {
    if (part.doneBytes > starter.bytes) part.restart();
    onProgress(part.doneBytes);
    if (part.doneBytes < starter.bytes) await receive(needs, part, signal);
    if (part.sha256 !== starter.sha256) {
      await part.remove();
      throw notTheFile(starter, 'its checksum is wrong');
    }
    await part.finish();
    return file;
  } finally {
    await part.close();
  }
}

/** Everything that is missing, from the first answer that is no redirect. */
async function receive(needs: FetchNeeds, part: PartFile, signal: AbortSignal): Promise<void> {
  const { passage, response } = await answerTo(needs, await rangeHeaders(part), signal);
  const reader = response.body?.getReader();
  try {
    if (response.status === 416) part.restart();
    else {
      await takeHead(needs.starter, part, response);
      await takeBody(needs, part, reader, signal);
    }
    passage.close({ outcome: 'finished' });
  } catch (error) {
    const failure = signal.aborted ? stopped(error) : asFailure(error, 'unexpected', 'showLog');
    passage.close(endingOf(failure));
    if (failure.kind === 'modelInvalid') await part.remove();
    throw failure;
  } finally {
    // Closes the connection where something is left to read; it may be broken already, which is what was thrown.
    await reader?.cancel().catch(() => undefined);
  }
  // The part does not fit the file of today. Once more at most: from the beginning, no range is asked for.
  if (response.status === 416) await receive(needs, part, signal);
}

async function rangeHeaders(part: PartFile): Promise<Record<string, string>> {
  const plain = { 'accept-encoding': 'identity' };
  if (part.doneBytes === 0) return plain;
  const validator = await part.validator();
  return {
    ...plain,
    range: `bytes=${part.doneBytes}-`,
    ...(validator === undefined ? {} : { 'if-range': validator }),
  };
}

/** Follows redirects, each through a passage of its own; the last one is still open. */
async function answerTo(
  { starter, openPassage }: FetchNeeds,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<{ readonly passage: Passage; readonly response: Response }> {
  let url = checkedHop(starter, starter.url, undefined);
  for (let hops = 0; hops < mostHops; hops += 1) {
    const passage = await openPassage(url.href, signal);
    try {
      const response = await passage.send(url.href, { method: 'GET', headers, redirect: 'manual', signal });
      const location = isRedirect(response) ? response.headers.get('location') : undefined;
      // "No such range" answers only somebody who asked for one.
      const isRefused = response.status >= 400 && (response.status !== 416 || headers['range'] === undefined);
      if (location === undefined && !isRefused) return { passage, response };
      await response.body?.cancel();
      if (isRefused) throw refusal(starter, url, response);
      url = checkedHop(starter, location ?? '', url);
      passage.close({ outcome: 'finished' });
    } catch (error) {
      const failure = signal.aborted ? stopped(error) : asFailure(error, 'unexpected', 'showLog');
      passage.close(endingOf(failure));
      throw failure;
    }
  }
  throw new Failure('badResponse', `${new URL(starter.url).host} sent the download of ${starter.name} in circles.`);
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/** The URL to ask next, if it may be asked: a host of the list, and never unencrypted where the first was not. */
function checkedHop(starter: Starter, location: string, from: URL | undefined): URL {
  const url = URL.parse(location, from?.href);
  const host = from?.host ?? new URL(starter.url).host;
  if (url === null) throw new Failure('badResponse', `${host} sent the download on to nowhere.`, { facts: { host } });
  const isListed = starter.hosts.some((listed) =>
    listed.startsWith('*.') ? url.hostname.endsWith(listed.slice(1)) : url.hostname === listed,
  );
  if (isListed && url.protocol === new URL(starter.url).protocol && url.username === '') return url;
  const to = isListed ? `${url.protocol}//${url.host}` : url.host;
  throw new Failure(
    'denied',
    `${host} sent the download of ${starter.name} on to ${to}, which may not be asked for it. Nothing was sent there.`,
    { facts: { host: url.host, rule: 'hosts of the download' } },
  );
}

function refusal(starter: Starter, { host }: URL, { status }: Response): Failure {
  const facts = { host, status };
  const message = `${host} did not give ${starter.name}: it answered ${status}.`;
  if (status === 429) return new Failure('rateLimited', message, { facts });
  return new Failure('badResponse', message, { facts });
}

/** Checks that what follows is what was asked for, before a gigabyte of something else arrives. */
async function takeHead(starter: Starter, part: PartFile, { status, headers }: Response): Promise<void> {
  if (status === 206) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    const isTotalRight = total === '*' || Number(total) === starter.bytes;
    if (Number(from) !== part.doneBytes || !isTotalRight) throw notTheFile(starter, 'its size is another');
    return;
  }
  if (status !== 200) throw new Failure('badResponse', `The download was answered with ${status}.`);
  part.restart();
  const length = headers.get('content-length');
  const isPlain = ['', 'identity'].includes(headers.get('content-encoding') ?? '');
  if (isPlain && length !== null && Number(length) !== starter.bytes) {
    throw notTheFile(starter, 'its size is another');
  }
  const etag = headers.get('etag');
  // A weak one does not promise the same bytes (RFC 9110, 8.8.1).
  await part.setValidator(etag?.startsWith('"') === true ? etag : undefined);
}

async function takeBody(
  { starter, onProgress }: FetchNeeds,
  part: PartFile,
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const piece = await reader?.read().catch((error: unknown) => {
      throw signal.aborted ? stopped(error) : cutOff(starter, part, error);
    });
    if (piece === undefined || piece.done) break;
    if (signal.aborted) throw stopped();
    if (part.doneBytes + piece.value.length > starter.bytes) throw notTheFile(starter, 'it is longer');
    await part.write(piece.value);
    onProgress(part.doneBytes);
  }
  if (part.doneBytes < starter.bytes) throw cutOff(starter, part);
}

function cutOff({ name, url, bytes }: Starter, { doneBytes }: PartFile, cause?: unknown): Failure {
  const megabytes = (count: number): number => Math.floor(count / 1e6);
  return new Failure(
    'unreachable',
    `The download of ${name} was cut off after ${megabytes(doneBytes)} of ${megabytes(bytes)} MB. Fetch it again to go on from there.`,
    { cause, facts: { host: new URL(url).host }, phase: 'midStream' },
  );
}

function notTheFile({ name, url }: Starter, why: string): Failure {
  return new Failure(
    'modelInvalid',
    `What ${new URL(url).host} sent is not the ${name} that Paddock knows: ${why}. It was not kept.`,
    { facts: { host: new URL(url).host } },
  );
}

function stopped(cause?: unknown): Failure {
  return new Failure('aborted', 'Stopped.', { cause });
}

function endingOf({ kind, phase }: Failure): Ending {
  if (kind === 'aborted') return { outcome: 'stopped' };
  return phase === 'midStream' ? { outcome: 'cut' } : { outcome: 'failed', failure: kind };
}
