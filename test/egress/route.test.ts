import { describe, expect, it, test } from 'vitest';
import { isNowhere, isSameAddress } from '../../src/egress/exposure.ts';
import { originFrom, pathWithin } from '../../src/egress/origin.ts';
import { isProxied, noProxy, unannounced, type Proxy } from '../../src/egress/proxy.ts';
import { hopTo, routeOver, routeTo, type Program, type Side } from '../../src/egress/route.ts';
import type { RouteKind } from '../../src/ledger/entry.ts';

const here = { remote: undefined };
const announced: Proxy = { url: 'http://127.0.0.1:3128', noProxy: ['.corp', 'direct.example:8443', '192.168.7.7'] };

type Facts = Partial<Program & { readonly proxy: Proxy; readonly side: Side }>;
const holds: Facts = { nature: 'holdsWeights' };
const behind: Facts = { proxy: announced };

function routed(url: string, addresses: readonly string[] | undefined, facts: Facts = {}) {
  const { proxy = noProxy, side = here, nature = 'unknown', forwardsTo } = facts;
  const origin = originFrom(url);
  return routeOver(hopTo(origin, addresses, proxy), origin, { nature, forwardsTo }, side);
}

/** [URL, the addresses its name was resolved to, the route's kind and evidence, what else is known] */
type Case = readonly [string, readonly string[] | undefined, `${RouteKind} ${'verified' | 'assumed'}`, Facts?];

const literals: readonly Case[] = [
  ['http://127.0.0.1:8080/v1', undefined, 'loopback assumed'],
  ['http://127.0.0.1:8080/v1', undefined, 'loopback verified', holds],
  ['http://127.255.255.254', undefined, 'loopback verified', holds],
  ['https://127.0.0.1', undefined, 'loopback verified', holds],
  ['http://127.1', undefined, 'loopback verified', holds], // short
  ['http://2130706433', undefined, 'loopback verified', holds], // decimal
  ['http://0x7f.0.0.1', undefined, 'loopback verified', holds], // hexadecimal
  ['http://0177.0.0.1', undefined, 'loopback verified', holds], // octal
  ['http://[::1]:8080', undefined, 'loopback verified', holds],
  ['http://[0:0:0:0:0:0:0:1]', undefined, 'loopback verified', holds],
  ['http://[::ffff:127.0.0.1]', undefined, 'loopback verified', holds],
  ['http://[::ffff:7f00:1]', undefined, 'loopback verified', holds],
  ['http://10.0.0.5:8000', undefined, 'private assumed'],
  ['http://10.0.0.5:8000', undefined, 'private verified', holds],
  ['http://167772165', undefined, 'private assumed'], // 10.0.0.5
  ['http://172.15.255.255', undefined, 'internet verified'],
  ['http://172.16.0.1', undefined, 'private assumed'],
  ['http://172.31.255.255', undefined, 'private assumed'],
  ['http://172.32.0.0', undefined, 'internet verified'],
  ['http://192.168.1.10', undefined, 'private assumed'],
  ['http://192.169.0.1', undefined, 'internet verified'],
  ['http://169.254.169.254', undefined, 'private assumed'], // link-local; a cloud's metadata
  ['http://100.64.0.1', undefined, 'private assumed'], // carriers, Tailscale
  ['http://100.127.255.255', undefined, 'private assumed'],
  ['http://100.128.0.1', undefined, 'internet verified'],
  ['http://100.63.255.255', undefined, 'internet verified'],
  ['http://[fd7a:115c:a1e0::1]', undefined, 'private assumed'], // Tailscale's unique local
  ['http://[fc00::1]', undefined, 'private assumed'],
  ['http://[fe80::1]', undefined, 'private assumed'],
  ['http://[::ffff:192.168.0.1]', undefined, 'private assumed'],
  ['http://[fec0::1]', undefined, 'internet verified'], // site-local, deprecated
  ['http://[::127.0.0.1]', undefined, 'internet verified'], // IPv4-compatible, deprecated
  ['http://[64:ff9b::10.0.0.1]', undefined, 'internet verified'], // NAT64
  ['http://[64:ff9b:1::1]', undefined, 'internet verified'],
  ['http://[2002:a00:1::1]', undefined, 'internet verified'], // 6to4 of 10.0.0.1
  ['http://[2001:0:a00:1::1]', undefined, 'internet verified'], // Teredo
  ['http://[2606:4700::6810:1]', undefined, 'internet verified'],
  ['http://1.1.1.1', undefined, 'internet verified', holds],
  ['http://198.18.0.7', undefined, 'internet verified'], // benchmarking; proxies answer from it
  ['http://240.0.0.1', undefined, 'internet verified'], // reserved
  ['http://192.0.2.1', undefined, 'internet verified'], // documentation
];

