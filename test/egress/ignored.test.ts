import ignore from 'ignore';
import { describe, expect, it } from 'vitest';
import { heldBack, ignoredBy, readIgnoreFile, secretFiles, type IgnoreRules } from '../../src/egress/ignored.ts';

const root = 'file:///home/u/my%20repo';

/** An ignore file in a folder below the root. */
function file(text: string, folder = '', name = '.aiignore'): IgnoreRules {
  return readIgnoreFile({ source: `${folder}${name}`, folder: `${root}${folder}`, name, text });
}

/** The pattern that keeps a file below the root back, or `undefined`. */
function rule(path: string, ...files: readonly IgnoreRules[]): string | undefined {
  return ignoredBy(`${root}/${path}`, files)?.rule;
}

describe('secret files', () => {
  it.each([
    '.env',
    '.env.local',
    '.env.production',
    'prod.env',
    'deep/down/.env',
    'server.pem',
    'tls/server.key',
    'cert.pfx',
    'cert.P12',
    'home/.ssh/id_ed25519',
    'home/.ssh/known_hosts',
    'id_rsa',
    'id_rsa.old',
    '.npmrc',
    '.netrc',
    '.pypirc',
    '.pgpass',
    '.git-credentials',
    'credentials',
    'home/.aws/credentials',
    'home/.aws/config',
    'home/.kube/config',
    'kubeconfig.yaml',
    '.docker/config.json',
    'terraform.tfstate',
    'config/secrets.yml',
    'client_secret_123.json',
    'service-account-prod.json',
  ])('%s never leaves', (path) => {
    expect(ignoredBy(`${root}/${path}`, [])?.source).toBe(secretFiles);
  });

  it.each([
    '.env.example',
    '.env.sample',
    '.env.template',
    '.env.production.example',
    'src/credentials/token.ts',
    'src/env.ts',
    'src/key.ts',
    'keyboard.ts',
    'config/config.json',
    'docs/credentials.md',
    'src/secrets.ts',
    'package.json',
    '.env/lib/python.py',
  ])('%s may', (path) => {
    expect(ignoredBy(`${root}/${path}`, [])).toBeUndefined();
  });

  it('stay secret whatever an ignore file takes out', () => {
    expect(rule('.env', file('!.env\n!*'))).toBe('.env');
  });

  it.each([
    'git:/home/u/my%20repo/.env?%7B%22ref%22%3A%22HEAD%22%7D',
    'vscode-notebook-cell:/home/u/my%20repo/.env#W0sZ',
    'vscode-remote://ssh-remote%2Bhost/home/u/.env',
    'file:///c%3A/Users/u/repo/.ENV',
    'untitled:.env',
    'file:///home/u/x/../.env',
  ])('are known as %s', (uri) => {
    expect(ignoredBy(uri, [])?.rule).toBe('.env');
  });
});

