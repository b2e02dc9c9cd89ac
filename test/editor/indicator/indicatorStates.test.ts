import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { hoverCommands } from '../../../src/editor/indicator/indicatorHover.ts';
import { indicatorView } from '../../../src/editor/indicator/indicatorView.ts';
import type { Cost } from '../../../src/ledger/entry.ts';
import {
  cloudOfOllama,
  codestral,
  facts,
  gpt,
  llama,
  mini,
  onRemote,
  qwen,
  smol,
  somewhere,
  statusOf,
  studio,
  team,
  unknown,
  type Placed,
  type Scene,
} from '../../support/indicatorLedger.ts';
import { noon } from '../../support/ledgers.ts';

interface State {
  readonly scene: Scene;
  readonly text: string;
  readonly aloud: string;
  /** Words of the hover. */
  readonly hover: readonly string[];
  /** Default false. */
  readonly isColoured?: boolean;
}

const both = (of: Placed): Scene => ({ completion: of, chat: of });
const paid = (usd: number): Scene => ({ ...both(gpt), asked: [{ of: gpt, usd }] });
const costing = (cost: Cost, outcome: 'finished' | 'stopped' = 'finished'): Scene => ({
  ...both(gpt),
  asked: [{ of: gpt, end: { cost, outcome } }],
});
const perDay = (usd: number, kind: 'hard' | 'soft' = 'hard') => ({ perDay: { nanoUsd: usd * 1e9, kind } });
const perMonth = (usd: number) => ({ perMonth: { nanoUsd: usd * 1e9, kind: 'hard' } as const });
const failure = new Failure('modelInvalid', 'x.gguf is not a GGUF model file.', { action: 'chooseModel' });
const aWeek = Array.from({ length: 9 }, (_, daysAgo) => ({ of: gpt, usd: 0.5, daysAgo }));

