/**
 * Secrets that are told by where they are handed over: addresses with a user's name and password, headers, command
 * lines, files of other programs. No pattern repeats without a bound.
 */
import type { Span } from './span.ts';
import { isPlaceholder, looksChosen, looksRandom } from './value.ts';

interface SentRule {
  readonly id: string;
  /** Flags `gd`; group 1 is the secret. */
  readonly pattern: RegExp;
  readonly isSecret: (secret: string, user: string | undefined) => boolean;
}

/** Passwords that stand for any: in every manual's first example. */
const everyday =
  /^(?:pass(?:word|wd|phrase)?|pw|pwd|secret|user(?:name)?|foo|bar|baz|test|token|key|hunter|abc|p4ss|\w{1,3})$/i;

function isGiven(secret: string): boolean {
  return !isPlaceholder(secret) && !everyday.test(secret);
}

/** `user:password` in base64. */
function isBasic(secret: string): boolean {
  const plain = Buffer.from(secret, 'base64').toString('latin1');
  return /^[\x20-\x7e]{1,200}:[\x20-\x7e]{1,400}$/.test(plain) && !isPlaceholder(plain);
}

export const sentRules: readonly SentRule[] = [
  {
    id: 'address',
    pattern: /(?<=[A-Za-z0-9]):\/\/(?<user>[^\s:@/"'`<>]{0,100}):([^\s@/"'`<>]{1,300})@(?=[A-Za-z0-9[{$_.-])/dg,
    isSecret: (secret, user) => isGiven(secret) && secret !== user,
  },
  {
    id: 'address',
    pattern: /(?<=[A-Za-z0-9]):\/\/([A-Za-z0-9_.~%-]{16,400})(?::x-oauth-basic|:)?@(?=[A-Za-z0-9[])/dg,
    isSecret: (secret) => isGiven(secret) && looksRandom(secret),
  },
  {
    id: 'header',
    pattern:
      /authorization["'`]?[ \t]{0,4}[:=,][ \t]{0,4}["'`]?(?:bearer|token|apikey|api-key|key|bot|negotiate)[ \t]{1,4}([A-Za-z0-9._~+/=-]{8,4000})/dgi,
    isSecret: (secret) => isGiven(secret) && looksRandom(secret),
  },
  {
    id: 'header',
    pattern: /(?<![A-Za-z])bearer[ \t]{1,4}([A-Za-z0-9._~+/=-]{12,4000})/dgi,
    isSecret: (secret) => isGiven(secret) && looksRandom(secret),
  },
  {
    id: 'header',
    pattern: /(?<![A-Za-z])basic[ \t]{1,4}([A-Za-z0-9+/]{6,800}={0,2})/dgi,
    isSecret: isBasic,
  },
  {
    id: 'header',
    pattern:
      /(?<![A-Za-z])cookie["'`]?[ \t]{0,4}[:=,][ \t]{0,4}["'`]?[A-Za-z0-9_.-]{1,60}=([A-Za-z0-9%+/=._~|-]{12,2000})/dgi,
    isSecret: (secret) => isGiven(secret) && looksRandom(secret),
  },
  {
    id: 'command',
    pattern:
      /(?<=\s)--(?:[a-z]{1,20}-)?(?:password|passwd|pass|passphrase|token|secret|api-?key|auth-token|access-key|secret-key)[ =]["']?([^\s"'`<>]{4,1000})/dg,
    isSecret: (secret) => isGiven(secret) && !/^[-$]/.test(secret) && (looksChosen(secret) || looksRandom(secret)),
  },
  {
    id: 'command',
    pattern: /(?<=\s)(?:-u|--user|--proxy-user)[ =]["']?(?:[^\s:"'`<>]{1,64}):([^\s"'`<>]{4,200})/dg,
    isSecret: (secret) => isGiven(secret) && looksChosen(secret) && /[A-Za-z]/.test(secret),
  },
  {
    id: 'command',
    pattern: /\b(?:mysql(?:dump|admin|import)?|mariadb)[ \t][^\n]{0,120}?[ \t]-p([^\s"'`<>-][^\s"'`<>]{3,100})/dg,
    isSecret: isGiven,
  },
  {
    id: 'command',
    pattern:
      /\b(?:sshpass[ \t]{1,2}-p|docker login[^\n]{0,80}?[ \t]-p|unzip[ \t]{1,2}-P|7z [^\n]{0,60}?-p|redis-cli[^\n]{0,60}?[ \t]-a)[ \t]?["']?([^\s"'`<>$][^\s"'`<>]{3,100})/dg,
    isSecret: isGiven,
  },
  {
    id: 'netrc',
    pattern: /\blogin[ \t\r\n]{1,8}[^\s]{1,100}[ \t\r\n]{1,8}password[ \t\r\n]{1,8}([^\s]{3,200})/dg,
    isSecret: isGiven,
  },
  {
    id: 'pgpass',
    pattern: /^[^\s:"'/]{1,120}:(?:[0-9]{2,5}|\*):[^\s:"']{1,80}:[^\s:"']{1,80}:([^\s:"']{4,200})$/dgm,
    isSecret: isGiven,
  },
  {
    id: 'phrase',
    pattern:
      /(?:mnemonic|seed[_ -]?phrase|recovery[_ -]?phrase|secret[_ -]?phrase|passphrase)["'`]?\]?[ \t]{0,4}(?:=>|:=|[=:])[ \t]{0,4}["'`]?((?:[a-z]{3,10} ){5,24}[a-z]{3,10})(?![a-z ])/dgi,
    isSecret: () => true,
  },
];

/** The secrets that are handed over in ways made for secrets. */
export function findSent(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { id, pattern, isSecret } of sentRules) {
    for (const match of text.matchAll(pattern)) {
      const group = match.groups?.['user'] === undefined ? 1 : 2;
      const [start, end] = match.indices?.[group] ?? [0, 0];
      if (end > start && isSecret(text.slice(start, end), match.groups?.['user'])) found.push({ start, end, rule: id });
    }
  }
  return [...found, ...inManifests(text)];
}

const block = /^([ \t]{0,20})(?:data|stringData):[ \t]{0,4}\r?$/;
const entry = /^([ \t]{1,40})[\w.-]{1,120}:[ \t]{1,8}(["']?)([^\s"']{1,8000})\2[ \t]{0,8}\r?$/d;

/** Kubernetes names its secrets freely, so a manifest of the kind `Secret` is masked value by value. */
function inManifests(text: string): readonly Span[] {
  if (!/^[ \t]{0,20}["']?kind["']?:[ \t]{1,4}["']?Secret\b/m.test(text)) return [];
  const found: Span[] = [];
  let indent: number | undefined;
  let offset = 0;
  for (const line of text.split('\n')) {
    const opens = block.exec(line);
    const value = indent === undefined ? undefined : (entry.exec(line) ?? undefined);
    if (opens !== null) indent = opens[1]?.length;
    else if (value !== undefined && (value[1]?.length ?? 0) > (indent ?? 0)) {
      const [start, end] = value.indices?.[3] ?? [0, 0];
      if (!isPlaceholder(value[3] ?? '')) found.push({ start: offset + start, end: offset + end, rule: 'kubernetes' });
    } else if (line.trim() !== '') indent = undefined;
    offset += line.length + 1;
  }
  return found;
}
