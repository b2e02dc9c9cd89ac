import { describe, expect, it } from 'vitest';
import { Status, type StatusNeeds } from '../../src/editor/status.ts';
import { completionSettings, defaultSettings } from '../../src/editor/settings.ts';
import type { Route, Settlement } from '../../src/ledger/entry.ts';
import { FakeClock } from '../support/clock.ts';
import { emptyTally } from '../../src/ledger/tally.ts';

const route: Route = { kind: 'inProcess', evidence: 'verified', host: undefined, remote: undefined };
const last = { route, modelId: 'embedded:/small.gguf', settlement: {} as Settlement };

function statusOf(file: string): Status {
  return new Status({
    settings: () => completionSettings(defaultSettings, undefined),
    clock: new FakeClock(),
    ledger: { today: { ...emptyTally, requests: 1, last } },
    model: () => ({ id: `embedded:${file}`, name: file, provider: 'embedded', file }),
    engine: () => ({ kind: 'stopped' }),
    route: () => route,
    language: () => 'python',
    neighbours: () => [],
  } as unknown as StatusNeeds);
}

describe('what the item shows', () => {
  it('is the speed of the model it names', () => {
    expect(statusOf('/small.gguf').state().today.last).toBe(last);
  });

  it('is not the speed of the model that answered before', () => {
    const { today } = statusOf('/large.gguf').state();
    expect(today.last).toBeUndefined();
    expect(today.requests).toBe(1);
  });
});