const states: Readonly<Record<string, State>> = {
  'no model': {
    scene: {},
    text: '$(add) Paddock: choose model',
    aloud: 'Paddock: choose model',
    hover: ['Choose a GGUF model file on this computer'],
  },
  'the engine, nothing asked yet': {
    scene: both(llama),
    text: '$(device-desktop) Llama 3.2 · this computer',
    aloud: 'Paddock: Llama 3.2, this computer',
    hover: [
      '**Completions and chat** · Llama 3.2 · this computer',
      'stays on this computer',
      '0 bytes left this computer',
    ],
  },
  'the engine, asleep': {
    scene: { ...both(llama), engine: { kind: 'stopped' } },
    text: '$(device-desktop) Llama 3.2 · this computer',
    aloud: 'Paddock: Llama 3.2, this computer',
    hover: ['The engine starts when you open a file.'],
  },
  'the engine, after a request': {
    scene: { ...both(llama), asked: [{ of: llama, end: {} }] },
    text: '$(device-desktop) Llama 3.2 · this computer · 31 tok/s',
    aloud: 'Paddock: Llama 3.2, this computer, 31 tokens per second',
    hover: [
      '| Today | 3,120 | 410 |',
      'Llama 3.2: 31 tok/s, first token after 80 ms',
      '0 bytes left this computer today',
    ],
  },
  'the engine, slowly': {
    scene: {
      ...both(llama),
      asked: [{ of: llama, end: { speed: { firstTokenMs: 900, prefillTokPerS: 40, decodeTokPerS: 3.24 } } }],
    },
    text: '$(device-desktop) Llama 3.2 · this computer · 3.2 tok/s',
    aloud: 'Paddock: Llama 3.2, this computer, 3.2 tokens per second',
    hover: ['3.2 tok/s, first token after 900 ms'],
  },
  'the engine, while it answers': {
    scene: { ...both(llama), asked: [{ of: llama }], runningMs: 4_900 },
    text: '$(device-desktop) Llama 3.2 · this computer · 4 s',
    aloud: 'Paddock: Llama 3.2, this computer, running for 4 seconds',
    hover: ['A request is running. [Stop](command:paddock.stopRequests)', '| Today | not counted | not counted |'],
  },
  'two models in the engine': {
    scene: { completion: llama, chat: smol },
    text: '$(device-desktop) Llama 3.2 + SmolLM2 · this computer',
    aloud: 'Paddock: Llama 3.2 and SmolLM2, this computer',
    hover: ['**Completions** · Llama 3.2', '**Chat** · SmolLM2'],
  },
  'only chat': {
    scene: { chat: llama },
    text: '$(device-desktop) Chat: Llama 3.2 · this computer',
    aloud: 'Paddock: chat: Llama 3.2, this computer',
    hover: ['**Chat** · Llama 3.2 · this computer'],
  },
  'a model that loads': {
    scene: { ...both(llama), engine: { kind: 'starting', progress: 0.416 } },
    text: '$(loading~spin) Llama 3.2 · loading 42%',
    aloud: 'Paddock: Llama 3.2, loading 42%',
    hover: ['Loading the model: 42%.'],
  },
  'an engine that failed': {
    scene: { ...both(llama), engine: { kind: 'failed', failure, attempts: 1, retryInMs: undefined } },
    text: '$(warning) Llama 3.2 · not running',
    aloud: 'Paddock: Llama 3.2, not running',
    hover: ['is not a GGUF model file', '[Restart Engine](command:paddock.restartEngine)'],
  },
  'an engine that starts again': {
    scene: { ...both(llama), engine: { kind: 'failed', failure, attempts: 1, retryInMs: 500 } },
    text: '$(loading~spin) Llama 3.2 · starting again',
    aloud: 'Paddock: Llama 3.2, starting again',
    hover: ['is not a GGUF model file'],
  },
  paused: {
    scene: { ...both(llama), pausedUntilMs: Infinity },
    text: '$(debug-pause) Llama 3.2 · paused until restart',
    aloud: 'Paddock: Llama 3.2, paused until restart',
    hover: ['Completions: paused until restart', '[Resume](command:paddock.resume)'],
  },
  'paused, with a closed API': {
    scene: { ...both(gpt), pausedUntilMs: Infinity },
    text: '$(debug-pause) gpt-x · paused until restart',
    aloud: 'Paddock: gpt-x, paused until restart',
    hover: ['Completions: paused until restart'],
  },
  'switched off': {
    scene: { ...both(llama), settings: { 'completion.enabled': false } },
    text: '$(circle-slash) Llama 3.2 · completions off',
    aloud: 'Paddock: Llama 3.2, completions off',
    hover: ['[Switch On](command:paddock.enableCompletions)'],
  },
  'switched off for a language': {
    scene: { ...both(llama), settings: { 'completion.disabledLanguages': ['python'] } },
    text: '$(device-desktop) Llama 3.2 · this computer · off for python',
    aloud: 'Paddock: Llama 3.2, this computer, off for python',
    hover: ['[Switch On for This Language](command:paddock.enableLanguage)'],
  },
  'switched off for a language, where it was paid': {
    scene: { ...paid(0.42), settings: { 'completion.disabledLanguages': ['python'] } },
    text: '$(cloud) gpt-x · OpenAI · $0.42 today · off for python',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.42 today, off for python',
    hover: ['Completions: off for python'],
  },
  'a broken policy file': {
    scene: { ...both(llama), broken: [{ source: 'p.json', line: 3, message: 'Unknown key.' }] },
    text: '$(warning) Llama 3.2 · this computer',
    aloud: 'Paddock: Llama 3.2, this computer',
    hover: ['$(warning) p.json, line 3: Unknown key.'],
  },
  'a server here that holds its model': {
    scene: both(qwen),
    text: '$(device-desktop) qwen3 · this computer (Ollama)',
    aloud: 'Paddock: qwen3, this computer (Ollama)',
    hover: ['Goes to Ollama at localhost:11434 on this computer. What runs there said itself that it holds the model.'],
  },
  'a server here, after a request': {
    scene: { ...both(qwen), asked: [{ of: qwen, end: {} }] },
    text: '$(device-desktop) qwen3 · this computer (Ollama) · 31 tok/s',
    aloud: 'Paddock: qwen3, this computer (Ollama), 31 tokens per second',
    hover: ['0 bytes left this computer today', '| Today | 3,120 | 410 |'],
  },
  'a server here that nobody knows': {
    scene: both(unknown),
    text: '$(question) :4000 · this computer, may forward',
    aloud: 'Paddock: qwen3 at port 4000, this computer, may forward',
    hover: ['What runs there may pass it on: it did not say that it holds the model.'],
  },
  'a server here that is known and may forward': {
    scene: both(studio),
    text: '$(question) qwen3 :1234 · this computer, may forward',
    aloud: 'Paddock: qwen3 at port 1234, this computer, may forward',
    hover: ['Goes to LM Studio at localhost:1234 on this computer. What runs there may pass it on'],
  },
  'an unknown server, after a request that nobody priced': {
    scene: { ...both(unknown), asked: [{ of: unknown, end: { cost: { basis: 'unknown' } } }] },
    text: '$(question) :4000 · this computer, may forward · price unknown',
    aloud: 'Paddock: qwen3 at port 4000, this computer, may forward, price unknown',
    hover: ['| Today | price unknown |', '12.3 kB in 1 request left this computer today', '| localhost:4000 |'],
  },
  'a model that Ollama runs elsewhere': {
    scene: both(cloudOfOllama),
    text: '$(cloud) qwen3-cloud · internet: ollama.com',
    aloud: 'Paddock: qwen3-cloud, internet: ollama.com',
    hover: ['localhost:11434, which said that it passes it on to ollama.com on the internet.'],
  },
  'a server in the network': {
    scene: both(team),
    text: '$(server) qwen3 · private network',
    aloud: 'Paddock: qwen3, private network',
    hover: [
      'an address of a private network. Whose computer that is, and whether it passes your code on, an address does not',
    ],
  },
  'a server in the network, after a request': {
    scene: { ...both(team), asked: [{ of: team, end: {} }] },
    text: '$(server) qwen3 · private network · 31 tok/s',
    aloud: 'Paddock: qwen3, private network, 31 tokens per second',
    hover: ['12.3 kB in 1 request left this computer today', '| 3,120 \\+ 410 | not charged |'],
  },
  'a server in the network that the user gave a price': {
    scene: {
      ...both(team),
      asked: [{ of: team, end: { cost: { basis: 'estimate', nanoUsd: 2_000_000 } }, intent: { isMetered: true } }],
    },
    text: '$(server) qwen3 · private network · about $0.002 today',
    aloud: 'Paddock: qwen3, private network, about $0.002 today',
    hover: ['about \\$0.002 \\(estimated\\)'],
  },
  'a closed API': {
    scene: both(gpt),
    text: '$(cloud) gpt-x · OpenAI',
    aloud: 'Paddock: gpt-x, internet: OpenAI',
    hover: [
      'Goes to OpenAI at api.openai.com on the internet. The connection is held to',
      '[Terms of OpenAI](command:paddock.showTerms',
    ],
  },
  'a closed API that was paid': {
    scene: paid(0.42),
    text: '$(cloud) gpt-x · OpenAI · $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.42 today',
    hover: [
      '| Today | \\$0.42 \\(billed\\) | 3,120 | 410 |',
      '| 12:00 | gpt-x | api.openai.com | 3,120 \\+ 410 | \\$0.42 |',
      'Price table of 2026-',
    ],
  },
  'a closed API that was paid very little': {
    scene: paid(0.0004),
    text: '$(cloud) gpt-x · OpenAI · $0.0004 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.0004 today',
    hover: ['\\$0.0004 \\(billed\\)'],
  },
  'a price by the table': {
    scene: costing({ basis: 'table', nanoUsd: 420_000_000, tableDate: '2026-09-23' }),
    text: '$(cloud) gpt-x · OpenAI · $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.42 today',
    hover: ['\\$0.42 \\(price list\\)'],
  },
  'a price that is estimated': {
    scene: costing({ basis: 'estimate', nanoUsd: 420_000_000 }),
    text: '$(cloud) gpt-x · OpenAI · about $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, about $0.42 today',
    hover: ['about \\$0.42 \\(estimated\\)'],
  },
  'a price of something stopped': {
    scene: costing({ basis: 'table', nanoUsd: 420_000_000, tableDate: '2026-09-23' }, 'stopped'),
    text: '$(cloud) gpt-x · OpenAI · at least $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, at least $0.42 today',
    hover: ['at least \\$0.42 \\(price list\\)'],
  },
  'a price that nobody knows': {
    scene: costing({ basis: 'unknown' }),
    text: '$(cloud) gpt-x · OpenAI · price unknown',
    aloud: 'Paddock: gpt-x, internet: OpenAI, price unknown',
    hover: ['| Today | price unknown | 3,120 | 410 |'],
  },
  'some prices that nobody knows': {
    scene: {
      ...both(gpt),
      asked: [
        { of: gpt, usd: 0.42 },
        { of: gpt, end: { cost: { basis: 'unknown' } } },
      ],
    },
    text: '$(cloud) gpt-x · OpenAI · at least $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, at least $0.42 today',
    hover: ['at least \\$0.42 \\(billed, 1 without a price\\)'],
  },
  'a model that is free of charge': {
    scene: paid(0),
    text: '$(cloud) gpt-x · OpenAI · no charge today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, no charge today',
    hover: ['| Today | no charge \\(billed\\) |'],
  },
  'two models of one vendor': {
    scene: {
      completion: mini,
      chat: gpt,
      asked: [
        { of: mini, usd: 0.1 },
        { of: gpt, usd: 0.32 },
      ],
    },
    text: '$(cloud) gpt-x-mini + gpt-x · OpenAI · $0.42 today',
    aloud: 'Paddock: gpt-x-mini and gpt-x, internet: OpenAI, $0.42 today',
    hover: ['| Today | \\$0.42 \\(billed\\) | 6,240 | 820 |'],
  },
  'what was paid elsewhere': {
    scene: { ...both(gpt), asked: [{ of: codestral, usd: 3 }] },
    text: '$(cloud) gpt-x · OpenAI',
    aloud: 'Paddock: gpt-x, internet: OpenAI',
    hover: ['| Today | \\$3.00 \\(billed\\) |', '| codestral.mistral.ai |'],
  },
  'what was paid before coming back': {
    scene: { ...both(llama), asked: [{ of: gpt, usd: 3 }] },
    text: '$(device-desktop) Llama 3.2 · this computer',
    aloud: 'Paddock: Llama 3.2, this computer',
    hover: ['| Today | \\$3.00 \\(billed\\) |', '12.3 kB in 1 request left this computer today'],
  },
  'completions here, chat at a vendor': {
    scene: {
      completion: llama,
      chat: gpt,
      asked: [
        { of: gpt, usd: 0.42 },
        { of: llama, end: {} },
      ],
    },
    text: '$(cloud) Code: this computer · Chat: OpenAI $0.42 today',
    aloud: 'Paddock: completions: Llama 3.2, this computer, chat: gpt-x, internet: OpenAI, $0.42 today',
    hover: ['**Completions** · Llama 3.2 · this computer', '**Chat** · gpt-x · OpenAI'],
  },
  'two vendors': {
    scene: {
      completion: codestral,
      chat: gpt,
      asked: [
        { of: codestral, usd: 0.1 },
        { of: gpt, usd: 0.42 },
      ],
    },
    text: '$(cloud) Code: Codestral $0.10 today · Chat: OpenAI $0.42 today',
    aloud:
      'Paddock: completions: codestral, internet: Codestral, $0.10 today, chat: gpt-x, internet: OpenAI, $0.42 today',
    hover: ['[Terms of Codestral]', '[Terms of OpenAI]', '| Today | \\$0.52 \\(billed\\) |'],
  },
  'two servers that nobody charges for': {
    scene: { completion: qwen, chat: team },
    text: '$(server) Code: this computer (Ollama) · Chat: private network',
    aloud: 'Paddock: completions: qwen3, this computer (Ollama), chat: qwen3, private network',
    hover: ['**Completions** · qwen3 · this computer', '**Chat** · qwen3 · private network'],
  },
  'a host without a vendor': {
    scene: both(somewhere),
    text: '$(cloud) some-model · internet: llm.example.com',
    aloud: 'Paddock: some-model, internet: llm.example.com',
    hover: ['Where a proxy, or a name nobody has looked up yet, leads counts as the internet.'],
  },
  'a request on its way': {
    scene: { ...both(gpt), asked: [{ of: gpt, intent: { estimatedPromptTokens: 3_120 } }] },
    text: '$(cloud-upload) 3.1k tokens → api.openai.com',
    aloud: 'Paddock: sending about 3,100 tokens to api.openai.com',
    hover: ['Sending to api.openai.com.', '| about 3.1k | no end yet |', '| Today | not known yet |'],
  },
  'a request on its way whose length nobody guessed': {
    scene: { ...both(gpt), asked: [{ of: gpt }], runningMs: 7_000 },
    text: '$(cloud-upload) gpt-x → api.openai.com · 7 s',
    aloud: 'Paddock: gpt-x, sending to api.openai.com, running for 7 seconds',
    hover: ['| not counted yet | no end yet |'],
  },
  'a download on its way': {
    scene: {
      asked: [
        {
          of: somewhere,
          intent: { purpose: { role: 'download', initiator: 'user' }, modelId: undefined, modelName: undefined },
        },
      ],
    },
    text: '$(cloud-upload) Paddock → llm.example.com',
    aloud: 'Paddock: Paddock, sending to llm.example.com',
    hover: ['| a download | llm.example.com | none | no end yet |', 'At least 1 request left this computer today'],
  },
  'this computer only': {
    scene: { ...both(llama), ceiling: 'loopback' },
    text: '$(shield) Llama 3.2 · this computer only',
    aloud: 'Paddock: Llama 3.2, this computer only',
    hover: ['Allowed by your settings: ', '[$(unlock) Allow Other Computers](command:paddock.thisComputerOnly)'],
  },
  'this computer only, a server': {
    scene: { ...both(qwen), ceiling: 'loopback', asked: [{ of: qwen, end: {} }] },
    text: '$(shield) qwen3 · this computer only · 31 tok/s',
    aloud: 'Paddock: qwen3, this computer only, 31 tokens per second',
    hover: ['0 bytes left this computer today'],
  },
  'this computer only, with something else picked': {
    scene: { completion: llama, chat: gpt, ceiling: 'loopback', asked: [{ of: gpt, usd: 3 }] },
    text: '$(shield) Llama 3.2 + gpt-x · not allowed · this computer only',
    aloud: 'Paddock: Llama 3.2 and gpt-x, not allowed, this computer only',
    hover: ['Allowed by your settings: '],
  },
  'this computer only, and a server that may forward': {
    scene: { ...both(unknown), ceiling: 'loopback' },
    text: '$(question) :4000 · this computer, may forward',
    aloud: 'Paddock: qwen3 at port 4000, this computer, may forward',
    hover: ['What runs there may pass it on'],
  },
  'not sent, by a rule': {
    scene: { ...both(gpt), denied: { rule: 'neverSend: *.env', source: 'your settings' } },
    text: '$(circle-slash) Not sent: *.env stays here',
    aloud: 'Paddock: not sent: *.env stays here',
    hover: ['The last request was not sent: \\*.env stays here.'],
    isColoured: true,
  },
  'not sent, for want of money': {
    scene: { ...paid(9.9), limits: perDay(10), denied: { rule: 'budget: perDay', source: 'your settings' } },
    text: '$(circle-slash) Not sent: over today’s budget',
    aloud: 'Paddock: not sent: over today’s budget',
    hover: ['▰▰▰▰▰▰▰▰▰▱ 99% of \\$10 today'],
    isColoured: true,
  },
  'a budget that is far away': {
    scene: { ...paid(7.9), limits: perDay(10) },
    text: '$(cloud) gpt-x · OpenAI · $7.90 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $7.90 today',
    hover: ['▰▰▰▰▰▰▰▱▱▱ 79% of \\$10 today'],
  },
  'a budget that is nearly used up': {
    scene: { ...paid(8.29), limits: perDay(10) },
    text: '$(warning) 82% of $10 today · OpenAI',
    aloud: 'Paddock: 82% of $10 today, internet: OpenAI',
    hover: ['▰▰▰▰▰▰▰▰▱▱ 82% of \\$10 today'],
  },
  'a budget of a month': {
    scene: {
      completion: llama,
      chat: gpt,
      asked: [{ of: gpt, usd: 45, daysAgo: 3 }],
      limits: { ...perDay(10), ...perMonth(50) },
    },
    text: '$(warning) 90% of $50 this month · Code: this computer · Chat: OpenAI',
    aloud: 'Paddock: 90% of $50 this month, completions: Llama 3.2, this computer, chat: gpt-x, internet: OpenAI',
    hover: ['▱▱▱▱▱▱▱▱▱▱ 0% of \\$10 today', '▰▰▰▰▰▰▰▰▰▱ 90% of \\$50 this month'],
  },
  'a budget that only warns, by estimates': {
    scene: { ...costing({ basis: 'estimate', nanoUsd: 8_200_000_000 }), limits: perDay(10, 'soft') },
    text: '$(warning) about 82% of $10 today · OpenAI',
    aloud: 'Paddock: about 82% of $10 today, internet: OpenAI',
    hover: ['about 82% of \\$10 today (warns only)'],
  },
  'a budget that is hardly used': {
    scene: { ...paid(0.05), limits: { ...perDay(10), ...perMonth(0.5) } },
    text: '$(cloud) gpt-x · OpenAI · $0.05 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.05 today',
    hover: ['▱▱▱▱▱▱▱▱▱▱ less than 1% of \\$10 today', '▰▱▱▱▱▱▱▱▱▱ 10% of \\$0.50 this month'],
  },
  'a budget that is used up': {
    scene: { ...paid(10.3), limits: perDay(10, 'soft') },
    text: '$(warning) 103% of $10 today · OpenAI',
    aloud: 'Paddock: 103% of $10 today, internet: OpenAI',
    hover: ['▰▰▰▰▰▰▰▰▰▰ 103% of \\$10 today'],
    isColoured: true,
  },
  'a budget that is used up, with all of it here again': {
    scene: { ...both(llama), asked: [{ of: gpt, usd: 10.3 }], limits: perDay(10) },
    text: '$(device-desktop) Llama 3.2 · this computer',
    aloud: 'Paddock: Llama 3.2, this computer',
    hover: ['▰▰▰▰▰▰▰▰▰▰ 103% of \\$10 today'],
  },
  'more than a week of days': {
    scene: { ...both(gpt), asked: aWeek },
    text: '$(cloud) gpt-x · OpenAI · $0.50 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI, $0.50 today',
    hover: ['If it goes on like the last 8 days, about \\$8.50 this month', '| This month | \\$4.50 \\(billed\\) |'],
  },
  'an engine at the other end': {
    scene: { ...both(onRemote(llama)), asked: [{ of: onRemote(llama), end: {} }] },
    text: '$(device-desktop) Llama 3.2 · remote host @box · 31 tok/s',
    aloud: 'Paddock: Llama 3.2, remote host at box, 31 tokens per second',
    hover: ['Runs on the remote host box', '0 bytes left the remote host box today'],
  },
  'a server at the other end': {
    scene: both(onRemote(qwen)),
    text: '$(device-desktop) qwen3 · this computer (Ollama) @box',
    aloud: 'Paddock: qwen3, this computer (Ollama) at box',
    hover: ['Goes to Ollama at localhost:11434 on the remote host box.'],
  },
  'a vendor, asked from the other end': {
    scene: { ...both(onRemote(gpt)), asked: [{ of: onRemote(gpt), usd: 0.42 }] },
    text: '$(cloud) gpt-x · OpenAI @box · $0.42 today',
    aloud: 'Paddock: gpt-x, internet: OpenAI at box, $0.42 today',
    hover: ['on the internet from the remote host box', 'left the remote host box today'],
  },
};

