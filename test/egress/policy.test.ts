import { describe, expect, it } from 'vitest';
import {
  ceilings,
  destinationOf,
  judge,
  judgeUnresolved,
  type Consent,
  type Policy,
  type PolicyRules,
  type Question,
} from '../../src/egress/policy.ts';
import type { Route, RouteKind } from '../../src/ledger/entry.ts';

const file = '/etc/paddock/policy.json';
const origin = 'https://api.example.com';

function routeOf(kind: RouteKind, evidence: Route['evidence'] = 'verified', forwardsTo?: string): Route {
  const host = kind === 'inProcess' ? undefined : 'api.example.com';
  return { kind, evidence, host, remote: undefined, ...(forwardsTo === undefined ? {} : { forwardsTo }) };
}

function consent(destination: string, route: Consent['route']): Consent {
  return { destination, route, atMs: 1 };
}

/** Everything allowed, everything agreed to. */
const open: Policy = { rules: [], broken: [], consents: [consent(origin, 'internet')] };

function rules(...each: Omit<PolicyRules, 'source'>[]): Policy {
  return { ...open, rules: each.map((one) => ({ source: file, ...one })) };
}

/** A completion that goes to the internet, but for what is said. */
function question(change: Partial<Question>): Question {
  return {
    policy: open,
    purpose: { role: 'completion', initiator: 'automatic' },
    route: routeOf('internet'),
    origin,
    host: 'api.example.com',
    modelName: 'large',
    items: [{ uri: 'file:///home/u/repo/src/main.ts', bytes: 10 }],
    ...change,
  };
}

/** `allow`, `ask`, or the rule that forbids it. */
function said(change: Partial<Question>): string {
  const verdict = judge(question(change));
  return verdict.kind === 'deny' ? verdict.rule : verdict.kind;
}

describe('ceilings', () => {
  const kinds: readonly RouteKind[] = ['inProcess', 'loopback', 'private', 'internet'];
  const matrix = ceilings.flatMap((ceiling, least) =>
    kinds.map((kind, most) => ({ ceiling, kind, may: most <= least })),
  );

  it.each(matrix)('$ceiling and a route to $kind: $may', ({ ceiling, kind, may }) => {
    expect(said({ policy: rules({ ceiling }), route: routeOf(kind) })).toBe(may ? 'allow' : `ceiling: ${ceiling}`);
  });

  it('hold for errands too', () => {
    const purpose = { role: 'probe', initiator: 'automatic' } as const;
    const probe = {
      purpose,
      route: routeOf('loopback', 'assumed'),
      origin: 'http://localhost:80',
      modelName: undefined,
    };
    expect(said({ ...probe, policy: rules({ ceiling: 'loopback' }) })).toBe('allow');
    expect(said({ ...probe, policy: rules({ ceiling: 'device' }) })).toBe('ceiling: device');
  });

  it('are as strict as the strictest, which is named', () => {
    const both = [
      { source: 'your settings', ceiling: 'private' },
      { source: file, ceiling: 'loopback' },
      { source: '/repo/.paddock/policy.json', ceiling: 'any' },
    ] as const;
    for (const each of [both, both.toReversed()]) {
      const verdict = judge(question({ policy: { ...open, rules: each }, route: routeOf('internet') }));
      expect(verdict).toMatchObject({ kind: 'deny', source: file, rule: 'ceiling: loopback', action: 'openPolicy' });
    }
  });

  it('of the settings say so and lead there', () => {
    const policy = { ...open, rules: [{ source: 'your settings', ceiling: 'private' }] } as const;
    expect(judge(question({ policy }))).toEqual({
      kind: 'deny',
      source: 'your settings',
      rule: 'ceiling: private',
      message:
        'https://api.example.com is on the internet, and your settings allow only this computer and the private network.',
      action: 'openSettings',
    });
  });

  it('see through a server that forwards', () => {
    const route = routeOf('internet', 'assumed', 'ollama.com');
    const asked = { route, origin: 'http://localhost:11434', host: 'localhost:11434' };
    const verdict = judge(question({ ...asked, policy: rules({ ceiling: 'private' }) }));
    expect(verdict).toMatchObject({ rule: 'ceiling: private' });
    expect(verdict.kind === 'deny' && verdict.message).toContain('passes what it is sent on to ollama.com');
  });
});

