import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ceilings } from '../../src/egress/policy.ts';
import { isBroken, mostPolicyBytes, policyKeys, policyVersion, readPolicyFile } from '../../src/egress/policyFile.ts';

const source = '/etc/paddock/policy.json';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readPolicyFile(bytes(text), { source });

describe('a policy file', () => {
  it('gives its rules, its source and the folder it speaks for', () => {
    const text = `{
      // The team's own server and nothing else.
      "$schema": "https://example.com/policy.schema.json",
      "version": 1,
      "ceiling": "private",
      "allowedHosts": ["llama.example.com", "*.corp.example:8443"],
      "forbiddenHosts": ["10.0.0.5"],
      "allowedModels": ["qwen*"],
      "forbiddenModels": ["*-cloud"],
      "neverSend": [".env*", "/secrets/**",], /* and a comma too many */
    }`;
    expect(readPolicyFile(bytes(text), { source, root: 'file:///repo' })).toEqual({
      source,
      root: 'file:///repo',
      ceiling: 'private',
      allowedHosts: ['llama.example.com', '*.corp.example:8443'],
      forbiddenHosts: ['10.0.0.5'],
      allowedModels: ['qwen*'],
      forbiddenModels: ['*-cloud'],
      neverSend: ['.env*', '/secrets/**'],
    });
  });

  it('may hold no rule, which forbids nothing', () => {
    expect(read('{"version": 1}')).toEqual({ source });
  });

  it('may allow no host at all', () => {
    expect(read('{"version": 1, "allowedHosts": []}')).toEqual({ source, allowedHosts: [] });
  });

  it('may begin with a byte order mark, as some editors write one', () => {
    expect(read('\uFEFF{"version": 1}')).toEqual({ source });
  });
});

/** [what is wrong, the text, its 1-based line, words of the message] */
const brokenFiles: readonly (readonly [string, string, number, string])[] = [
  ['nothing', '', 1, 'empty'],
  ['white space', ' \n\n ', 1, 'empty'],
  ['a comment alone', '// none\n', 2, 'value expected'],
  ['half a file', '{\n  "version": 1,\n  "ceiling": "dev', 3, 'unexpected end of string'],
  ['no value', '{\n  "version":\n}', 3, 'value expected'],
  ['two objects', '{"version": 1}\n{"version": 1}', 2, 'end of file expected'],
  ['a list', '[1]', 1, 'begin with "{"'],
  ['null', 'null', 1, 'begin with "{"'],
  ['no version', '\n{"ceiling": "device"}', 2, '"version": 1 is missing'],
  ['another version', '{\n  "version": 2 }', 2, 'has to be 1'],
  ['a version as text', '{\n  "version": "1" }', 2, 'has to be 1'],
  ['an unknown key', '{\n  "version": 1,\n  "ceilings": "device" }', 3, '"ceilings" is no rule that is known'],
  ['a key in another case', '{\n  "version": 1,\r\n  "Ceiling": "device" }', 3, '"Ceiling" is no rule'],
  ['the same key twice', '{\n  "ceiling": "device",\n  "version": 1,\n  "ceiling": "any" }', 4, 'there twice'],
  ['the same key twice, once escaped', '{"version": 1,\n "ceiling": "device",\n "ceil\\u0069ng": "any" }', 3, 'twice'],
  ['an unknown ceiling', '{\n  "version": 1,\n  "ceiling": "none" }', 3, '"device", "loopback", "private", "any"'],
  ['a ceiling that is no text', '{\n  "version": 1,\n  "ceiling": ["device"] }', 3, '"device", "loopback"'],
  ['hosts that are no list', '{"version": 1,\n "allowedHosts": "example.com" }', 2, '"allowedHosts" has to be a list'],
  ['a host that is no text', '{"version": 1,\n "allowedHosts": [\n "a.example", 5] }', 3, 'list of texts'],
  ['a host with a scheme', '{"version": 1, "forbiddenHosts": [\n"https://example.com"] }', 2, 'is no host'],
  ['a range of addresses', '{"version": 1, "forbiddenHosts": [\n"10.0.0.0/8"] }', 2, 'is no host'],
  ['a star within a host', '{"version": 1, "forbiddenHosts": [\n"api.*.com"] }', 2, 'not at the beginning'],
  [
    'a star before a part of a name',
    '{"version": 1, "forbiddenHosts": [\n"*example.com"] }',
    2,
    'not at the beginning',
  ],
  ['a star before an address', '{"version": 1, "forbiddenHosts": [\n"*.10.0.0.5"] }', 2, 'before an address'],
  ['no such port', '{"version": 1, "forbiddenHosts": [\n"example.com:70000"] }', 2, 'no such port'],
  ['an empty host', '{"version": 1, "forbiddenHosts": [\n" "] }', 2, 'empty'],
  ['an empty model', '{"version": 1, "allowedModels": [\n""] }', 2, 'empty'],
  ['an empty glob', '{"version": 1, "neverSend": [\n""] }', 2, 'empty glob'],
  ['a glob that stays open', '{"version": 1, "neverSend": [\n"[a"] }', 2, 'never closed'],
  ['a glob that leaves its folder', '{"version": 1, "neverSend": [\n"../other/**"] }', 2, 'leads out of the folder'],
  ['a glob that excepts', '{"version": 1, "neverSend": [\n"**", "!docs/**"] }', 2, 'cannot begin with "!"'],
  ['a glob without a name', '{"version": 1, "neverSend": [\n"/"] }', 2, 'names no file'],
  ['braces without end', `{"version": 1, "neverSend": [\n"${'{a,b}'.repeat(20)}"] }`, 2, 'choices'],
  ['a glob that is too long', `{"version": 1, "neverSend": [\n"${'a'.repeat(300)}"] }`, 2, '256 characters'],
  ['too many globs', `{"version": 1, "neverSend": [\n${Array(501).fill('"a"').join(',\n')}] }`, 502, 'more than 500'],
  ['$schema that is no text', '{"version": 1,\n "$schema": 5 }', 2, '"$schema"'],
  ['brackets in brackets', '['.repeat(60_000), 1, ''],
  ['too many bytes', `{"version": 1}${' '.repeat(mostPolicyBytes)}`, 1, 'at most 65536'],
];

