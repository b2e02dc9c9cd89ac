/**
 * The rooms' doors and directions. The product's promises stand on them: the indicator tells the truth because there
 * is one door to the network, and that door is one file.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { sourceFacts, type Import } from './support/sourceFacts.ts';

const root = path.resolve(import.meta.dirname, '..');

/** Which rooms each room may import, beside itself. */
const below: Record<string, readonly string[]> = {
  base: [],
  models: ['base'],
  ledger: ['base', 'models'],
  egress: ['base', 'models', 'ledger'],
  engine: ['base', 'models'],
  weights: ['base', 'models', 'egress'],
  providers: ['base', 'models', 'egress', 'engine', 'weights'],
  exchange: ['base', 'models', 'ledger', 'egress', 'engine', 'weights', 'providers'],
  completion: ['base', 'models'],
  chat: ['base', 'models'],
  media: [],
};
const upper = [...Object.keys(below).filter((room) => room !== 'media'), 'editor'];
const mayImport: Record<string, readonly string[]> = { ...below, editor: upper, extension: upper };

/** What runs inside the engine's process; a bundle of its own. */
const worker = /^src\/engine\/worker(\.ts|\/.*)$/;

/** The files and rooms behind each door; nobody else opens it. */
const doors: readonly { readonly what: string; readonly modules: RegExp; readonly behind: RegExp }[] = [
  { what: 'vscode', modules: /^vscode$/, behind: /^src\/(editor\/.*|extension)\.ts$/ },
  { what: 'network', modules: /^(https?|http2|net|tls|dgram|dns|undici)(\/|$)/, behind: /^src\/egress\/wire\.ts$/ },
  {
    what: 'file system',
    modules: /^fs(\/|$)/,
    behind: /^src\/(base\/(files|holder|journal|lock)|weights\/.*|engine\/worker\/modelFile)\.ts$/,
  },
  { what: 'processes', modules: /^(child_process|cluster)$/, behind: /^src\/engine\/child\.ts$/ },
  { what: 'threads', modules: /^worker_threads$/, behind: worker },
  { what: 'clock', modules: /^(timers(\/.*)?|perf_hooks)$/, behind: /^(src\/base|media)\// },
  { what: 'the client library', modules: /^openai(\/|$)/, behind: /^src\/providers\/openai\.ts$/ },
  { what: 'line diffs', modules: /^diff$/, behind: /^src\/chat\/hunks\.ts$/ },
  { what: 'the price table', modules: /^@pydantic\/genai-prices$/, behind: /^src\/ledger\/price\.ts$/ },
  {
    what: "secretlint's rules",
    modules: /^@secretlint\/secretlint-rule-preset-recommend$/,
    behind: /^src\/egress\/mask\/secretlint\.ts$/,
  },
  { what: "the pages' libraries", modules: /^lit(\/|$)/, behind: /^media\// },
  { what: 'Markdown', modules: /^(marked|lowlight|highlight\.js)(\/|$)/, behind: /^media\/chat\/markdown\// },
  { what: 'reading rules', modules: /^(ipaddr\.js|picomatch|jsonc-parser)$/, behind: /^src\/egress\// },
  { what: 'the engine library', modules: /^(node-llama-cpp|@huggingface\/jinja)$/, behind: worker },
  {
    what: 'plain tools',
    modules: /^(path(\/posix)?|os|util|url|crypto|buffer|events|stream|string_decoder|zlib)$/,
    behind: /^src\//,
  },
];
const networkGlobals = /^(globalThis\.|self\.)?(fetch|WebSocket|EventSource|XMLHttpRequest|navigator(\.sendBeacon)?)$/;
const clockGlobals =
  /^(globalThis\.)?(Date\.now|new Date\(\)|Math\.random|performance\.\w+|crypto\.\w+|set(Timeout|Interval|Immediate))$|^globalThis\.(Date|Math|performance|crypto)$/;
/** Taken whole, any of the names above could follow. */
const anyGlobals = /^(globalThis|self)$/;
const processGlobals = /^(globalThis\.)?process(\.(env|kill|binding|dlopen|chdir))?$/;
/** Rooms that reach the file system only through base's files, and those that take the machine's clock from base. */
const journals = /^src\/base\/(files|journal|lock)\.ts$/;
const journalUsers = /^src\/(ledger\/.*|chat\/conversations?|extension)\.ts$/;
const systemClockUsers = /^src\/(base\/.*|engine\/.*|editor\/.*|extension)\.ts$/;
/** The sockets; nobody but the gate takes them. */
const wire = 'src/egress/wire.ts';
/** What is not read at activation. */
const rooms = 'src/editor/rooms.ts';
const fromNodeCrypto = /^(random\w*|getRandomValues|webcrypto|default|\*)$/;

/** Every broken rule as `file: what`; files by their path from the root, with `/`. */
function brokenRules(files: ReadonlyMap<string, string>): string[] {
  const broken: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [file, text] of files) {
    const report = (what: string): number => broken.push(`${file}: ${what}`);
    const facts = sourceFacts(file, text);
    const inside = facts.imports.filter(({ from }) => from?.startsWith('.'));
    edges.set(
      file,
      inside.map(({ from }) => path.posix.join(path.posix.dirname(file), from ?? '')),
    );
    if (mayImport[roomOf(file)] === undefined) report('is in no room');
    if (path.posix.basename(file) === 'index.ts' || facts.isBarrel) report('hands on other files');
    for (const each of facts.imports) for (const what of brokenByImport(file, each)) report(what);
    for (const name of facts.globals) for (const what of brokenByGlobal(file, name)) report(what);
  }
  return [...broken, ...cycles(edges)];
}

function brokenByImport(file: string, { from, isTypeOnly, names }: Import): string[] {
  if (from === undefined) return ['imports what only a run can tell'];
  if (!from.startsWith('.')) return brokenByPackage(file, from.replace(/^node:/, ''), names);
  const target = path.posix.join(path.posix.dirname(file), from);
  const [room, targetRoom] = [roomOf(file), roomOf(target)];
  const broken: string[] = [];
  const isProtocolOfMedia = room === 'media' && isTypeOnly && /^src\/\w+\/protocol\.ts$/.test(target);
  if (room !== targetRoom && !mayImport[room]?.includes(targetRoom) && !isProtocolOfMedia) {
    broken.push(`${room} imports ${targetRoom} (${from})`);
  }
  const isOwnEntry = target === 'src/extension.ts' || (worker.test(target) && !worker.test(file));
  if (target === wire && file !== 'src/egress/gate.ts') broken.push(`imports ${wire}; only the gate may`);
  const isLoadedLate = isTypeOnly || (file === 'src/extension.ts' && names.includes('*'));
  if (target === rooms && !isLoadedLate) broken.push(`imports ${rooms}, which extension.ts loads when it is needed`);
  if (isOwnEntry) broken.push(`imports ${target}, which nobody may`);
  const mayOpen = isTypeOnly || room === 'base' || journalUsers.test(file);
  if (journals.test(target) && !mayOpen) broken.push('opens a journal');
  if (names.includes('systemClock') && !systemClockUsers.test(file)) broken.push('takes the clock; it is injected');
  return broken;
}

function brokenByPackage(file: string, name: string, names: readonly string[]): string[] {
  const door = doors.find(({ modules }) => modules.test(name));
  if (door === undefined) return [`imports ${name}, which no room may`];
  if (!door.behind.test(file)) return [`imports ${name}: ${door.what} is not for it`];
  const hasChance = name === 'crypto' && names.some((each) => fromNodeCrypto.test(each));
  return hasChance && roomOf(file) !== 'base' ? ['takes chance from node:crypto; it is injected'] : [];
}

function brokenByGlobal(file: string, name: string): string[] {
  const hasClock = /^(base|media)$/.test(roomOf(file));
  const hasProcess = /^src\/(base|engine)\//.test(file);
  const isBroken =
    networkGlobals.test(name) ||
    anyGlobals.test(name) ||
    (clockGlobals.test(name) && !hasClock) ||
    (processGlobals.test(name) && !hasProcess);
  return isBroken ? [`uses ${name}`] : [];
}

function roomOf(file: string): string {
  const [top, room] = file.split('/');
  return top === 'media' ? 'media' : (room ?? '').replace(/\.ts$/, '');
}

function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) found.push(`${file}: cycle ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
    if (trail.includes(file) || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return found;
}

function sources(): Map<string, string> {
  const names = ['src', 'media'].flatMap((top) =>
    fs.globSync('**/*', { cwd: path.join(root, top) }).map((name) => path.join(top, name)),
  );
  const code = names.filter((name) => /\.[cm]?[jt]sx?$/.test(name)).map((name) => name.replaceAll(path.sep, '/'));
  return new Map(code.map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8')]));
}

test('every source keeps to its doors and directions', () => {
  expect(sources().size).toBeGreaterThan(0);
  expect(brokenRules(sources())).toEqual([]);
});

/** [file, a line planted in it, what must be said about it] */
const planted: readonly (readonly [string, string, string])[] = [
  ['src/completion/trigger.ts', "import * as vscode from 'vscode';", 'vscode is not for it'],
  ['src/completion/trigger.ts', "import type { Uri } from 'vscode';", 'vscode is not for it'],
  ['src/providers/openai.ts', "import https from 'node:https';", 'network is not for it'],
  ['src/egress/policy.ts', "const net = await import('net');", 'network is not for it'],
  ['src/egress/policy.ts', "import net = require('net');", 'network is not for it'],
  ['src/egress/policy.ts', "process.getBuiltinModule('node:net');", 'network is not for it'],
  ['src/egress/policy.ts', 'const { connect } = require(name);', 'only a run can tell'],
  ['src/providers/survey.ts', "import OpenAI from 'openai';", 'the client library is not for it'],
  ['src/providers/openai.ts', "import got from 'got';", 'imports got, which no room may'],
  ['src/egress/policy.ts', "import { connect } from './wire.ts';", 'only the gate may'],
  ['src/egress/gate.ts', "import http from 'node:http';", 'network is not for it'],
  ['src/editor/completions/ghostText.ts', "await fetch('https://example.com');", 'uses fetch'],
  ['src/editor/completions/ghostText.ts', "globalThis.fetch('https://example.com');", 'uses globalThis.fetch'],
  ['src/completion/trigger.ts', 'globalThis.Date.now();', 'uses globalThis.Date'],
  ['src/editor/completions/ghostText.ts', 'const { fetch: ask } = globalThis;', 'uses globalThis'],
  ['media/chat.ts', "new WebSocket('wss://example.com');", 'uses WebSocket'],
  ['src/ledger/ledger.ts', "import { readFileSync } from 'node:fs';", 'file system is not for it'],
  ['src/exchange.ts', "import { Journal } from './base/journal.ts';", 'opens a journal'],
  ['src/egress/gate.ts', "import { replaceFile } from '../base/files.ts';", 'opens a journal'],
  ['src/engine/engine.ts', "import { fork } from 'node:child_process';", 'processes is not for it'],
  ['src/engine/engine.ts', "import { getLlama } from 'node-llama-cpp';", 'the engine library is not for it'],
  ['src/completion/trigger.ts', 'const at = Date.now();', 'uses Date.now'],
  ['src/completion/trigger.ts', 'const today = new Date();', 'uses new Date()'],
  ['src/providers/openai.ts', 'setTimeout(retry, 10);', 'uses setTimeout'],
  ['src/models/choose.ts', 'const lot = Math.random();', 'uses Math.random'],
  ['src/egress/gate.ts', "import { randomUUID } from 'node:crypto';", 'takes chance'],
  ['src/egress/gate.ts', "import { systemClock } from '../base/clock.ts';", 'takes the clock'],
  ['src/editor/settings.ts', 'const key = process.env.OPENAI_API_KEY;', 'uses process.env'],
  ['src/editor/settings.ts', 'const { env } = process;', 'uses process'],
  ['src/base/store.ts', "import type { Model } from '../models/model.ts';", 'base imports models'],
  ['src/completion/suggest.ts', "import { Gate } from '../egress/gate.ts';", 'completion imports egress'],
  ['src/editor/completions/ghostText.ts', "import '../../extension.ts';", 'nobody may'],
  ['src/extension.ts', "import { buildRooms } from './editor/rooms.ts';", 'loads when it is needed'],
  ['src/editor/entrances.ts', "await import('./rooms.ts');", 'loads when it is needed'],
  ['src/engine/child.ts', "import { start } from './worker.ts';", 'nobody may'],
  ['src/engine/child.ts', "import { load } from './worker/load.ts';", 'nobody may'],
  ['src/egress/gate.ts', "import { indicator } from '../editor/indicator/indicator.ts';", 'egress imports editor'],
  ['media/chat.ts', "import type { Model } from '../src/models/model.ts';", 'media imports models'],
  ['media/chat.ts', "import { parse } from '../src/chat/protocol.ts';", 'media imports chat'],
  ['src/base/index.ts', "export { Store } from './store.ts';", 'hands on other files'],
  ['src/base/store.ts', "export * from './emitter.ts';", 'hands on other files'],
  ['src/telemetry/send.ts', 'export const sent = 1;', 'is in no room'],
  ['src/base/store.ts', "import { own } from './store.ts';", 'cycle'],
];

test.each(planted)('in %s, %j is reported', (file, line, complaint) => {
  expect(brokenRules(new Map([[file, line]])).join('\n')).toContain(`${file}: `);
  expect(brokenRules(new Map([[file, line]])).join('\n')).toContain(complaint);
});

test('what only looks like a broken rule is not reported', () => {
  const file = `
    import type { Message } from '../src/chat/protocol.ts';
    // fetch('https://example.com')
    interface Server { fetch(url: string): Message; setTimeout: number }
    export const ask = (server: Server, fetch: Server['fetch']) => [server.fetch('x'), fetch('fetch(1)'), { Date: 1 }];`;
  expect(brokenRules(new Map([['media/chat.ts', file]]))).toEqual([]);
  expect(brokenRules(new Map([['src/ledger/ledger.ts', 'export const day = (ms: number) => new Date(ms);']]))).toEqual(
    [],
  );
});

test('a cycle over several files is reported', () => {
  const files = {
    'src/base/a.ts': "import './b.ts';",
    'src/base/b.ts': "import './c.ts';",
    'src/base/c.ts': "import './a.ts';",
  };
  expect(brokenRules(new Map(Object.entries(files)))).toEqual([
    'src/base/a.ts: cycle src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts',
  ]);
});
