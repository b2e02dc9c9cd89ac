import { describe, expect, it } from 'vitest';
import type { Resting } from '../../../src/completion/trigger.ts';
import { Failure } from '../../../src/base/failure.ts';
import { hoverCommands } from '../../../src/editor/indicator/indicatorHover.ts';
import type { IndicatorState, RoleView } from '../../../src/editor/indicator/indicatorState.ts';
import { indicatorView } from '../../../src/editor/indicator/indicatorView.ts';
import { menuRows } from '../../../src/editor/indicator/menu.ts';
import type { EngineFacts } from '../../../src/engine/messages.ts';
import type { Intent, Route, Settlement } from '../../../src/ledger/entry.ts';
import { emptyTally, fold, type Tally } from '../../../src/ledger/tally.ts';

const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const facts: EngineFacts = {
  modelName: 'Llama 3.2',
  architecture: 'llama',
  hasInfillTokens: false,
  hasChatTemplate: true,
  chatContextTokens: 8192,
  contextTokens: 2048,
  device: 'CPU',
  cpuReason: 'No GPU was found.',
  gpuLayers: 0,
  totalLayers: 31,
  threads: { prefill: 2, decode: 1 },
  prefillTokPerS: 171.4,
  decodeTokPerS: 31.2,
  fileBytes: 98_362_432,
  loadMs: 900,
  libraryStartMs: 200,
};
const ready = { kind: 'ready', facts } as const;
const llama: RoleView = {
  ...{ id: 'm', name: 'Llama 3.2', route, server: undefined, engine: ready, last: undefined },
  ...{ vendor: undefined, isMetered: false },
};
const qwen: RoleView = {
  ...llama,
  id: 'http://localhost:11434#qwen3',
  name: 'qwen3',
  route: { ...route, kind: 'loopback', host: 'localhost:11434' },
  server: 'Ollama',
  engine: undefined,
};
const unknown: RoleView = {
  ...qwen,
  id: 'http://localhost:4000#qwen3',
  route: { ...route, kind: 'loopback', evidence: 'assumed', host: 'localhost:4000' },
  server: undefined,
};
const team: RoleView = {
  ...qwen,
  id: 'team',
  route: { ...route, kind: 'private', host: '10.0.0.5:8000' },
  server: undefined,
};
const gpt: RoleView = {
  ...qwen,
  id: 'gpt',
  name: 'gpt-x',
  route: { ...route, kind: 'internet', host: 'api.openai.com' },
  server: 'OpenAI',
  vendor: 'openai',
  isMetered: true,
};
const both = (view: RoleView): Partial<IndicatorState> => ({ completion: view, chat: view });
const embedded = (change: Partial<RoleView>) => both({ ...llama, ...change });
const ceiling = (kind: IndicatorState['ceiling']['ceiling']) => ({
  ceiling: { ceiling: kind, source: 'your settings' },
});
const sending = { modelName: 'gpt-x', host: 'api.openai.com', promptTokens: undefined };
/** A download, which no request of the user's waits for. */
const errand = { modelName: undefined, host: 'huggingface.co', promptTokens: undefined };
const idle: IndicatorState = {
  completion: llama,
  chat: llama,
  running: { elapsedS: undefined, sending: undefined, isStoppable: false },
  deniedBy: undefined,
  ...ceiling('any'),
  ownCeiling: 'any',
  consents: [],
  problems: [],
  ...{ today: emptyTally, day: '2026-11-22', month: emptyTally, session: emptyTally },
  ...{ forecast: undefined, limits: [], recentThatLeft: [] },
  resting: undefined,
  whyNone: undefined,
  servedFrom: undefined,
  neighbours: [],
};

function afterRequest(counts: { decodeTokPerS?: number; route?: Route } = {}): Tally {
  const intent: Intent = {
    kind: 'intent',
    id: 'a',
    atMs: 0,
    purpose: { role: 'completion', initiator: 'automatic' },
    modelId: 'm',
    modelName: 'Llama 3.2',
    route: counts.route ?? route,
    items: [],
  };
  const settlement: Settlement = {
    kind: 'settlement',
    id: 'a',
    atMs: 1,
    outcome: 'finished',
    failure: undefined,
    usage: { promptTokens: 320, cachedTokens: 318, completionTokens: 12, source: 'engine' },
    speed: { firstTokenMs: 80.4, prefillTokPerS: undefined, decodeTokPerS: counts.decodeTokPerS },
    cost: { basis: 'unmetered' },
  };
  return [intent, settlement].reduce(fold, emptyTally);
}

/** The same, as the model shows it. */
const seen = (counts: { decodeTokPerS?: number } = {}) => ({ last: afterRequest(counts).lastOf.get('m') });