const named = Object.entries(states);
/** Without what only makes room. */
const plain = (hover: string): string => hover.replaceAll('&nbsp;', '').replaceAll('\u00a0', ' ');
const drawn = async (scene: Scene) => indicatorView((await statusOf(scene)).status.state());

describe('the status bar item over a ledger', () => {
  it.each(named)('in the state "%s" says in words what holds', async (_name, state) => {
    const view = await drawn(state.scene);
    expect(view.text).toBe(state.text);
    expect(view.accessibleName).toBe(state.aloud);
    expect(view.isColoured).toBe(state.isColoured ?? false);
    for (const words of state.hover) expect(plain(view.hover)).toContain(words);
  });

  it('is shown in every state there is', () => {
    expect(named.length).toBeGreaterThanOrEqual(40);
    const icons = new Set(named.map(([, { text }]) => /^\$\(([\w~-]+)\)/.exec(text)?.[1]));
    const wanted = 'add device-desktop question server cloud cloud-upload shield circle-slash warning loading~spin';
    expect([...icons]).toEqual(expect.arrayContaining([...wanted.split(' '), 'debug-pause']));
  });

  it('never prints a zero for money, nor money where nobody charges', async () => {
    for (const [name, { scene }] of named) {
      const view = await drawn(scene);
      expect([name, JSON.stringify(view).match(/\$0\.0+(?!\d)|\$0(?![.\d])/)]).toEqual([name, null]);
      const isFree = (scene.asked ?? []).every(({ usd, end }) => usd === undefined && end?.cost === undefined);
      const money = `${view.text}${view.hover}`.match(/\$\d/);
      if (isFree && scene.limits === undefined) expect([name, money]).toEqual([name, null]);
    }
  });

  it('never calls a place "this computer" that is none, whatever was asked', async () => {
    for (const [name, { scene }] of named) {
      const places = [scene.completion, scene.chat].filter((each) => each !== undefined);
      if (scene.ceiling !== undefined || places.length === 0) continue;
      if (places.some(({ route }) => route.kind === 'inProcess' || route.kind === 'loopback')) continue;
      expect([name, (await drawn(scene)).text.includes('this computer')]).toEqual([name, false]);
    }
  });

  it('links to commands of its own list only, and says everything without signs', async () => {
    for (const [, { scene, aloud }] of named) {
      const { hover, accessibleName } = await drawn(scene);
      const linked = [...hover.matchAll(/\]\(command:([\w.]+)/g)].map(([, id]) => id);
      expect(hoverCommands).toEqual(expect.arrayContaining(linked));
      expect(linked).toEqual(
        expect.arrayContaining(['paddock.switchProvider', 'paddock.openLedger', 'paddock.openBudgets']),
      );
      expect(accessibleName).toBe(aloud);
      expect(accessibleName).not.toMatch(/\$\(|→|·/);
    }
  });

  it('fits on a screen', async () => {
    for (const [name, { scene }] of named) {
      const { hover } = await drawn(scene);
      expect([name, hover.split('\n').filter((line) => line !== '').length < 35]).toEqual([name, true]);
    }
  });

  it('lists the five newest requests that left, the newest first', async () => {
    const asked = Array.from({ length: 7 }, (_, index) => ({
      of: gpt,
      usd: (index + 1) / 10,
      intent: { atMs: noon + index * 60_000 },
    }));
    const { hover } = await drawn({ ...both(gpt), asked });
    expect([...plain(hover).matchAll(/\| (12:\d\d) \|/g)].map(([, time]) => time)).toEqual([
      '12:06',
      '12:05',
      '12:04',
      '12:03',
      '12:02',
    ]);
  });

  it('keeps its words while nothing changes, so that an open hover stays open', async () => {
    const { status } = await statusOf(paid(0.42));
    expect(indicatorView(status.state())).toEqual(indicatorView(status.state()));
  });

  it('tells of the engine what it runs on', async () => {
    expect((await drawn(both(llama))).hover).toContain('Engine: CPU. No GPU was found.');
    const onGpu = { ...facts, device: 'Radeon', gpuLayers: 20, cpuReason: undefined };
    const { hover } = await drawn({ ...both(llama), engine: { kind: 'ready', facts: onGpu } });
    expect(hover).toContain('Radeon, 20 of 31 layers on the GPU');
  });
});
