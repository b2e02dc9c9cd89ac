import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { Status, type StatusNeeds } from '../../../src/editor/indicator/status.ts';
import { completionSettings, defaultSettings } from '../../../src/editor/settings.ts';
import type { Policy } from '../../../src/egress/policy.ts';
import type { Intent, Route, Settlement } from '../../../src/ledger/entry.ts';
import type { CardId, Model } from '../../../src/models/model.ts';
import { FakeClock } from '../../support/clock.ts';
import type { Limits } from '../../../src/ledger/budget.ts';
import { emptyTally } from '../../../src/ledger/tally.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { openLedger, paid, question } from '../../support/ledgers.ts';
import { pricingWith } from '../../support/money.ts';
import { served } from '../../support/served.ts';

const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const last = { route, settlement: {} as Settlement };
const embedded = (file: string): Model => ({ id: `embedded:${file}`, name: file, provider: 'embedded', file });
const policy: Policy = { rules: [{ source: 'your settings', ceiling: 'any' }], broken: [], consents: [] };

const nothing = {
  ...{ today: emptyTally, month: emptyTally, session: emptyTally, days: new Map() },
  ...{ spending: { dayNanoUsd: 0, monthNanoUsd: 0, reservedNanoUsd: 0 }, runningHere: [], recentThatLeft: [] },
};

function statusWith(change: Partial<StatusNeeds> = {}): Status {
  return new Status({
    settings: () => completionSettings(defaultSettings, undefined),
    clock: new FakeClock(),
    limits: () => ({}),
    ledger: { ...nothing, today: { ...emptyTally, lastOf: new Map([['embedded:/small.gguf', last]]) } },
    running: { elapsedMs: undefined },
    pricing: pricingWith(),
    modelFor: (role) => embedded(role === 'completion' ? '/small.gguf' : '/large.gguf'),
    problemOf: () => undefined,
    engineOf: (file) => (file === '/large.gguf' ? { kind: 'starting', progress: 0.5 } : { kind: 'stopped' }),
    placeOf: () => ({ route, server: undefined }),
    policy: () => policy,
    language: () => 'python',
    neighbours: () => [],
    servedFrom: undefined,
    ...change,
  });
}

function intentTo(kind: Route['kind'], change: Partial<Route> = {}): Intent {
  const to = { ...route, kind, host: 'api.example.com', ...change };
  return { modelName: 'gpt', route: to } as Intent;
}

