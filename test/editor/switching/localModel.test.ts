import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/base/failure.ts';
import { Choice } from '../../../src/editor/switching/choice.ts';
import { LocalModel } from '../../../src/editor/switching/localModel.ts';
import { LiveSettings } from '../../../src/editor/settings.ts';
import type { Chunk, InfillRequest } from '../../../src/models/model.ts';
import { FakeClock, settle } from '../../support/clock.ts';
import { FakeEngineChild, report } from '../../support/fakeEngineChild.ts';
import { LogLines } from '../../support/log.ts';
import { FakeWorkspace } from '../../support/vscodeStores.ts';

const request: InfillRequest = { kind: 'infill', document: 'd', windows: [], line: '', maxTokens: 9, patienceMs: 0 };
const server = 'http://localhost:8080#qwen';

function start(user: Record<string, unknown>) {
  const workspace = new FakeWorkspace(user);
  const settings = new LiveSettings(workspace.asWorkspace);
  const children: FakeEngineChild[] = [];
  const spawn = () => {
    const child = new FakeEngineChild();
    children.push(child);
    return child;
  };
  const threads = { get: () => undefined, set: () => undefined };
  const files = (): readonly string[] => choice.embeddedFiles();
  const local = new LocalModel({ settings, files, spawn, clock: new FakeClock(), log: new LogLines(), threads });
  const choice: Choice = new Choice({ settings, embedded: local.modelOf, guessCard: () => 'generic' });
  choice.onDidChange(local.follow);
  const heard = { ready: 0, changed: 0, failed: [] as Failure[] };
  local.onDidBecomeReady(() => (heard.ready += 1));
  local.onDidChange(() => (heard.changed += 1));
  local.onDidFail((failure) => heard.failed.push(failure));
  /** Wakes the engine of a file and lets it load. */
  const load = (file: string): FakeEngineChild => {
    local.wake(file);
    const child = children.at(-1);
    if (child === undefined) throw new Error('no engine was started');
    child.loads();
    return child;
  };
  const end = () => [choice, local, settings].forEach((each) => each.dispose());
  return { workspace, settings, local, choice, children, load, heard, end };
}

/** Reads an answer of the role's model until it ends or fails. */
async function ask({ local, choice }: ReturnType<typeof start>, role: 'completion' | 'chat'): Promise<unknown> {
  const model = choice.modelFor(role);
  if (model?.provider !== 'embedded') throw new Error('the model is not embedded');
  const chunks: Chunk[] = [];
  const none = (): Promise<never> => Promise.reject(new Error('the engine sends nothing'));
  const provider = local.providerOf(model);
  try {
    for await (const chunk of provider.stream(request, none, () => undefined, new AbortController().signal)) {
      chunks.push(chunk);
    }
    return chunks.map((chunk) => (chunk.kind === 'text' ? chunk.text : chunk.kind)).join(' ');
  } catch (error) {
    return (error as Failure).kind;
  }
}

describe('the engines', () => {
  it('are one for both roles with the same file, two with two', async () => {
    const given = start({ 'local.modelPath': '/a.gguf' });
    const { local, choice, children, load } = given;
    load('/a.gguf');
    local.wake('/b.gguf');
    expect(children).toHaveLength(1);
    await choice.set(['chat'], 'embedded:/b.gguf');
    load('/b.gguf');
    expect([local.stateOf('/a.gguf').kind, local.stateOf('/b.gguf').kind]).toEqual(['ready', 'ready']);
    expect(given.heard.ready).toBe(2);
    await choice.set(['completion'], 'embedded:/b.gguf');
    expect([children[0]?.isKilled, children[1]?.isKilled]).toEqual([true, false]);
    given.end();
  });

  it('of a role that moves to a server end', async () => {
    const given = start({ 'local.modelPath': '/a.gguf' });
    const { choice, load } = given;
    const engine = load('/a.gguf');
    await choice.set(['completion'], server);
    expect(engine.isKilled).toBe(false);
    await choice.set(['chat'], server);
    expect(engine.isKilled).toBe(true);
    given.end();
  });

  it('finish what streams before they end', async () => {
    const given = start({ 'local.modelPath': '/a.gguf', 'chat.model': server });
    const { choice, load } = given;
    const engine = load('/a.gguf');
    const answer = ask(given, 'completion');
    await settle();
    const [asked] = engine.told('infill');
    await choice.set(['completion'], server);
    expect(engine.isKilled).toBe(false);
    engine.says({ type: 'text', id: asked?.id ?? 0, text: 'all of it', report: report(3) });
    engine.says({ type: 'end', id: asked?.id ?? 0, reason: 'endOfText', report: report(3) });
    expect(await answer).toBe('all of it end');
    expect(engine.isKilled).toBe(true);
    given.end();
  });

  it('go on where a role comes back before the last answer ended', async () => {
    const given = start({ 'local.modelPath': '/a.gguf', 'chat.model': server });
    const { local, choice, load } = given;
    const engine = load('/a.gguf');
    const answer = ask(given, 'completion');
    await settle();
    await choice.set(['completion'], server);
    await choice.set(['completion'], '');
    engine.says({ type: 'end', id: engine.told('infill')[0]?.id ?? 0, reason: 'endOfText', report: report(0) });
    expect(await answer).toBe('end');
    expect(engine.isKilled).toBe(false);
    expect(local.stateOf('/a.gguf').kind).toBe('ready');
    given.end();
  });

  it('start anew when they are to be run differently', async () => {
    const given = start({ 'local.modelPath': '/a.gguf' });
    const { local, workspace, children, load } = given;
    load('/a.gguf');
    await workspace.getConfiguration().update('local.device', 'cpu', true);
    expect(children[0]?.isKilled).toBe(true);
    local.wake('/a.gguf');
    expect(children[1]?.isKilled).toBe(false);
    given.end();
  });

  it('that are not in use are neither started nor told about', () => {
    const given = start({ 'completion.model': server, 'chat.model': server, 'local.modelPath': '/a.gguf' });
    given.local.wake('/a.gguf');
    given.local.restart();
    expect(given.children).toEqual([]);
    expect(given.heard).toEqual({ ready: 0, changed: 0, failed: [] });
    given.end();
  });
});
