import { onTestFinished } from 'vitest';
import { journalFolder } from '../../src/base/journal.ts';
import { Gate, type Destination, type GateNeeds } from '../../src/egress/gate.ts';
import { originFrom } from '../../src/egress/origin.ts';
import { destinationOf, type Consent } from '../../src/egress/policy.ts';
import type { Route } from '../../src/ledger/entry.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { FakeClock } from './clock.ts';
import { temporaryFolder } from './folder.ts';
import { LogLines } from './log.ts';
import { pricingWith } from './money.ts';

/**
 * A gate that allows what a test does not forbid: no rules, the user agreed to whatever is asked (unless a `policy` is
 * given), no keys, no proxy, no limit of silence, no limit of money and no prices. It ends with the test.
 */
export function gateFor(needs: Partial<GateNeeds> = {}): Gate {
  const clock = needs.clock ?? new FakeClock();
  const log = needs.log ?? new LogLines();
  const consents: Consent[] = [];
  const gate = new Gate({
    ledger: needs.ledger ?? new Ledger({ files: journalFolder(temporaryFolder(), 'me'), clock, log }),
    pricing: pricingWith(),
    budgets: () => ({}),
    notesOn: () => ({}),
    confirmUnpriced: () => Promise.resolve(false),
    side: { remote: undefined },
    policy: () => Promise.resolve({ rules: [], broken: [], consents }),
    keys: { keyFor: () => Promise.resolve(undefined), mayUsePlainly: () => false },
    proxy: () => ({ url: undefined, noProxy: [] }),
    limits: () => ({ silenceMs: undefined }),
    ...needs,
    clock,
    log,
  });
  const open = gate.open.bind(gate);
  gate.open = (order) => {
    if (order.destination !== undefined) consents.push(consentTo(order.destination));
    return open(order);
  };
  onTestFinished(() => gate.dispose());
  return gate;
}

/** What the user would have said yes to: the destination, however exposed. */
export function consentTo({ url, forwardsTo }: Destination): Consent {
  const route: Route = { kind: 'internet', evidence: 'assumed', host: undefined, remote: undefined };
  const beyond = forwardsTo === undefined ? route : { ...route, forwardsTo };
  return { destination: destinationOf(originFrom(url).id, beyond), route: 'internet', atMs: 0 };
}

/** An unmetered server of unknown nature that wants no key, but for what a test says. */
export function serverAt(url: string, facts: Partial<Destination> = {}): Destination {
  return { url, auth: 'none', nature: 'unknown', isMetered: false, ...facts };
}