const names: readonly Case[] = [
  ['http://localhost:11434', undefined, 'loopback assumed'],
  ['http://localhost:11434', ['127.0.0.1', '::1'], 'loopback verified', holds],
  ['http://LOCALHOST', undefined, 'loopback verified', holds],
  ['http://localhost.:8080', undefined, 'loopback verified', holds],
  ['http://llama.localhost', undefined, 'loopback verified', holds],
  ['http://localhost.example', ['127.0.0.1'], 'loopback verified', holds],
  ['http://localhost.example', undefined, 'internet assumed'],
  ['http://notlocalhost', undefined, 'internet assumed'],
  ['https://api.openai.com/v1', ['162.159.140.245', '2606:4700:7::1'], 'internet verified'],
  ['https://api.openai.com/v1', undefined, 'internet assumed'],
  ['http://gpu.corp:8000', ['10.1.2.3'], 'private assumed'],
  ['http://gpu.corp:8000', ['10.1.2.3', 'fd00::3'], 'private verified', holds],
  ['http://gpu.corp:8000', ['10.1.2.3', '52.1.2.3'], 'internet verified'], // the most exposed counts
  ['http://gpu.corp:8000', ['127.0.0.1', '10.1.2.3'], 'private assumed'],
  ['http://mine.example', ['127.0.0.1', '::1'], 'loopback assumed'],
  ['http://mine.example', ['127.0.0.1', '::ffff:8.8.8.8'], 'internet verified'],
  ['http://mine.example', ['fe80::1%eth0'], 'private assumed'],
  ['http://mine.example', ['not an address'], 'internet verified'],
  ['http://mine.example', ['::127.0.0.1'], 'internet verified'],
  ['http://mine.example', [], 'internet assumed'],
  ['http://studio.local:1234', ['192.168.1.9'], 'private assumed'],
  ['http://studio.local:1234', undefined, 'private assumed'],
  ['http://studio.local:1234', ['192.168.1.9', '2a02::9'], 'internet verified'],
  ['http://studio.local.', undefined, 'private assumed'],
  ['unix:/run/llama.sock', undefined, 'loopback assumed'],
  ['unix:/run/llama.sock', undefined, 'loopback verified', holds],
];

const proxied: readonly Case[] = [
  ['https://api.openai.com', undefined, 'internet assumed', behind],
  ['http://gpu.lab:8000', undefined, 'internet assumed', { ...behind, ...holds }],
  ['http://gpu.lab:8000', ['10.0.0.1'], 'internet assumed', behind], // addresses seen from here say nothing
  ['http://10.0.0.5:8000', undefined, 'private assumed', { ...behind, ...holds }],
  ['http://1.1.1.1', undefined, 'internet assumed', behind],
  ['http://studio.local', undefined, 'internet assumed', behind],
  ['http://localhost:8080', undefined, 'loopback verified', { ...behind, ...holds }], // the proxy on loopback
  ['http://127.0.0.1:8080', undefined, 'loopback assumed', behind],
  ['http://[::1]:8080', undefined, 'loopback assumed', behind],
  ['unix:/run/llama.sock', undefined, 'loopback assumed', behind],
  ['http://gpu.corp:8000', ['10.1.2.3'], 'private assumed', behind], // named as direct
  ['http://192.168.7.7', undefined, 'private verified', { ...behind, ...holds }],
  ['https://direct.example:8443', ['8.8.8.8'], 'internet verified', behind],
  ['https://direct.example', ['8.8.8.8'], 'internet assumed', behind],
  ['http://gpu.corp:8000', undefined, 'internet assumed', { proxy: unannounced }],
  ['http://10.0.0.5:8000', undefined, 'private assumed', { proxy: unannounced, ...holds }],
];

const cloud: Facts = { nature: 'forwards', forwardsTo: 'ollama.com' };
const forwarding: readonly Case[] = [
  ['http://localhost:11434', undefined, 'internet assumed', cloud],
  ['unix:/run/ollama.sock', undefined, 'internet assumed', cloud],
  ['http://10.0.0.5:4000', undefined, 'internet assumed', { nature: 'forwards' }],
  ['http://localhost:11434', undefined, 'internet assumed', { ...cloud, ...behind }],
];

describe('the route', () => {
  const cases = [...literals, ...names, ...proxied, ...forwarding].map(([url, at, expected, facts]) => ({
    url,
    at,
    expected,
    facts,
  }));

  test.each(cases)('$url at $at is $expected', ({ url, at, expected, facts }) => {
    const { kind, evidence } = routed(url, at, facts);
    expect(`${kind} ${evidence}`).toBe(expected);
  });

  it('says the host as asked for, the machine it starts from, and what lies behind the server', () => {
    const side = { remote: 'ssh-remote' };
    expect(routed('HTTP://Gpu.Corp:8000/v1', ['10.0.0.1'], { side })).toEqual({
      kind: 'private',
      evidence: 'assumed',
      host: 'gpu.corp:8000',
      remote: 'ssh-remote',
    });
    expect(routed('http://localhost:11434', undefined, cloud)).toMatchObject({
      host: 'localhost:11434',
      forwardsTo: 'ollama.com',
    });
    expect(routed('unix:/run/a%20b.sock', undefined).host).toBe('/run/a b.sock');
  });

  it('leads into our own process without a host', () => {
    const model = { id: 'embedded:/m.gguf', name: 'M', provider: 'embedded', file: '/m.gguf' } as const;
    expect(routeTo(model, here)).toEqual({
      kind: 'inProcess',
      evidence: 'verified',
      host: undefined,
      remote: undefined,
    });
  });

  it('is never less exposed before a name is resolved than the name itself says', () => {
    expect(routed('http://gpu.corp', undefined, holds)).toMatchObject({
      kind: 'internet',
      evidence: 'assumed',
    });
  });
});