describe('what the item shows', () => {
  it('is, of each role, its own model’s engine and speed', () => {
    const { completion, chat } = statusWith().state();
    expect([completion?.engine?.kind, chat?.engine?.kind]).toEqual(['asleep', 'loading']);
    expect([completion?.last, chat?.last]).toEqual([last, undefined]);
  });

  it('is what leaves this computer now, by the newest request that does', () => {
    const state = (runningHere: readonly Intent[], elapsedMs?: number) =>
      statusWith({ ledger: { ...nothing, runningHere }, running: { elapsedMs } }).state().running;
    expect(state([])).toEqual({ elapsedS: undefined, sending: undefined, isStoppable: false });
    expect(state([intentTo('inProcess'), intentTo('loopback')], 2_999)).toEqual({
      elapsedS: undefined,
      sending: undefined,
      isStoppable: true,
    });
    expect(state([intentTo('private'), intentTo('loopback')], 5_900)).toEqual({
      elapsedS: 5,
      sending: { modelName: 'gpt', host: 'api.example.com', promptTokens: undefined },
      isStoppable: true,
    });
    expect(state([intentTo('internet', { forwardsTo: 'ollama.com' })]).sending?.host).toBe('ollama.com');
  });

  it('is money of a server that charges, by the user’s word where they said something, else by its card', () => {
    const isMetered = (card: CardId, pricing = pricingWith()) => {
      const placeOf = () => ({ route: { ...route, kind: 'private' as const, host: 'gpu:8000' }, server: undefined });
      return statusWith({ modelFor: () => served(card, 'mine'), placeOf, pricing }).state().chat?.isMetered;
    };
    const byTheHour = pricingWith({ serverPrice: () => ({ perHourNanoUsd: 1_000 }) });
    const free = pricingWith({ ownPrices: () => ({ mine: { input: { nanoUsd: 0 }, output: { nanoUsd: 0 } } }) });
    expect([isMetered('vllm'), isMetered('generic'), isMetered('openai')]).toEqual([false, undefined, true]);
    expect([isMetered('vllm', byTheHour), isMetered('openai', free)]).toEqual([true, false]);
  });

  it('is how the limits stand by what is spent, whatever is only kept free', () => {
    const spending = { dayNanoUsd: 8, monthNanoUsd: 30, reservedNanoUsd: 100 };
    const limits = { perDay: { nanoUsd: 10, kind: 'hard' }, perMonth: { nanoUsd: 50, kind: 'soft' } } as const;
    const state = statusWith({ ledger: { ...nothing, spending }, limits: () => limits }).state();
    expect(state.limits.map(({ name, usedNanoUsd }) => [name, usedNanoUsd])).toEqual([
      ['perDay', 8],
      ['perMonth', 30],
    ]);
  });

  it('is summed up anew after every entry, with the limits that hold then', async () => {
    let limits: Limits = {};
    const { ledger, clock } = openLedger(temporaryFolder());
    const status = statusWith({ ledger, clock, limits: () => limits });
    const before = status.state();
    expect(status.state().month).toBe(before.month);
    await ledger.begin(question('a'));
    ledger.append(paid('a', 5));
    expect(status.state().month.spend.nanoUsd).toBe(5);
    expect(status.state().recentThatLeft).toHaveLength(1);
    limits = { perDay: { nanoUsd: 10, kind: 'hard' } };
    expect(status.state().limits.map(({ usedNanoUsd }) => usedNanoUsd)).toEqual([5]);
  });

  it('is whose terms hold, by the host’s own name, and whether somebody charges', () => {
    const model = (baseUrl: string, card: CardId): Model => ({
      ...{ id: baseUrl, name: 'm', provider: 'server', model: 'm' },
      endpoint: { baseUrl, card },
    });
    const told = (asked: Model) => {
      const { completion } = statusWith({ modelFor: () => asked }).state();
      return [completion?.vendor, completion?.isMetered];
    };
    expect(told(embedded('/small.gguf'))).toEqual([undefined, false]);
    expect(told(model('https://api.openai.com/v1', 'openai'))).toEqual(['openai', true]);
    expect(told(model('https://mirror.example.com/v1', 'openai'))).toEqual([undefined, true]);
    expect(told(model('http://10.0.0.5:8000', 'vllm'))).toEqual([undefined, false]);
    expect(told(model('http://10.0.0.5:4000', 'generic'))).toEqual([undefined, undefined]);
  });

  it('is the strictest of all ceilings, and who set it', () => {
    const rules = [
      { source: 'your settings', ceiling: 'private' },
      { source: '/etc/paddock/policy.json', ceiling: 'loopback' },
      { source: '/project/.paddock/policy.json' },
    ] as const;
    const { ceiling, ownCeiling } = statusWith({ policy: () => ({ ...policy, rules }) }).state();
    expect(ownCeiling).toBe('private');
    expect(ceiling).toEqual({ ceiling: 'loopback', source: '/etc/paddock/policy.json' });
  });

  it('is every setting and file that nobody understands', () => {
    const broken = [{ source: '/p.json', line: 3, message: 'Unknown key.' }];
    const problemOf: StatusNeeds['problemOf'] = (role) => (role === 'chat' ? 'No such model.' : undefined);
    const { problems } = statusWith({ problemOf, policy: () => ({ ...policy, broken }) }).state();
    expect(problems).toEqual(['No such model.', '/p.json, line 3: Unknown key.']);
  });

  it('is the rule that kept the last request from being sent, until one is answered', () => {
    const status = statusWith();
    status.noteFailure(new Failure('unreachable', 'Nobody there.'));
    expect(status.state().deniedBy).toBeUndefined();
    status.noteFailure(new Failure('denied', 'No.', { facts: { rule: 'ceiling: loopback' } }));
    expect(status.state().deniedBy).toBe('only this computer is allowed');
    status.noteFailure(new Failure('denied', 'No.', { facts: { rule: 'consent' } }));
    expect(status.state().deniedBy).toBe('not agreed to yet');
    status.forgetDenial();
    expect(status.state().deniedBy).toBeUndefined();
  });

  it.each([
    ['ceiling: device', 'your settings', 'only the engine here is allowed'],
    ['ceiling: private', '/p/.paddock/policy.json', 'only the private network is allowed (policy.json)'],
    ['line 3', '/p/.paddock/policy.json', 'policy.json is broken in line 3'],
    ['forbiddenHosts: *.example.com', '/p/policy.json', '*.example.com is forbidden (policy.json)'],
    ['allowedHosts', 'C:\\ProgramData\\Paddock\\policy.json', 'a host that is not allowed (policy.json)'],
    ['forbiddenModels: gpt-*', '/p/policy.json', 'gpt-* is forbidden (policy.json)'],
    ['allowedModels', '/p/policy.json', 'a model that is not allowed (policy.json)'],
    ['neverSend: *.env', 'your settings', '*.env stays here'],
    ['secrets/', '/p/.aiignore', 'secrets/ (.aiignore)'],
    ['budget: perDay', 'your settings', 'over today’s budget'],
    ['budget: perMonth', 'your settings', 'over this month’s budget'],
    ['budget: perRequest', 'your settings', 'over the budget of one request'],
  ])('says the rule "%s" of %s in a few words', (rule, source, words) => {
    const status = statusWith();
    status.noteFailure(new Failure('denied', 'No.', { facts: { rule, source } }));
    expect(status.state().deniedBy).toBe(words);
  });
});
