/**
 * Secrets that are told by the name they are given: `password = '…'`, `"apiKey": "…"`, `TOKEN=…`, `x-api-key: …`,
 * `setSecret("…")`. Code, configuration files, connection strings and addresses all say it in these few ways.
 *
 * The name and the sign after it are found by one pattern without unbounded repeats; the value is then read by hand
 * from there on, to a fixed length at most, so the work is linear in the text.
 */
import type { Span } from './span.ts';
import { isPlaceholder, looksChosen, looksRandom } from './value.ts';

/** The end of a name, lower or upper case, then what may stand between it and its value. */
const name =
  /(?<password>pass(?:wor[dt]|wd|phrase|code|key)?|pwd|(?<=[_-])pw)|(?<key>secret(?:[_-]?key)?(?:[_-]?base)?|token|credentials?|api[_-]?key|(?<=[_-])pat|_auth|(?<=["'])auth|(?:access|account|admin|app|auth|bot|client|consumer|deploy|encryption|functions?|hmac|jwt|license|master|private|rest|server|service|session|shared|signing|ssh|storage|subscription|user|webhook|write)[_-]?key|auth(?:orization)?[_-]?(?:code|header)|access[_-]?id)/;
const tail = /(?:[_-]?[0-9]{1,2}|[_-]?(?:value|data|raw|plain|str|string|base64|b64|live|test|prod|production|dev))?/;
const sign =
  /["'`]?\]?(?:\??[ \t]?:[ \t]?[&\w<>|.]{1,30}(?:[ \t]\|[ \t]\w{1,30})?[ \t]?(?==))?[ \t]{0,12}(?:=>|:=|[=!]?={1,2}|:|\(|\|\||\?\?|,(?<=["'`],)|(?<=["']) ?value=|>)[ \t]{0,12}/;
/** The whole of it; the value begins where it ends. */
export const namedPattern = new RegExp(`(?:${name.source})${tail.source}${sign.source}`, 'gi');

/** A longer one is a text, not a secret; private keys are found by their own form. */
const longestValue = 2000;
const quotes = '"\'`';
/** What ends a value that stands without quotes. */
const ends = ' \t\r\n"\'`<>;,&(){}[]\\';

/** The secrets that stand where a name announces one. */
export function findNamed(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const match of text.matchAll(namedPattern)) {
    const isPassword = match.groups?.['password'] !== undefined;
    if (!isWholeName(text, match.index, match[0])) continue;
    const place = valueAt(text, match.index + match[0].length);
    if (place === undefined) continue;
    const value = text.slice(place.start, place.end);
    const isAssigned = /=[ \t]{0,12}$/.test(match[0]) && !/[=!]=|=>/.test(match[0]);
    const rule = isPassword ? 'password' : 'key';
    if (
      isSecret(value, {
        isPassword,
        isAssigned,
        isQuoted: place.isQuoted,
        line: lineAround(text, match.index, place.end),
      })
    )
      found.push({ start: place.start, end: place.end, rule });
  }
  return found;
}

/** `pass` in `compass:` and `bypass(` is no name of its own; `dbPass` and `DB_PASS` are. */
function isWholeName(text: string, start: number, found: string): boolean {
  if (found.includes('](')) return false; // a link in Markdown
  if (!/^pass(?!w|ph|co|ke)/i.test(found)) return true;
  const [before, first] = [text.charAt(start - 1), text.charAt(start)];
  if (!/[A-Za-z]/.test(before)) return !found.endsWith('(');
  return /[a-z]/.test(before) && first === 'P';
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

/** What stands at `start`: the text in quotes, or all up to the next sign. `undefined`: nothing that could be one. */
function valueAt(text: string, start: number): Place | undefined {
  const prefix = /^(?:[rbuf@$]{1,2}(?=["'`])|\\(?=["']))/i.exec(text.slice(start, start + 2))?.[0] ?? '';
  const at = start + prefix.length;
  const quote = text.charAt(at);
  if (quote !== '' && quotes.includes(quote)) {
    const end = quoteEnd(text, at + 1, quote);
    return end === undefined ? undefined : { start: at + 1, end, isQuoted: true };
  }
  let end = at;
  const last = Math.min(text.length, at + longestValue);
  while (end < last && !ends.includes(text.charAt(end))) end += 1;
  return end > at ? { start: at, end, isQuoted: false } : undefined;
}

/** Where the quoted text ends; where its quote is missing (it may be cut off, or still being typed), at the line's end. */
function quoteEnd(text: string, start: number, quote: string): number | undefined {
  const last = Math.min(text.length, start + longestValue);
  for (let at = start; at < last; at += 1) {
    const letter = text.charAt(at);
    if (letter === '\n' || letter === '\r') return at > start ? at : undefined;
    if (letter === '\\' && text.charAt(at + 1) === quote) return at > start ? at : undefined;
    if (letter === '\\') at += 1;
    else if (letter === quote) return at > start ? at : undefined;
  }
  return last === text.length && last > start ? last : undefined;
}

interface Circumstances {
  readonly isPassword: boolean;
  /** By a single `=`. */
  readonly isAssigned: boolean;
  readonly isQuoted: boolean;
  readonly line: Line;
}

function isSecret(value: string, { isPassword, isAssigned, isQuoted, line }: Circumstances): boolean {
  if (isPlaceholder(value)) return false;
  if (looksRandom(value) && (isQuoted || isPlainValue(value))) return true;
  if (isQuoted) return isPassword && looksChosen(value);
  // Without quotes it could as well be the name of a variable or a type: only where files have nothing but values.
  if (isEnvironmentLine(line) && isAssigned)
    return value.length >= (isPassword ? 4 : 8) && /^[\x21-\x7e]+$/.test(value);
  return isPassword && (line.isAlone || line.isConnection) && looksChosen(value) && !/^[\w$]{1,40}\.\w/.test(value);
}

/** No part of an expression: `config.key2`, `a1->b`. */
function isPlainValue(value: string): boolean {
  return /^[A-Za-z0-9+/=_.~%:@!#*^?-]+$/.test(value) && !/^(?:this|self|\w{1,24}[a-z])\.[a-z_]/i.test(value);
}

/** What stands around a name and its value on their line. */
interface Line {
  readonly before: string;
  readonly name: string;
  /** Nothing else is on it: `password: hunter2`. */
  readonly isAlone: boolean;
  /** It is one of several parts: `Server=db;Password=hunter2;`. */
  readonly isConnection: boolean;
}

function lineAround(text: string, start: number, end: number): Line {
  const before =
    text
      .slice(Math.max(0, start - 100), start)
      .split('\n')
      .at(-1) ?? '';
  const after = /^[ \t]{0,20}(?:#[^\n]{0,200})?(?:\r?\n|$)/.test(text.slice(end, end + 240));
  return {
    before,
    name: text.slice(start, end),
    isAlone: after && /^[ \t]{0,80}(?:- )?[\w.-]{0,80}$/.test(before),
    isConnection: /;/.test(text.charAt(end))
      ? /[;"'`][ \t]?[\w ]{0,30}$/.test(before)
      : /;[ \t]?[\w ]{0,30}$/.test(before),
  };
}

/** `DB_PASSWORD=…`, `export TOKEN=…`: a name in capitals, no space. */
function isEnvironmentLine({ before, name: found }: Line): boolean {
  const lead = /^[ \t]{0,40}(?:(?:export|set|ENV|ARG|-e|--env|env|RUN)[ \t]{1,4}|-[ \t])?([A-Z0-9_]{0,80})$/.exec(
    before,
  );
  return lead !== null && /^[A-Z0-9_]{1,60}=/.test(found);
}