describe('the status bar item', () => {
  const resting = (kind: Resting, words: string) => ({ resting: { kind, words } });
  const states: [string, Partial<IndicatorState>, string][] = [
    ['only completions', { chat: undefined }, '$(device-desktop) Llama 3.2 · this computer'],
    [
      'a model for completions that nobody understands',
      { completion: undefined, problems: ['No such model.'] },
      '$(warning) Chat: Llama 3.2 · this computer',
    ],
    [
      'a model for chat that nobody understands',
      { chat: undefined, problems: ['No such model.'] },
      '$(warning) Code: Llama 3.2 · this computer',
    ],
    [
      'no model, because nobody understands what is set',
      { completion: undefined, chat: undefined, problems: ['No such model.'] },
      '$(warning) Paddock: choose model',
    ],
    ['a speed nobody measured', embedded(seen()), '$(device-desktop) Llama 3.2 · this computer'],
    ['two places', { chat: gpt }, '$(cloud) Code: this computer · Chat: OpenAI'],
    [
      'sending for long, while completions are paused',
      { ...both(gpt), ...resting('paused', 'paused'), running: { elapsedS: 7, sending, isStoppable: true } },
      '$(cloud-upload) gpt-x → api.openai.com · 7 s',
    ],
    [
      'fetching something without a model',
      {
        completion: undefined,
        chat: undefined,
        running: { elapsedS: undefined, sending: errand, isStoppable: false },
      },
      '$(cloud-upload) Paddock → huggingface.co',
    ],
    [
      'thinking for long, asked for by hand',
      { ...resting('manualMode', 'on request'), running: { elapsedS: 4, sending: undefined, isStoppable: true } },
      '$(device-desktop) Llama 3.2 · this computer · 4 s',
    ],
    [
      'chat thinking for long while completions are paused',
      { ...resting('paused', 'paused'), running: { elapsedS: 4, sending: undefined, isStoppable: true } },
      '$(device-desktop) Llama 3.2 · this computer · 4 s',
    ],
    ['its own engine only', ceiling('device'), '$(shield) Llama 3.2 · this computer only'],
    ['a server here, then', { ...both(qwen), ...ceiling('loopback') }, '$(shield) qwen3 · this computer only'],
    [
      'a server here that may forward, where only this computer is allowed',
      { ...both(unknown), ...ceiling('loopback') },
      '$(question) :4000 · this computer, may forward',
    ],
    [
      'one that may forward beside one that is not allowed',
      { completion: unknown, chat: gpt, ...ceiling('loopback') },
      '$(question) :4000 + gpt-x · not allowed · this computer, may forward',
    ],
    [
      'a server here that may forward, where only the engine may be asked',
      { ...both(unknown), ...ceiling('device') },
      '$(shield) :4000 · not allowed · this computer only',
    ],
    [
      'a server here, where only the engine may be asked',
      { ...both(qwen), ...ceiling('device') },
      '$(shield) qwen3 · not allowed · this computer only',
    ],
    [
      'a closed API, where only this computer is allowed',
      { chat: gpt, ...ceiling('loopback') },
      '$(shield) Llama 3.2 + gpt-x · not allowed · this computer only',
    ],
    [
      'a ceiling that leaves other computers',
      { ...both(team), ...ceiling('private') },
      '$(server) qwen3 · private network',
    ],
  ];
  it.each(states)('in the state "%s" reads as it should', (_name, change, text) => {
    expect(indicatorView({ ...idle, ...change }).text).toBe(text);
  });

  it('asks for a model when there is none, else opens the menu', () => {
    expect(indicatorView({ ...idle, completion: undefined, chat: undefined }).command).toBe('paddock.chooseModel');
    expect(indicatorView({ ...idle, completion: undefined }).command).toBe('paddock.showMenu');
    expect(indicatorView(idle).command).toBe('paddock.showMenu');
  });

  it('never says "this computer" of a role that leaves it', () => {
    for (const view of [team, gpt, { ...gpt, server: undefined }]) {
      expect(indicatorView({ ...idle, ...both(view) }).text).not.toContain('this computer');
      expect(indicatorView({ ...idle, chat: view }).text).toMatch(/Chat: (?!this computer)/);
    }
  });
});