describe('a broken file', () => {
  const policy: Policy = { ...open, broken: [{ source: file, line: 3, message: 'The ceiling is not known.' }] };

  it('denies what leaves the process and names itself and the line', () => {
    for (const kind of ['loopback', 'private', 'internet'] as const) {
      expect(judge(question({ policy, route: routeOf(kind) }))).toEqual({
        kind: 'deny',
        source: file,
        rule: 'line 3',
        message: `${file}, line 3: The ceiling is not known. Until it is mended, nothing is sent.`,
        action: 'openPolicy',
      });
    }
  });

  it('leaves our own engine alone and denies errands', () => {
    expect(said({ policy, route: routeOf('inProcess') })).toBe('allow');
    expect(said({ policy, purpose: { role: 'list', initiator: 'user' }, modelName: undefined })).toBe('line 3');
  });
});

describe('consent', () => {
  const none: Policy = { ...open, consents: [] };

  it.each([
    ['inProcess', 'verified', 'allow'],
    ['loopback', 'verified', 'allow'],
    ['loopback', 'assumed', 'ask'],
    ['private', 'verified', 'ask'],
    ['internet', 'verified', 'ask'],
  ] as const)('to a route that is %s and %s: %s', (kind, evidence, expected) => {
    for (const role of ['completion', 'chat'] as const) {
      expect(said({ policy: none, route: routeOf(kind, evidence), purpose: { role, initiator: 'user' } })).toBe(
        expected,
      );
    }
  });

  it('is nothing that errands need which the user sent', () => {
    for (const role of ['probe', 'list', 'download'] as const) {
      expect(said({ policy: none, purpose: { role, initiator: 'user' } })).toBe('allow');
    }
  });

  describe('is needed by an automatic errand beyond this computer', () => {
    const probe = { purpose: { role: 'probe', initiator: 'automatic' }, modelName: undefined, items: [] } as const;
    const given = (...consents: Consent[]): Policy => ({ ...none, consents });

    it.each([
      ['loopback', 'assumed', 'allow'],
      ['private', 'assumed', 'ask'],
      ['internet', 'verified', 'ask'],
    ] as const)('%s and %s: %s', (kind, evidence, expected) => {
      expect(said({ ...probe, policy: none, route: routeOf(kind, evidence) })).toBe(expected);
    });

    it('and is given by one for the origin, or for what lies behind it', () => {
      const route = routeOf('private');
      expect(said({ ...probe, route, policy: given(consent(origin, 'private')) })).toBe('allow');
      expect(said({ ...probe, route, policy: given(consent(`${origin} -> ollama.com`, 'internet')) })).toBe('allow');
      expect(said({ ...probe, route: routeOf('internet'), policy: given(consent(origin, 'private')) })).toBe('ask');
      expect(said({ ...probe, route, policy: given(consent(`${origin}x -> a.example`, 'internet')) })).toBe('ask');
    });

    it('before its name is looked up', () => {
      const before = (policy: Policy, likely: Route): string | undefined => {
        const { route: _route, ...rest } = question({ ...probe, policy });
        return judgeUnresolved({ ...rest, likely })?.kind;
      };
      expect(before(none, routeOf('internet', 'assumed'))).toBe('ask');
      expect(before(given(consent(origin, 'private')), routeOf('internet', 'assumed'))).toBeUndefined();
      expect(before(none, routeOf('loopback', 'assumed'))).toBeUndefined();
    });
  });

  it('counts for its own origin only', () => {
    for (const other of ['http://api.example.com', 'https://api.example.com:8443', 'https://example.com']) {
      expect(said({ policy: { ...none, consents: [consent(other, 'internet')] } })).toBe('ask');
    }
  });

  it('is asked again when a name moved from the private network to the internet', () => {
    const policy = { ...none, consents: [consent(origin, 'private')] };
    expect(said({ policy, route: routeOf('private') })).toBe('allow');
    expect(judge(question({ policy }))).toMatchObject({
      kind: 'ask',
      agreed: 'private',
      destination: origin,
      message: expect.stringContaining(
        'while it was on the private network; now https://api.example.com is on the internet',
      ),
    });
  });

  it('is asked again when a server on this computer starts to forward', () => {
    const local = { origin: 'http://localhost:4000', host: 'localhost:4000' };
    const policy = { ...none, consents: [consent(local.origin, 'loopback')] };
    expect(said({ ...local, policy, route: routeOf('loopback', 'assumed') })).toBe('allow');
    const route = routeOf('internet', 'assumed', 'api.openai.com');
    const verdict = judge(question({ ...local, policy, route }));
    expect(verdict).toMatchObject({ kind: 'ask', destination: 'http://localhost:4000 -> api.openai.com' });
    expect(verdict).toMatchObject({ agreed: 'loopback', message: expect.stringContaining('on to api.openai.com') });
    const given = { ...none, consents: [consent(destinationOf(local.origin, route), 'internet')] };
    expect(said({ ...local, policy: given, route })).toBe('allow');
    expect(said({ ...local, policy: given, route: { ...route, forwardsTo: 'other.example' } })).toBe('ask');
  });

  it('never beats a rule', () => {
    expect(said({ policy: rules({ ceiling: 'private' }) })).toBe('ceiling: private');
    expect(said({ policy: { ...rules({ forbiddenModels: ['large'] }), consents: [] } })).toBe('forbiddenModels: large');
  });
});

