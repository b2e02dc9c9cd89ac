import { describe, expect, it } from 'vitest';
import type { Resting } from '../../src/completion/trigger.ts';
import { Failure } from '../../src/base/failure.ts';
import { hoverCommands, indicatorView, type IndicatorState } from '../../src/editor/indicatorView.ts';
import { menuItems } from '../../src/editor/menu.ts';
import type { EngineFacts } from '../../src/engine/messages.ts';
import type { Intent, Route, Settlement } from '../../src/ledger/entry.ts';
import { emptyTally, fold, type Tally } from '../../src/ledger/tally.ts';

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
const idle: IndicatorState = {
  modelName: 'Llama 3.2',
  route,
  engine: { kind: 'ready', facts },
  today: emptyTally,
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

describe('the status bar item', () => {
  const failure = new Failure('modelInvalid', 'x.gguf is not a GGUF model file.', { action: 'chooseModel' });
  const resting = (kind: Resting, words: string) => ({ resting: { kind, words } });
  const states: [string, Partial<IndicatorState>, string][] = [
    ['no model', { modelName: undefined }, '$(add) Paddock: choose model'],
    [
      'an engine that has not been needed',
      { engine: { kind: 'asleep' } },
      '$(device-desktop) Llama 3.2 · this computer',
    ],
    ['loading', { engine: { kind: 'loading', progress: 0.416 } }, '$(loading~spin) Llama 3.2 · loading 42%'],
    ['ready, nothing asked', {}, '$(device-desktop) Llama 3.2 · this computer'],
    [
      'after a request',
      { today: afterRequest({ decodeTokPerS: 31.2 }) },
      '$(device-desktop) Llama 3.2 · this computer · 31 tok/s',
    ],
    [
      'a slow one',
      { today: afterRequest({ decodeTokPerS: 3.24 }) },
      '$(device-desktop) Llama 3.2 · this computer · 3.2 tok/s',
    ],
    ['a speed nobody measured', { today: afterRequest() }, '$(device-desktop) Llama 3.2 · this computer'],
    ['paused', resting('paused', 'paused until restart'), '$(debug-pause) Llama 3.2 · paused until restart'],
    ['off', resting('disabled', 'completions off'), '$(circle-slash) Llama 3.2 · completions off'],
    [
      'off here',
      resting('languageOff', 'off for markdown'),
      '$(device-desktop) Llama 3.2 · this computer · off for markdown',
    ],
    ['failed', { engine: { kind: 'failed', failure, isRestarting: false } }, '$(warning) Llama 3.2 · not running'],
    [
      'starting again',
      { engine: { kind: 'failed', failure, isRestarting: true } },
      '$(loading~spin) Llama 3.2 · starting again',
    ],
    ['on a remote host', { route: { ...route, remote: 'box' } }, '$(device-desktop) Llama 3.2 · remote host @box'],
  ];
  it.each(states)('in the state "%s" reads as it should', (_name, change, text) => {
    expect(indicatorView({ ...idle, ...change }).text).toBe(text);
  });

  it('asks for a model when there is none, else opens the menu', () => {
    expect(indicatorView({ ...idle, modelName: undefined }).command).toBe('paddock.chooseModel');
    expect(indicatorView(idle).command).toBe('paddock.showMenu');
  });

  it('is coloured only when it does not work', () => {
    const failed = { kind: 'failed', failure, isRestarting: false } as const;
    expect(indicatorView({ ...idle, engine: failed }).isError).toBe(true);
    for (const [name, change] of states.filter(([name]) => name !== 'failed')) {
      expect([name, indicatorView({ ...idle, ...change }).isError]).toEqual([name, false]);
    }
  });

  it('is read aloud without signs', () => {
    const { accessibleName } = indicatorView({ ...idle, today: afterRequest({ decodeTokPerS: 31 }) });
    expect(accessibleName).toBe('Paddock: Llama 3.2, this computer, 31 tokens per second');
  });

  it('never shows a sum of money for what nobody charges for', () => {
    for (const [, change] of states)
      expect(JSON.stringify(indicatorView({ ...idle, ...change }))).not.toMatch(/\$\d|0\.00/);
  });
});

describe('the hover', () => {
  it('says where code goes for every kind of route, and that a browser may look through a tunnel', () => {
    expect(indicatorView(idle).hover).toContain('Your code stays on this computer');
    for (const kind of ['loopback', 'private', 'internet'] as const) {
      const { hover } = indicatorView({ ...idle, route: { ...route, kind, host: 'api.example.com:443' } });
      expect(hover).not.toContain('stays on this computer');
    }
    expect(indicatorView({ ...idle, route: { ...route, remote: 'box' } }).hover).not.toContain('this computer:');
    expect(indicatorView({ ...idle, servedFrom: 'localhost:8080' }).hover).toContain('localhost:8080: where that');
  });

  it('says where the code went, from the ledger alone', () => {
    expect(indicatorView({ ...idle, today: afterRequest() }).hover).toContain('0 bytes left this computer today');
    const left = afterRequest({ route: { ...route, kind: 'internet', host: 'api.example.com' } });
    const hover = indicatorView({ ...idle, today: left }).hover;
    expect(hover).toContain('1 request left this computer today');
    expect(hover).not.toContain('0 bytes');
  });

  it('does not say "0 bytes" when part of the ledger could not be read', () => {
    const { hover } = indicatorView({ ...idle, today: { ...emptyTally, isPartial: true } });
    expect(hover).not.toContain('0 bytes');
    expect(hover).toContain('At least 0 requests left this computer today');
  });

  it('says "at least" while a request is not settled', () => {
    const purpose = { role: 'completion', initiator: 'automatic' } as const;
    const intent = { kind: 'intent', id: 'b', purpose, route, modelName: 'x' } as Intent;
    expect(indicatorView({ ...idle, today: fold(afterRequest(), intent) }).hover).toContain('at least 320 tokens read');
  });

  it('tells the device, or the CPU with the reason', () => {
    expect(indicatorView(idle).hover).toContain('Runs on: CPU. No GPU was found.');
    const onGpu = { ...facts, device: 'Radeon', gpuLayers: 20, cpuReason: undefined };
    expect(indicatorView({ ...idle, engine: { kind: 'ready', facts: onGpu } }).hover).toContain(
      'Radeon, 20 of 31 layers on the GPU',
    );
  });

  it('tells why there was no suggestion and who else offers some', () => {
    const { hover } = indicatorView({ ...idle, whyNone: 'after a deletion', neighbours: ['Copilot', 'Tabby'] });
    expect(hover).toContain('No suggestion just now: after a deletion');
    expect(hover).toContain('Also offering inline completions here: Copilot, Tabby');
  });

  it('lets a model name do nothing but be read', () => {
    const { hover } = indicatorView({ ...idle, modelName: '[x](command:evil) **y** $(zap)' });
    expect(hover).not.toContain('](command:evil)');
    expect(hover).not.toContain(' $(zap)');
  });

  it('links to allowed commands only', () => {
    const failed = { kind: 'failed', failure: new Failure('engineCrashed', 'x'), isRestarting: false } as const;
    for (const state of [idle, { ...idle, engine: failed }, { ...idle, modelName: undefined }]) {
      const linked = [...indicatorView(state).hover.matchAll(/command:([\w.]+)/g)].map(([, id]) => id);
      expect(linked.length).toBeGreaterThan(0);
      expect(hoverCommands).toEqual(expect.arrayContaining(linked));
    }
  });
});

describe('the menu', () => {
  const commands = (state: IndicatorState, language?: string) =>
    menuItems(state, language).map(({ command }) => command);
  it('offers what would change something', () => {
    expect(commands(idle, 'python')).toContain('paddock.disableLanguage');
    expect(commands(idle)).not.toContain('paddock.disableLanguage');
    const paused = { ...idle, resting: { kind: 'paused', words: 'paused' } as const };
    expect(commands(paused)).toContain('paddock.resume');
    expect(commands(paused)).not.toContain('paddock.pauseForAWhile');
    const off = { ...idle, resting: { kind: 'languageOff', words: 'off for python' } as const };
    expect(commands(off, 'python')).toContain('paddock.enableLanguage');
  });
});
