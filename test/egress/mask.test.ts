import { beforeAll, describe, expect, it } from 'vitest';
import { Mask, stem, type Masked } from '../../src/egress/mask.ts';
import { loadDetect } from '../../src/egress/mask/detect.ts';
import { namedPattern } from '../../src/egress/mask/named.ts';
import { loadSecretlint, usedRules } from '../../src/egress/mask/secretlint.ts';
import { sentRules } from '../../src/egress/mask/sent.ts';
import type { Detect } from '../../src/egress/mask/span.ts';
import { tokenRules } from '../../src/egress/mask/tokens.ts';
import { seeds } from '../support/secrets.ts';
import { sampleOfModules } from '../support/sampleOfModules.ts';

let detect: Detect;
beforeAll(async () => {
  detect = await loadDetect();
});

/** One text, masked on its own. */
function mask(text: string): string {
  return first(new Mask(detect).of([[text]]));
}

function first(masked: Masked): string {
  return masked.texts[0]?.[0] ?? '';
}

/** What of the secret is still there: its lines, and every run of eight characters of the longer ones. */
function remains(secret: string, kept: string): readonly string[] {
  return secret
    .split(/\n|\\n/)
    .flatMap((line) =>
      line.length < 20 ? [line] : Array.from({ length: line.length - 11 }, (_, at) => line.slice(at, at + 12)),
    )
    .filter((part) => part.length > 3 && kept.includes(part));
}

const all = seeds();
const github = `gh${'p_'}${'aB3dE5fG7hJ9'.repeat(3)}`;
const other = `gh${'p_'}${'Zx8Yw6Vu4Ts2'.repeat(3)}`;