describe('an ignore file', () => {
  it('says which pattern of which file keeps a file back', () => {
    expect(ignoredBy(`${root}/a/data.csv`, [file('# data\n\n*.csv  \n', '/a')])).toEqual({
      rule: '*.csv',
      source: '/a.aiignore',
    });
  });

  it('says nothing about files beside or above its folder', () => {
    expect(rule('b/data.csv', file('*.csv', '/a'))).toBeUndefined();
    expect(rule('data.csv', file('*.csv', '/a'))).toBeUndefined();
    expect(rule('ab/data.csv', file('*.csv', '/a'))).toBeUndefined();
    expect(ignoredBy('file:///other/data.csv', [file('*.csv')])).toBeUndefined();
  });

  it('is completed by one of its name further in', () => {
    const files = [file('*.csv\n/out/'), file('!open.csv\n!*', '/a'), file('!*', '/out')];
    expect(rule('a/open.csv', ...files)).toBeUndefined();
    expect(rule('open.csv', ...files)).toBe('*.csv');
    expect(rule('out/open.txt', ...files)).toBe('/out/');
  });

  it('takes nothing out that another tool ignores', () => {
    expect(rule('a.csv', file('*.csv', '', '.cursorignore'), file('!*.csv'))).toBe('*.csv');
    expect(rule('a.csv', file('!*.csv'), file('*.csv', '', '.cursorignore'))).toBe('*.csv');
  });

  it.each([
    ['a.txt', '\ufeffa.txt\r\nb.txt\r\n', true],
    ['b.txt', '\ufeffa.txt\r\nb.txt\r\n', true],
    ['#a', '\\#a', true],
    ['!a', '\\!a', true],
    ['a ', 'a\\ ', true],
    ['a', 'a   ', true],
    ['{a,b}', '{a,b}', true],
    ['a', '{a,b}', false],
    ['x/build', 'build/', false],
    ['x/build/y', 'build/', true],
    ['a/b/c', 'a/**', true],
    ['a', 'a/**', false],
    ['a/keep', 'a/**\n!a/keep', false],
    ['a/x/keep', 'a/*\n!a/x/keep', true],
    ['a', '[a', false],
    ['[a', '[a', true],
    ['A.TXT', 'a.txt', true],
    ['ä/ö.txt', 'ö.txt', true],
  ])('%j with %j: %s', (path, text, isIgnored) => {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    expect(rule(encoded, file(text)) !== undefined).toBe(isIgnored);
  });

  it('keeps everything back with a pattern that makes no sense', () => {
    expect(rule('src/main.ts', file('../up'))).toBe('../up');
    expect(rule('src/main.ts', file('x'.repeat(300)))).toBe('x'.repeat(300));
  });

  it('says the same as the usual package, for patterns and paths put together by chance', () => {
    const draw = drawing();
    const one = <T>(of: readonly T[]): T => of[Math.floor(draw() * of.length)] as T;
    const names = ['a', 'b', 'ab', 'a.txt', 'b.txt', 'abc'];
    const parts = [...names, '*', '*.txt', 'a*', '?', 'a?', '[ab]', '[!a]', '**'];
    const join = (length: number, of: readonly string[]): string => Array.from({ length }, () => one(of)).join('/');
    for (let turn = 0; turn < 5000; turn += 1) {
      const lines = Array.from({ length: 1 + Math.floor(draw() * 4) }, () =>
        [one(['', '', '', '!']), one(['', '', '/']), join(1 + Math.floor(draw() * 3), parts), one(['', '', '/'])].join(
          '',
        ),
      );
      const path = join(1 + Math.floor(draw() * 4), names);
      const isIgnored = rule(path, file(lines.join('\n'))) !== undefined;
      expect({ lines, path, isIgnored }).toEqual({ lines, path, isIgnored: ignore().add(lines).ignores(path) });
    }
  });

  it('with hostile patterns takes no longer for it', () => {
    const hostile = ['**/a'.repeat(60), '*a'.repeat(120), 'a**'.repeat(80), '[a-z]*'.repeat(40), '{a,b}'.repeat(30)];
    const path = `${'a/'.repeat(100)}${'a'.repeat(200)}c`;
    expect(rule(path, file(`${hostile.join('b\n')}b`))).toBeUndefined();
  });
});

describe('what holds a file back', () => {
  it("is a policy's glob, the user's, an ignore file's pattern or a secret name", () => {
    const all = {
      rules: [
        { source: 'your settings', neverSend: ['*.sql'] },
        { source: '/repo/.paddock/policy.json', root, neverSend: ['private/**'] },
      ],
      files: [file('*.csv')],
    };
    const why = (path: string): unknown => heldBack(`${root}/${path}`, all);
    expect(why('x/dump.sql')).toEqual({ rule: '*.sql', source: 'your settings' });
    expect(why('private/a.ts')).toEqual({ rule: 'private/**', source: '/repo/.paddock/policy.json' });
    expect(why('a.csv')).toEqual({ rule: '*.csv', source: '.aiignore' });
    expect(why('.env')).toEqual({ rule: '.env', source: secretFiles });
    expect(why('src/a.ts')).toBeUndefined();
  });
});

/** The same numbers every time. */
function drawing(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}