describe('an origin', () => {
  test.each([
    'ftp://example.com',
    'file:///etc/passwd',
    'ws://localhost',
    'javascript:alert(1)',
    'localhost:8080',
    'example.com',
    '',
    'http://',
    'http://user:word@example.com',
    'http://token@localhost:8080',
    'http://[fe80::1%25eth0]/', // URLs have no zones
    'http://256.256.256.256',
    'unix://host/run/a.sock',
    'unix:a.sock',
    'unix:/run/%zz',
  ])('%j is none', (url) => {
    expect(() => originFrom(url)).toThrow(expect.objectContaining({ kind: 'requestInvalid' }) as Error);
  });

  it('keeps a password out of what it complains', () => {
    expect(() => originFrom('https://me:hunter2@example.com')).toThrow(/^(?!.*hunter2)/s);
  });

  test.each([
    ['https://api.openai.com/v1', 'https://api.openai.com/v1/models?x=1', '/v1/models?x=1'],
    ['https://api.openai.com:443/v1', 'https://API.openai.com/', '/'],
    ['https://api.openai.com/v1', 'http://api.openai.com/v1', undefined],
    ['https://api.openai.com/v1', 'https://api.openai.com:8443/v1', undefined],
    ['https://api.openai.com/v1', 'https://api.openai.com.evil.example/v1', undefined],
    ['https://api.openai.com/v1', 'https://me@api.openai.com/v1', undefined],
    ['http://localhost:8080', 'http://127.0.0.1:8080/', undefined],
    ['unix:/run/llama.sock', 'http://localhost/v1/models', '/v1/models'],
    ['unix:/run/llama.sock', 'http://localhost:8080/v1/models', undefined],
    ['unix:/run/llama.sock', 'https://example.com/', undefined],
  ])('of %s holds %s at %j', (base, url, path) => {
    expect(pathWithin(originFrom(base), new URL(url))).toBe(path);
  });

  it('has one name for keys, whatever follows the port', () => {
    expect(originFrom('https://API.OpenAI.com:443/v1').id).toBe('https://api.openai.com');
    expect(originFrom('http://[::1]:8080/v1')).toMatchObject({ id: 'http://[::1]:8080', host: '::1', port: 8080 });
    expect(originFrom('unix:/run/a.sock')).toMatchObject({ id: 'unix:/run/a.sock', socketPath: '/run/a.sock' });
  });
});

test.each(['0.0.0.0', '::', '255.255.255.255', '224.0.0.251', '239.1.1.1', 'ff02::1', '::ffff:0.0.0.0', '0.0.0.5'])(
  '%s is no machine',
  (address) => expect(isNowhere(address)).toBe(true),
);

test.each(['127.0.0.1', '::1', '10.0.0.1', 'fe80::1', '8.8.8.8', 'example.com'])('%s may be one', (address) =>
  expect(isNowhere(address)).toBe(false),
);

test.each([
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['fe80::1%eth0', 'fe80::1', true],
  ['0:0:0:0:0:0:0:1', '::1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['::1', '127.0.0.1', false],
  ['', '', false],
])('%s and %s are one address: %j', (one, other, expected) => expect(isSameAddress(one, other)).toBe(expected));

test.each([
  ['http://example.com', ['*'], false],
  ['http://example.com', [], true],
  ['http://example.com', ['', ' '], true],
  ['http://example.com', ['example.com'], false],
  ['http://sub.example.com', ['EXAMPLE.com'], false],
  ['http://notexample.com', ['example.com'], true],
  ['http://example.com', ['example.com:8080'], true],
  ['http://example.com:8080', ['example.com:8080'], false],
  // VS Code compares ends of names only, so a range is nothing to it.
  ['http://10.1.2.3', ['10.0.0.0/8'], true],
  ['http://10.1.2.3', ['10.1.2.3'], false],
  ['http://[fd00::1]', ['fd00::/8'], true],
  ['http://11.1.2.3', ['10.0.0.0/8', 'x/8'], true],
])('%s with %j named as direct goes through a proxy: %j', (url, direct, expected) => {
  expect(isProxied(originFrom(url), { url: 'http://proxy', noProxy: direct })).toBe(expected);
});