describe('before a name is looked up', () => {
  const early = (change: Partial<Question>): string | undefined => {
    const { route, ...rest } = question(change);
    const verdict = judgeUnresolved({ ...rest, likely: route });
    return verdict?.kind === 'deny' ? verdict.rule : verdict?.kind;
  };

  it('nothing forbids it where the private network is allowed: it may be there', () => {
    expect(early({ policy: rules({ ceiling: 'private' }) })).toBeUndefined();
  });

  it('an address on the internet needs no looking up to be forbidden', () => {
    const address = { origin: 'http://203.0.113.9', host: '203.0.113.9' };
    expect(early({ ...address, policy: rules({ ceiling: 'private' }) })).toBe('ceiling: private');
  });

  it('no name but this computer’s is looked up where only this computer is allowed', () => {
    expect(early({ policy: rules({ ceiling: 'loopback' }) })).toBe('ceiling: loopback');
    const local = { origin: 'http://localhost:8080', host: 'localhost', route: routeOf('loopback') };
    expect(early({ ...local, policy: rules({ ceiling: 'loopback' }) })).toBeUndefined();
    expect(early({ ...local, policy: rules({ ceiling: 'device' }) })).toBe('ceiling: device');
  });

  it('every rule that needs no address holds', () => {
    expect(early({ policy: rules({ forbiddenHosts: ['*.example.com'] }) })).toBe('forbiddenHosts: *.example.com');
    expect(early({ policy: rules({ forbiddenModels: ['large'] }) })).toBe('forbiddenModels: large');
    expect(early({ policy: rules({ neverSend: ['*.ts'] }) })).toBe('neverSend: *.ts');
    expect(early({ policy: { ...open, broken: [{ source: file, line: 1, message: 'It is empty.' }] } })).toBe('line 1');
  });

  it('a missing consent is not known yet: the name may be this computer’s', () => {
    expect(early({ policy: { ...open, consents: [] } })).toBeUndefined();
  });
});