describe('the hover', () => {
  it('says where code goes for every kind of route, and that a browser may look through a tunnel', () => {
    expect(indicatorView(idle).hover).toContain('Your code stays on this computer');
    for (const view of [qwen, unknown, team, gpt]) {
      expect(indicatorView({ ...idle, ...both(view) }).hover).not.toContain('stays on this computer');
    }
    expect(indicatorView({ ...idle, ...embedded({ route: { ...route, remote: 'box' } }) }).hover).not.toContain(
      'this computer:',
    );
    expect(indicatorView({ ...idle, servedFrom: 'localhost:8080' }).hover).toContain('localhost:8080: where that');
  });

  it.each([
    [qwen, 'Goes to Ollama at localhost:11434 on this computer. What runs there said itself that it holds the model.'],
    [unknown, 'localhost:4000 on this computer. What runs there may pass it on'],
    [team, '10.0.0.5:8000, an address of a private network. Whose computer that is'],
    [gpt, 'OpenAI at api.openai.com on the internet. The connection is held to'],
    [{ ...gpt, route: { ...gpt.route, evidence: 'assumed' } }, 'counts as the internet'],
    [
      { ...qwen, route: { ...gpt.route, host: 'localhost:11434', forwardsTo: 'ollama.com' } },
      'Ollama at localhost:11434, which said that it passes it on to ollama.com on the internet.',
    ],
    [{ ...team, route: { ...team.route, remote: 'box' } }, 'from the remote host box, an address of a private'],
  ] as const)('names the host, who runs there and how that is known', (view, words) => {
    expect(indicatorView({ ...idle, ...both(view) }).hover).toContain(words);
  });

  it('tells both roles apart where they differ', () => {
    const { hover } = indicatorView({ ...idle, chat: gpt });
    expect(hover).toContain('**Completions** · Llama 3.2 · this computer  \nYour code stays on this computer');
    expect(hover).toContain('**Chat** · gpt-x · OpenAI  \nGoes to OpenAI at api.openai.com');
  });

  it('says where the code went, from the ledger alone', () => {
    expect(indicatorView({ ...idle, today: afterRequest() }).hover).toContain('0 bytes left this computer today');
    const left = afterRequest({ route: { ...route, kind: 'internet', host: 'api.example.com' } });
    const hover = indicatorView({ ...idle, today: left }).hover;
    expect(hover).toContain('1 request, none with a body, left this computer today');
    expect(hover).not.toContain('0 bytes');
  });

  it('does not say "0 bytes" when part of the ledger could not be read', () => {
    const { hover } = indicatorView({ ...idle, today: { ...emptyTally, isPartial: true } });
    expect(hover).not.toContain('0 bytes');
    expect(hover).toContain("Part of today's ledger could not be read");
  });

  it('says "at least" while a request is not settled', () => {
    const purpose = { role: 'completion', initiator: 'automatic' } as const;
    const intent = { kind: 'intent', id: 'b', purpose, route, modelName: 'x' } as Intent;
    expect(indicatorView({ ...idle, today: fold(afterRequest(), intent) }).hover).toContain(
      '| Today | &nbsp;&nbsp;at least 320 | &nbsp;&nbsp;at least 12 |',
    );
  });

  it('tells the device, or the CPU with the reason, of each model in the engine', () => {
    expect(indicatorView(idle).hover).toContain('Engine: CPU. No GPU was found.');
    const onGpu = { ...facts, device: 'Radeon', gpuLayers: 20, cpuReason: undefined };
    const gpu = embedded({ engine: { kind: 'ready', facts: onGpu } });
    expect(indicatorView({ ...idle, ...gpu }).hover).toContain('Radeon, 20 of 31 layers on the GPU');
    const other: RoleView = { ...llama, id: 'n', name: 'SmolLM2', engine: { kind: 'ready', facts: onGpu } };
    expect(indicatorView({ ...idle, chat: other }).hover).toMatch(
      /\*\*Llama 3\.2\*\* {2}\nEngine: CPU.*\*\*SmolLM2\*\* {2}\nEngine: Radeon/s,
    );
  });

  it('tells why there was no suggestion and who else offers some', () => {
    const { hover } = indicatorView({ ...idle, whyNone: 'after a deletion', neighbours: ['Copilot', 'Tabby'] });
    expect(hover).toContain('No suggestion just now: after a deletion');
    expect(hover).toContain('Also offering inline completions here: Copilot, Tabby');
  });

  it('tells what is allowed, what was agreed to, and what nobody understands', () => {
    const consents = ['https://a.example', 'https://b.example', 'https://c.example', 'https://d.example'];
    const { hover } = indicatorView({
      ...idle,
      ...ceiling('private'),
      consents,
      problems: ['p.json, line 3: Unknown key.'],
    });
    expect(hover).toContain('Allowed by your settings: my network');
    expect(hover).toContain('https://c.example and 1 more');
    expect(hover).toContain('$(warning) p.json, line 3: Unknown key.');
    expect(indicatorView(idle).hover).not.toContain('Allowed by');
  });

  it('offers to stop what runs, in words that stay while the seconds pass', () => {
    const stop = '[Stop](command:paddock.stopRequests)';
    const hover = (running: IndicatorState['running']) => indicatorView({ ...idle, running }).hover;
    expect(indicatorView(idle).hover).not.toContain(stop);
    expect(hover({ elapsedS: 4, sending: undefined, isStoppable: true })).toContain(`A request is running. ${stop}`);
    expect(hover({ elapsedS: 4, sending: undefined, isStoppable: true })).toBe(
      hover({ elapsedS: 5, sending: undefined, isStoppable: true }),
    );
    expect(hover({ elapsedS: undefined, sending, isStoppable: true })).toContain(`Sending to api.openai.com. ${stop}`);
    expect(hover({ elapsedS: undefined, sending, isStoppable: true })).toBe(
      hover({ elapsedS: 9, sending, isStoppable: true }),
    );
  });

  it('does not offer to stop an errand, which has its own button', () => {
    const { hover } = indicatorView({ ...idle, running: { elapsedS: undefined, sending: errand, isStoppable: false } });
    expect(hover).toContain('Sending to huggingface.co.');
    expect(hover).not.toContain('paddock.stopRequests');
  });

  it('says when the engine starts, of one that only chat uses too', () => {
    const asleep: RoleView = { ...llama, engine: { kind: 'asleep' } };
    expect(indicatorView({ ...idle, ...both(asleep) }).hover).toContain('starts when you open a file');
    const { hover } = indicatorView({ ...idle, completion: qwen, chat: asleep });
    expect(hover).not.toContain('open a file');
    expect(hover).toContain('The engine starts with the first question.');
  });

  it('lets a name do nothing but be read', () => {
    const evil = '[x](command:evil) **y** $(zap)';
    const host = 'h](command:evil)';
    const view: RoleView = { ...gpt, name: evil, server: evil, route: { ...gpt.route, host } };
    const { hover } = indicatorView({ ...idle, ...both(view), problems: [evil], deniedBy: evil, consents: [evil] });
    expect(hover).not.toContain('](command:evil)');
    expect(hover).not.toContain(' $(zap)');
  });

  it('links to allowed commands only', () => {
    const failed = embedded({
      engine: { kind: 'failed', failure: new Failure('engineCrashed', 'x'), isRestarting: false },
    });
    const nothing = { completion: undefined, chat: undefined };
    for (const change of [
      {},
      failed,
      nothing,
      { running: { elapsedS: 3, sending, isStoppable: true } },
      { consents: ['x'] },
    ]) {
      const linked = [...indicatorView({ ...idle, ...change }).hover.matchAll(/command:([\w.]+)/g)].map(([, id]) => id);
      expect(linked.length).toBeGreaterThan(0);
      expect(hoverCommands).toEqual(expect.arrayContaining(linked));
    }
  });
});