describe('a broken policy file', () => {
  it.each(brokenFiles)('with %s is no policy, and says where', (_, text, line, words) => {
    const result = read(text);
    expect(result).toEqual({ source, line, message: expect.stringContaining(words) });
    expect(isBroken(result)).toBe(true);
  });

  it('is one that is not UTF-8', () => {
    const utf16 = new Uint8Array(Buffer.from('\uFEFF{"version": 1}', 'utf16le'));
    for (const wrong of [utf16, Uint8Array.of(0x7b, 0xff, 0x7d)]) {
      expect(readPolicyFile(wrong, { source })).toEqual({ source, line: 1, message: 'It is not text in UTF-8.' });
    }
  });

  it('is every file that was cut short, whatever it was to say', () => {
    const whole = '{"version":1,"ceiling":"device","neverSend":[".env"]}';
    for (let length = 0; length < whole.length; length += 1) {
      expect([length, isBroken(read(whole.slice(0, length)))]).toEqual([length, true]);
    }
    expect(isBroken(read(whole))).toBe(false);
  });
});

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/policy.schema.json', import.meta.url), 'utf8'),
) as Schema & { readonly properties: Readonly<Record<string, Schema>> };

/** Whether the schema, as far as it uses JSON Schema, takes the value. */
function takes(rule: Schema, value: unknown): boolean {
  if (rule.$ref !== undefined) return takes(schema.definitions?.[rule.$ref.replace('#/definitions/', '')] ?? {}, value);
  if (rule.enum !== undefined) return rule.enum.includes(value);
  if (rule.type === 'string') {
    const { minLength = 0, maxLength = Infinity, pattern = '' } = rule;
    const isText = typeof value === 'string' && value.length >= minLength && value.length <= maxLength;
    return isText && new RegExp(pattern, 'u').test(value);
  }
  if (rule.type === 'array') return Array.isArray(value) && value.every((item) => takes(rule.items ?? {}, item));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { properties = {}, required = [] } = rule;
  const isComplete = required.every((key) => key in value);
  return (
    isComplete && Object.entries(value).every(([key, each]) => key in properties && takes(properties[key] ?? {}, each))
  );
}

describe('the schema', () => {
  it('has the keys, the ceilings and the version that are read', () => {
    expect(Object.keys(schema.properties)).toEqual(policyKeys);
    expect(schema.properties['ceiling']?.enum).toEqual(ceilings);
    expect(schema.properties['version']?.enum).toEqual([policyVersion]);
  });

  it.each([
    '{"version": 1}',
    '{"version": 1, "ceiling": "device"}',
    '{"version": 1, "ceiling": "none"}',
    '{"version": 2}',
    '{"version": "1"}',
    '{}',
    '[]',
    '{"version": 1, "other": 1}',
    '{"version": 1, "$schema": "x"}',
    '{"version": 1, "$schema": 1}',
    '{"version": 1, "allowedHosts": []}',
    '{"version": 1, "allowedHosts": "example.com"}',
    '{"version": 1, "allowedHosts": [1]}',
    '{"version": 1, "allowedHosts": [""]}',
    ...[
      'example.com',
      'EXAMPLE.com.',
      'bücher.example',
      '*.example.com',
      '*',
      '*:443',
      'example.com:443',
      '10.0.0.5',
      '::1',
      '[::1]:80',
      'unix:/run/llama.sock',
      'api.*.com',
      '*example.com',
      'https://example.com',
      '10.0.0.0/8',
      'user@example.com',
      'two words',
    ].map((host) => JSON.stringify({ version: 1, forbiddenHosts: [host] })),
    '{"version": 1, "forbiddenModels": ["*-cloud"]}',
    '{"version": 1, "forbiddenModels": [""]}',
    '{"version": 1, "forbiddenModels": [null]}',
    '{"version": 1, "neverSend": ["**/*.pem", ".env"]}',
    '{"version": 1, "neverSend": [""]}',
    '{"version": 1, "neverSend": ["!a"]}',
    '{"version": 1, "neverSend": {}}',
  ])('agrees with the reader about %s', (text) => {
    expect(takes(schema, JSON.parse(text))).toBe(!isBroken(read(text)));
  });
});
