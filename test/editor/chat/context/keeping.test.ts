import { expect, it } from 'vitest';
import { readIgnoreFile } from '../../../../src/egress/ignored.ts';
import { keptBack } from '../../../../src/editor/chat/context/keeping.ts';
import type { Route } from '../../../../src/ledger/entry.ts';
import { repo } from '../../../support/chatContext.ts';

const route = (kind: Route['kind'], evidence: Route['evidence'] = 'verified'): Route => ({
  kind,
  evidence,
  host: kind === 'inProcess' ? undefined : 'server:1',
  remote: undefined,
});

const needs = {
  policy: () => Promise.resolve({ rules: [{ source: 'policy.json', neverSend: ['*.sql'] }], broken: [], consents: [] }),
  ignoreFiles: () =>
    Promise.resolve([readIgnoreFile({ source: '.aiignore', folder: repo, name: '.aiignore', text: '*.csv' })]),
};

it.each([
  ['a.sql', route('inProcess'), undefined],
  ['a.sql', route('loopback'), 'stays here: policy.json has "*.sql"'],
  ['a.sql', route('internet'), 'stays here: policy.json has "*.sql"'],
  ['a.csv', route('loopback'), undefined],
  ['a.csv', route('loopback', 'assumed'), 'stays here: .aiignore has "*.csv"'],
  ['a.csv', route('private'), 'stays here: .aiignore has "*.csv"'],
  ['.env', route('internet'), 'stays here: Paddock\'s list of secret files has ".env"'],
  ['.env', route('inProcess'), undefined],
  ['a.ts', route('internet'), undefined],
])('%s on the route %j: %s', async (name, on, why) => {
  expect(await keptBack(needs, `${repo}/${name}`, on)).toBe(why);
});

it('says nothing as long as nobody knows where the question will go', async () => {
  expect(await keptBack(needs, `${repo}/.env`, undefined)).toBeUndefined();
});