describe('seeded secrets', () => {
  it('are of many kinds', () => {
    expect(new Set(all.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(130);
  });

  it.each(all)('$kind does not leave', ({ secret, text }) => {
    expect(text).toContain(secret);
    expect(remains(secret, mask(text))).toEqual([]);
  });

  it('do not leave in whichever lot they are drawn', () => {
    const left = [2, 3, 4, 5, 6].flatMap((lot) =>
      seeds(lot).filter(({ secret, text }) => remains(secret, mask(text)).length > 0),
    );
    expect(left.map(({ text }) => text)).toEqual([]);
  });

  it.each(['secretlint-disable', 'secretlint-disable-line', 'secretlint-disable-next-line', 'gitleaks:allow', 'nosec'])(
    'do not leave beside a comment that says %s',
    (word) => {
      const around = (text: string): string => `/* ${word} */\n// ${word}\n# ${word}\n${text} // ${word}\n`;
      // What stands at the end of a line has the comment for its end there.
      const oneLine = all.filter(
        ({ kind }) => !/YAML|\.env|pgpass|command|properties|kubeconfig|Kubernetes|Rails/.test(kind),
      );
      const left = oneLine.filter(({ secret, text }) => remains(secret, mask(around(text))).length > 0);
      expect(left.map(({ text }) => text)).toEqual([]);
      const above = all.filter(({ secret, text }) => remains(secret, mask(`# ${word}\n${text}\n# ${word}`)).length > 0);
      expect(above.map(({ text }) => text)).toEqual([]);
    },
  );

  it('do not leave when all stand in one text, and all come back', () => {
    const text = all.map((seed) => `// ${seed.kind}\n${seed.text}\n`).join('\n');
    const masked = new Mask(detect).of([[text]]);
    expect(all.filter(({ secret }) => remains(secret, first(masked)).length > 0).map(({ kind }) => kind)).toEqual([]);
    expect(undone(masked)).toBe(text);
  });
});

/** The first text with every name undone. */
function undone({ texts, undo }: Masked): string {
  return (texts[0]?.join('') ?? '').replace(/PADDOCK_SECRET_[0-9]+/g, (name) => undo.get(name)?.secret ?? name);
}

describe('what is no secret', () => {
  it('stays in at least 98 of 100 clean files', () => {
    const files = sampleOfModules(1000);
    const masked = files.filter(({ text }) => detect(text).length > 0);
    expect(files).toHaveLength(1000);
    expect(masked.map(({ name }) => name).length, masked.map(({ name }) => name).join('\n')).toBeLessThanOrEqual(20);
  });

  it.each([
    "const password = '';",
    "password: 'current-password',",
    'password: string;',
    'const password = await prompt("Password:");',
    'DB_PASSWORD=${DB_PASSWORD}',
    'DB_PASSWORD=changeme',
    'apiKey: process.env.OPENAI_API_KEY,',
    "apiKey: 'your-api-key-here',",
    "const token = 'comment.block.html5';",
    'token: Uint8Array,',
    'https://user:password@example.com/',
    'postgres://$USER:$PASSWORD@db/app',
    "'-----BEGIN PRIVATE KEY-----\\n' + key + '\\n-----END PRIVATE KEY-----'",
    '-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----',
    '"integrity": "sha512-K3jPqjva8bQndDKJqctnGfwuAxU2n9XNCPtbXVI5JvC7FnQiNg/yWlQPbMUlBXtBoBGFYp08A94m6fvtc9v+zA==",',
    'const id = "550e8400-e29b-41d4-a716-446655440000";',
    'commit 869429e5f0a1b2c3d4e5f60718293a4b5c6d7e8f',
    'docker run -u 1000:1000 image',
    'if (compass("north42")) bypass(x1);',
  ])('%j stays', (text) => {
    expect(mask(text)).toBe(text);
  });
});

describe('names', () => {
  it('are the same for the same secret in all requests of a session', () => {
    const session = new Mask(detect);
    expect(first(session.of([[`a = '${github}'`]]))).toBe(`a = '${stem}1'`);
    expect(first(session.of([[`b = '${other}'; a = '${github}'`]]))).toBe(`b = '${stem}2'; a = '${stem}1'`);
  });

  it('are none that the request has already', () => {
    const session = new Mask(detect);
    const text = `// ${stem}1 and ${stem}2\na = '${github}'`;
    expect(first(session.of([[text]]))).toBe(`// ${stem}1 and ${stem}2\na = '${stem}3'`);
    expect(first(session.of([[`${stem}3 '${github}'`]]))).toBe(`${stem}3 '${stem}4'`);
    expect(first(session.of([[`'${github}'`]]))).toBe(`'${stem}4'`);
  });

  it('stand in every place where the secret is, also where no rule would know it', () => {
    const session = new Mask(detect);
    const said = 'Use Tr0ub4dor&3 to log in, or xTr0ub4dor&3x.';
    const { texts, findings } = session.of([["password = 'Tr0ub4dor&3'"], [said]]);
    expect(texts[1]).toEqual([`Use ${stem}1 to log in, or xTr0ub4dor&3x.`]);
    expect(findings.map(({ text, rule }) => [text, rule])).toEqual([
      [0, 'password'],
      [1, 'password'],
    ]);
    expect(first(session.of([[said]]))).toBe(`Use ${stem}1 to log in, or xTr0ub4dor&3x.`);
  });

  it('say nothing of the secret, nor do findings', () => {
    const { findings } = new Mask(detect).of([[`a = '${github}'`]]);
    expect(findings).toEqual([{ text: 0, start: 5, end: 5 + github.length, rule: 'github', placeholder: `${stem}1` }]);
  });
});

describe('a secret across the cut between two pieces', () => {
  const text = `first();\nconst token = '${github}';\nlast();\n`;

  it('is replaced once, wherever the cut is', () => {
    for (let at = 0; at <= text.length; at += 1) {
      const [[before = '', after = ''] = []] = new Mask(detect).of([[text.slice(0, at), text.slice(at)]]).texts;
      expect(before + after).toBe(text.replace(github, `${stem}1`));
      const start = text.indexOf(github);
      if (at > start && at < start + github.length) expect(before.endsWith(`${stem}1`)).toBe(true);
    }
  });

  it('is replaced once when it goes over three pieces', () => {
    const start = text.indexOf(github);
    const pieces = [text.slice(0, start + 5), text.slice(start + 5, start + 9), text.slice(start + 9)];
    expect(new Mask(detect).of([pieces]).texts).toEqual([[`first();\nconst token = '${stem}1`, '', `';\nlast();\n`]]);
  });

  it('leaves no line of a private key, wherever a window begins and ends', () => {
    const key = all.find(({ kind }) => kind === 'RSA private key');
    const lines = `one\ntwo\n${key?.text}three\nfour\n`.split('\n');
    const left: unknown[] = [];
    for (let from = 0; from < lines.length; from += 1) {
      for (let to = from + 3; to <= lines.length; to += 1) {
        const window = lines.slice(from, to).join('\n');
        if (remains(key?.secret ?? '', mask(window)).length > 0) left.push(window);
      }
    }
    expect(left).toEqual([]);
  });
});

describe('patterns', () => {
  const patterns = [...tokenRules, ...sentRules].map(({ pattern }) => pattern).concat(namedPattern);

  // Each step of matching is then paid for by a fixed number of characters, whatever a hostile text holds.
  it.each(patterns.map((pattern) => pattern.source))('%s repeats nothing without a bound', (source) => {
    const bare = source.replace(/\\./g, 'x').replace(/\[(?:\\.|[^\]])*\]/g, 'x');
    expect(bare).not.toMatch(/[*+]|\{\d+,\}/);
  });

  it.each([
    ['openings of keys', '-----BEGIN PRIVATE KEY-----\n'],
    ['ends of keys', '-----END PRIVATE KEY-----\n'],
    ['base64', 'QUJD'],
    ['lines of base64', `${'QUJD'.repeat(16)}\n`],
    ['names', 'password'],
    ['names and signs', 'password: '],
    ['quotes', `'"\``],
    ['backslashes', '\\'],
    ['addresses', 'https://a:b'],
    ['beginnings of tokens', 'eyJ'],
    ['beginnings with signs', 'sk-ant-xoxb-ghp_-'],
    ['spaces', ' '],
    ['manifests', 'kind: Secret\ndata:\n  a: '],
    ['parts with dashes', 'xoxb-a-'],
    ['accounts', 'aws_account_id = "'],
    ['commands', 'mysql docker login curl -u '],
  ])('come to an end on 400 kB of %s', (_, part) => {
    expect(detect(part.repeat(Math.ceil(400_000 / part.length)))).toBeDefined();
  });
});

describe("secretlint's rules", () => {
  it('are all there but five, and need no path, no file and no switch', async () => {
    expect(usedRules).toHaveLength(23);
    const find = await loadSecretlint();
    expect(find(`x = '${github}' // secretlint-disable-line`).map(({ rule }) => rule)).toEqual(['github']);
    expect(find('key AKI' + 'AQYLPMN5HFIQR7XYA').map(({ rule }) => rule)).toEqual(['aws']);
  });
});
