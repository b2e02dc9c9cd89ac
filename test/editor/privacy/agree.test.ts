import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/base/failure.ts';
import { agreeTo } from '../../../src/editor/privacy/agree.ts';
import { Consents } from '../../../src/editor/privacy/consents.ts';
import type { Destination } from '../../../src/egress/gate.ts';
import type { PolicyRules } from '../../../src/egress/policy.ts';
import type { ServedModel } from '../../../src/models/model.ts';
import { FakeClock } from '../../support/clock.ts';
import { gateFor, serverAt } from '../../support/gates.ts';
import { Person } from '../../support/person.ts';
import { FakeMemento } from '../../support/vscodeStores.ts';

const modelAt = (baseUrl: string): ServedModel => ({
  id: `${baseUrl}#m`,
  name: 'm',
  provider: 'server',
  endpoint: { baseUrl, card: 'generic' },
  model: 'm',
});

function desk(person: Person, facts: Partial<Destination> = {}, rules: readonly PolicyRules[] = []) {
  const consents = new Consents(new FakeMemento());
  const policy = () => Promise.resolve({ rules, broken: [], consents: consents.all() });
  const needs = {
    ...person.needs,
    gate: gateFor({ policy }),
    survey: { destinationOf: ({ endpoint }: ServedModel) => Promise.resolve(serverAt(endpoint.baseUrl, facts)) },
    placeOf: () =>
      ({ route: { kind: 'private', evidence: 'assumed', host: undefined, remote: undefined }, server: 'Us' }) as const,
    policy,
    clock: new FakeClock(),
  };
  const agree = async (url: string): Promise<boolean> => {
    const given = await agreeTo(needs, { model: modelAt(url), roles: ['completion'] });
    for (const consent of given ?? []) await consents.add(consent);
    return given !== undefined;
  };
  return { agree, consents, needs };
}

describe('before a model is picked', () => {
  it('the user is asked once per origin, for both roles', async () => {
    const person = new Person({ pick: 'Agree' });
    const { agree, consents } = desk(person);
    expect(await agree('http://10.0.0.5:8000/v1')).toBe(true);
    expect(await agree('http://10.0.0.5:8000/v2')).toBe(true);
    expect(person.seen).toHaveLength(1);
    expect(person.seen[0]).toMatchObject({ kind: 'dialog', title: expect.stringContaining('Us') });
    expect(consents.all()).toMatchObject([{ destination: 'http://10.0.0.5:8000', route: 'private' }]);
  });

  it('the user is not asked again for what they agreed to for the same change', async () => {
    const person = new Person({ pick: 'Agree' });
    const { needs } = desk(person);
    const picking = { model: modelAt('http://10.0.0.5:8000/v1'), roles: ['chat'] } as const;
    const agreed = await agreeTo(needs, picking);
    expect(await agreeTo(needs, { ...picking, agreed: agreed ?? [] })).toEqual([]);
    expect(person.seen).toHaveLength(1);
  });

  it('a long look for where it is can be seen and stopped', async () => {
    const person = new Person();
    const { needs } = desk(person);
    person.withProgress = (({ title }: { title: string }, task: (...given: unknown[]) => Promise<unknown>) => {
      person.note('progress', title, '');
      return task({}, { onCancellationRequested: (stop: () => void) => stop() });
    }) as typeof person.withProgress;
    const destinationOf = (_model: ServedModel, signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Failure('aborted', ''))));
    const picking = { model: modelAt('http://10.0.0.5:8000'), roles: ['chat'] } as const;
    const agreeing = agreeTo({ ...needs, survey: { destinationOf } }, picking);
    await Promise.all([expect(agreeing).rejects.toMatchObject({ kind: 'aborted' }), needs.clock.advance(400)]);
    expect(person.seen.map(({ kind }) => kind)).toEqual(['progress']);
  });

  it('a no is a no, and is not remembered', async () => {
    const person = new Person('escape', { pick: 'Don’t Send' });
    const { agree, consents } = desk(person);
    expect([await agree('http://10.0.0.5:8000'), await agree('http://10.0.0.5:8000')]).toEqual([false, false]);
    expect(consents.all()).toEqual([]);
  });

  it('is asked again where an address has moved further away, and told so', async () => {
    const person = new Person('escape');
    const { agree, consents } = desk(person);
    await consents.add({ destination: 'http://10.0.0.5:8000', route: 'loopback', atMs: 1 });
    expect(await agree('http://10.0.0.5:8000')).toBe(false);
    expect(person.seen[0]?.text).toContain(
      'You agreed to this address as a server on this computer. That is no longer',
    );
  });

  it('nobody is asked about a server on this computer that keeps what it is sent', async () => {
    const person = new Person();
    expect(await desk(person, { nature: 'holdsWeights' }).agree('http://127.0.0.1:8080')).toBe(true);
    expect(person.seen).toEqual([]);
  });

  it('one on this computer that passes it on is asked about by where it goes', async () => {
    const person = new Person({ pick: 'Agree' });
    const { agree, consents } = desk(person, { nature: 'forwards', forwardsTo: 'ollama.com' });
    expect(await agree('http://127.0.0.1:11434')).toBe(true);
    expect(consents.all()).toMatchObject([{ destination: 'http://127.0.0.1:11434 -> ollama.com', route: 'internet' }]);
    expect(person.seen[0]?.text).toContain('ollama.com');
  });

  it('what a rule forbids is not asked about', async () => {
    const person = new Person();
    const { agree } = desk(person, {}, [{ source: '/etc/paddock/policy.json', forbiddenModels: ['m'] }]);
    await expect(agree('http://10.0.0.5:8000')).rejects.toMatchObject({
      kind: 'denied',
      action: 'openPolicy',
      facts: { rule: 'forbiddenModels: m', source: '/etc/paddock/policy.json' },
    });
    expect(person.seen).toEqual([]);
  });
});