describe('the menu', () => {
  const commands = (change: Partial<IndicatorState>, language?: string) =>
    menuRows({ ...idle, ...change }, language).map(({ pick }) => pick);
  it('offers what would change something', () => {
    expect(commands({}, 'python')).toContain('paddock.disableLanguage');
    expect(commands({})).not.toContain('paddock.disableLanguage');
    const paused = { resting: { kind: 'paused', words: 'paused' } as const };
    expect(commands(paused)).toContain('paddock.resume');
    expect(commands(paused)).not.toContain('paddock.pauseForAWhile');
    const off = { resting: { kind: 'languageOff', words: 'off for python' } as const };
    expect(commands(off, 'python')).toContain('paddock.enableLanguage');
  });

  it('offers to stop what runs, and to restart what can be restarted', () => {
    expect(commands({})).not.toContain('paddock.stopRequests');
    expect(commands({ running: { elapsedS: 4, sending: undefined, isStoppable: true } })[0]).toBe(
      'paddock.stopRequests',
    );
    expect(commands({ running: { elapsedS: undefined, sending: errand, isStoppable: false } })).not.toContain(
      'paddock.stopRequests',
    );
    expect(commands({})).toContain('paddock.restartEngine');
    expect(commands(both(gpt))).not.toContain('paddock.restartEngine');
  });

  it('lifts and lowers what the user set, whatever a file says', () => {
    const label = (own: IndicatorState['ownCeiling'], held: IndicatorState['ownCeiling']) =>
      menuRows({ ...idle, ...ceiling(held), ownCeiling: own }, undefined).find(
        ({ pick }) => pick === 'paddock.thisComputerOnly',
      )?.label;
    expect(label('any', 'any')).toBe('This computer only');
    expect(label('any', 'loopback')).toBe('This computer only');
    expect(label('loopback', 'loopback')).toBe('Allow other computers again');
    expect(label('loopback', 'device')).toBe('Allow other computers again');
    expect(label('device', 'device')).toBeUndefined();
  });

  it('has no signs in its labels, which are read aloud', () => {
    for (const { label } of menuRows(idle, 'python')) expect(label).not.toContain('$(');
  });
});