describe('hosts', () => {
  const forbids = (pattern: string, to: string, forwardsTo?: string): boolean => {
    const asked = { origin: to, host: to.replace(/^\w+:\/\//, ''), route: routeOf('internet', 'verified', forwardsTo) };
    const policy = {
      ...rules({ forbiddenHosts: [pattern] }),
      consents: [consent(destinationOf(to, asked.route), 'internet')],
    };
    return said({ ...asked, policy }) === `forbiddenHosts: ${pattern}`;
  };

  it.each([
    ['api.example.com', 'https://api.example.com', true],
    ['api.example.com', 'https://example.com', false],
    ['api.example.com', 'https://api.example.com.', true],
    ['API.Example.COM.', 'https://api.example.com', true],
    ['*.example.com', 'https://a.b.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://notexample.com', false],
    ['*', 'https://anything.example', true],
    ['*:8080', 'http://10.0.0.5:8080', true],
    ['*:8080', 'http://10.0.0.5:8081', false],
    ['example.com:8443', 'https://example.com:8443', true],
    ['example.com:8443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:80', 'http://example.com', true],
    ['bücher.example', 'https://xn--bcher-kva.example', true],
    ['xn--bcher-kva.example', 'https://BÜCHER.example', true],
    ['*.bücher.example', 'https://api.xn--bcher-kva.example', true],
    ['10.0.0.5', 'http://10.0.0.5:8080', true],
    ['10.0.0.5', 'http://0xa000005', true],
    ['10.0.0.5', 'http://167772165', true],
    ['10.0.0.5', 'http://[::ffff:10.0.0.5]:1', true],
    ['10.0.0.5', 'http://１０.0.0.5', true],
    ['2001:db8::1', 'http://[2001:DB8:0:0::1]:8080', true],
    ['[2001:db8::1]:8080', 'http://[2001:db8::1]:8080', true],
    ['[2001:db8::1]:8080', 'http://[2001:db8::1]:8081', false],
    ['localhost', 'http://127.0.0.1:11434', true],
    ['127.0.0.1', 'http://localhost:11434', true],
    ['localhost', 'http://[::1]:11434', true],
    ['localhost', 'http://any.localhost', true],
    ['localhost', 'http://0.0.0.0:1', true],
    ['localhost', 'https://localhost.example.com', false],
    ['unix:/run/llama.sock', 'unix:/run/llama.sock', true],
    ['unix:/run/llama.sock', 'unix:/run/other.sock', false],
  ])('"%s" forbids %s: %s', (pattern, to, expected) => {
    expect(forbids(pattern, to)).toBe(expected);
  });

  it('are held against the host behind a server that forwards', () => {
    expect(forbids('ollama.com', 'http://localhost:11434', 'https://ollama.com:443')).toBe(true);
    expect(forbids('ollama.com:443', 'http://localhost:11434', 'ollama.com')).toBe(true);
    expect(forbids('ollama.com', 'http://localhost:11434', 'other.example')).toBe(false);
  });

  it('are held against the addresses of a name', () => {
    const asked = { addresses: ['203.0.113.9', '10.0.0.5'], host: 'api.example.com' };
    expect(said({ ...asked, policy: rules({ forbiddenHosts: ['10.0.0.5'] }) })).toBe('forbiddenHosts: 10.0.0.5');
    expect(said({ ...asked, policy: rules({ forbiddenHosts: ['10.0.0.6'] }) })).toBe('allow');
  });

  it('that are allowed leave no other, not even on this computer', () => {
    const policy = rules({ allowedHosts: ['*.example.com', 'localhost:8080'] });
    expect(said({ policy })).toBe('allow');
    const local = (port: number) => ({ policy, origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}` });
    expect(said({ ...local(8080), route: routeOf('loopback') })).toBe('allow');
    expect(said({ ...local(8081), route: routeOf('loopback') })).toBe('allowedHosts');
    expect(said({ ...local(8080), route: routeOf('internet', 'assumed', 'other.example') })).toBe('allowedHosts');
    expect(said({ policy: rules({ allowedHosts: [] }) })).toBe('allowedHosts');
  });

  it('have to be allowed by every file that names some', () => {
    expect(said({ policy: rules({ allowedHosts: ['api.example.com'] }, { allowedHosts: ['other.example'] }) })).toBe(
      'allowedHosts',
    );
  });
});

describe('models', () => {
  it.each([
    ['large', 'large', true],
    ['large', 'Large', true],
    ['large', 'larger', false],
    ['gpt-*', 'gpt-5', true],
    ['*-cloud', 'qwen3:480b-cloud', true],
    ['*/deepseek*', 'openrouter/deepseek/r1', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['*', 'anything', true],
    ['llama3:latest', 'llama3', true],
    ['llama3', 'llama3:latest', true],
    ['llama3', 'llama3:8b', false],
    ['gpt.4', 'gpt-4', false],
  ])('"%s" means %s: %s', (pattern, modelName, expected) => {
    const forbidden = said({ modelName, policy: rules({ forbiddenModels: [pattern] }) });
    expect(forbidden).toBe(expected ? `forbiddenModels: ${pattern}` : 'allow');
    expect(said({ modelName, policy: rules({ allowedModels: [pattern] }) })).toBe(expected ? 'allow' : 'allowedModels');
  });

  it('are no matter of errands that ask none', () => {
    const purpose = { role: 'list', initiator: 'user' } as const;
    expect(said({ purpose, modelName: undefined, policy: rules({ allowedModels: ['small'] }) })).toBe('allow');
  });
});

describe('files that are never sent', () => {
  const root = 'file:///home/u/repo';
  const held = (neverSend: string, uri: string, folder: string | undefined = root): boolean => {
    const own = folder === undefined ? {} : { root: folder };
    return said({ items: [{ uri, bytes: 1 }], policy: rules({ neverSend: [neverSend], ...own }) }) !== 'allow';
  };

  it.each([
    ['secrets/**', 'file:///home/u/repo/secrets/key.txt', true],
    ['secrets/**', 'file:///home/u/repo/src/secrets/key.txt', false],
    ['secrets', 'file:///home/u/repo/src/secrets/deep/key.txt', true],
    ['/secrets', 'file:///home/u/repo/src/secrets/key.txt', false],
    ['/secrets/', 'file:///home/u/repo/secrets/key.txt', true],
    ['**/*.pem', 'file:///home/u/repo/a/b/c.pem', true],
    ['*.pem', 'file:///home/u/repo/a/b/c.pem', true],
    ['*.pem', 'file:///home/u/repo/a/b/c.pem.txt', false],
    ['.env*', 'file:///home/u/repo/.env.local', true],
    ['**', 'file:///home/u/repo/.hidden/x', true],
    ['src/*.ts', 'file:///home/u/repo/src/a.ts', true],
    ['src/*.ts', 'file:///home/u/repo/src/deep/a.ts', false],
    ['src/**/a.ts', 'file:///home/u/repo/src/a.ts', true],
    ['{a,b/{c,d}}/x', 'file:///home/u/repo/b/d/x', true],
    ['[a-c]?.txt', 'file:///home/u/repo/bz.txt', true],
    ['[!a-c]?.txt', 'file:///home/u/repo/bz.txt', false],
    ['a\\*b', 'file:///home/u/repo/a*b', true],
    ['a\\*b', 'file:///home/u/repo/axb', false],
    ['app/(auth)/x', 'file:///home/u/repo/app/(auth)/x', true],
    ['Secrets/**', 'file:///home/u/repo/sECRETS/key.txt', true],
    ['café.txt', 'file:///home/u/repo/cafe%CC%81.txt', true],
    ['a b.txt', 'file:///home/u/repo/a%20b.txt', true],
    ['secret.txt', 'file:///home/u/repo/src/../secret.txt', true],
    ['*.txt', 'file:///home/u/repo/100%.txt', true],
  ])('"%s" holds back %s: %s', (glob, uri, expected) => {
    expect(held(glob, uri)).toBe(expected);
  });

  it.each([
    ['file:///home/u/other/key.pem', false],
    ['file:///home/u/repository/key.pem', false],
    ['file:///home/u/repo/../other/key.pem', false],
    ['file:///home/u/REPO/key.pem', true],
    ['git:/home/u/repo/key.pem?%7B%22ref%22%3A%22HEAD%22%7D', true],
    ['vscode-notebook-cell:/home/u/repo/key.pem#W0', true],
    ['untitled:key.pem', false],
  ])('a repository speaks for its own folder, also for a view of its files: %s %s', (uri, expected) => {
    expect(held('*.pem', uri)).toBe(expected);
  });

  it('holds on Windows in either case and however the drive is written', () => {
    const folder = 'file:///c%3A/Users/U/repo';
    for (const uri of ['file:///c%3A/Users/U/repo/key.pem', 'file:///C:/users/u/REPO/KEY.PEM']) {
      expect(held('*.pem', uri, folder)).toBe(true);
    }
    expect(held('*.pem', 'file:///d%3A/Users/U/repo/key.pem', folder)).toBe(false);
  });

  it('tells machines apart', () => {
    const folder = 'vscode-remote://ssh-remote%2Bone/home/u/repo';
    expect(held('*.pem', 'vscode-remote://ssh-remote%2Bone/home/u/repo/key.pem', folder)).toBe(true);
    expect(held('*.pem', 'vscode-remote://ssh-remote+one/home/u/repo/key.pem', folder)).toBe(true);
    expect(held('*.pem', 'vscode-remote://ssh-remote%2Btwo/home/u/repo/key.pem', folder)).toBe(false);
  });

  it.each([
    ['secrets/*.txt', 'file:///anywhere/secrets/a.txt', true],
    ['/secrets/*.txt', 'file:///anywhere/secrets/a.txt', true],
    ['C:/Users/*/private', 'file:///c%3A/Users/u/private/x', true],
    ['secrets/*.txt', 'file:///anywhere/secrets/deep/a.txt', false],
    ['*.pem', 'untitled:key.pem', true],
  ])('the machine owner’s "%s" holds for the end of any path: %s %s', (glob, uri, expected) => {
    expect(said({ items: [{ uri, bytes: 1 }], policy: rules({ neverSend: [glob] }) }) !== 'allow').toBe(expected);
  });

  it('stay out of every route but our own engine’s, whatever else goes with them', () => {
    const items = [
      { uri: 'file:///home/u/repo/a.ts', bytes: 1 },
      { uri: 'file:///home/u/repo/.env', bytes: 1 },
    ];
    const policy = rules({ neverSend: ['.env'], root });
    expect(said({ items, policy, route: routeOf('inProcess') })).toBe('allow');
    for (const kind of ['loopback', 'private', 'internet'] as const) {
      expect(judge(question({ items, policy, route: routeOf(kind) }))).toMatchObject({
        rule: 'neverSend: .env',
        message: `${file} keeps .env from being sent anywhere (".env").`,
      });
    }
  });

  it('a glob that makes no sense holds back everything', () => {
    expect(held('[a', 'file:///home/u/repo/a.ts')).toBe(true);
  });
});
