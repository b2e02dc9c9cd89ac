/** "Is this a secret, or a word that stands where one could stand?" is answered here, from the value alone. Pure. */

/** Parts of what people write where a secret will stand. */
const stopWords =
  /example|sample|dummy|placeholder|change[_-]?me|change[_-]?it|replace|redacted|your[_-]?|insert|enter[_-]|todo|fixme|lorem|foobar|<|>|\.\.\.|…|\*\*\*|•••|xxxx|undefined|process\.env|environ|getenv/i;
/** A name to be filled in from elsewhere: `${KEY}`, `$KEY`, `{{ key }}`, `%KEY%`, `#{key}`, `@key@`, `%s`. */
const isReference =
  /^\$[A-Za-z_]\w{0,60}$|^(?:%[sd][:./@-]?){1,6}$|[$#]\{[^{}]{0,80}\}|\{\{.{0,80}\}\}|^\$\(.{0,200}\)$|^\{[^{}]{0,64}\}$|^%[A-Z_a-z]{1,40}%?$|^@[A-Z_a-z.]{1,40}@$|^env[.:(]/;
const isNothing = /^(?:null|nil|none|true|false|void|string|number|boolean|any|empty|default|unset|n\/a)$/i;

/** One character over and over, or counting: `xxxxxxxx`, `1234567890`, `abcdefgh`. */
export function isMadeUp(value: string): boolean {
  return new Set(value.replace(/^[A-Za-z]{2,8}[-_]/, '')).size < 5 || isSequence(value);
}

function isSequence(value: string): boolean {
  let steps = 0;
  for (let at = 1; at < value.length; at += 1) {
    const step = value.charCodeAt(at) - value.charCodeAt(at - 1);
    if (step === 1 || step === 0) steps += 1;
  }
  return value.length >= 6 && steps >= value.length * 0.8;
}

/** Whether it only says that a secret belongs here: a word, a template's variable, a name to be looked up. */
export function isPlaceholder(value: string): boolean {
  if (isReference.test(value) || isNothing.test(value) || isSequence(value)) return true;
  return stopWords.test(value) && !(value.length >= 20 && looksRandom(value)); // a lot drawn long enough spells anything
}

/** Whether it is made of words and numbers as names are: `comment.block.html5`, `getTokenV2`, `2024-01-31`. */
function isWordy(value: string): boolean {
  const parts = value.split(/[^A-Za-z0-9]{1,8}|(?<=[a-z0-9])(?=[A-Z][a-z])/).filter((part) => part !== '');
  return parts.every((part) => /^(?:[A-Za-z]{1,40}[0-9]{0,3}|[0-9]{1,4}|[0-9]{1,2}[a-z]{1,3}|v[0-9]{1,4})$/.test(part));
}

/** Whether it looks drawn by lot, as keys and tokens are. */
export function looksRandom(value: string): boolean {
  if (value.length < 8 || /\s/.test(value)) return false;
  const hasBoth = /[0-9]/.test(value) && /[A-Za-z]/.test(value);
  if (hasBoth && !isWordy(value)) return bitsPerCharacter(value) >= 2.6;
  const isMixed = /[a-z]/.test(value) && /[A-Z]/.test(value);
  const turns = value.match(/[a-z](?=[A-Z])|[A-Z](?=[A-Z][a-z])/g)?.length ?? 0;
  return value.length >= 20 && isMixed && turns >= value.length / 5 && bitsPerCharacter(value) >= 3.8;
}

/** Letters alone are a password unless they speak of one: `oldPassword`, `authenticate`. */
const aboutPasswords =
  /pass|secret|token|user|login|auth|cred|field|input|text|form|valid|incorrect|wrong|invalid|required|string|optional|hidden/i;

/** Whether it may be a password somebody chose: not a word, not a sentence. */
export function looksChosen(value: string): boolean {
  if (value.length < 5 || /\s/.test(value)) return false;
  const hasLetter = /[A-Za-z]/.test(value);
  if (/^[0-9]{6,}$/.test(value)) return true;
  if (/^[A-Za-z]{8,}$/.test(value)) return !aboutPasswords.test(value);
  return hasLetter && /[0-9!@#$%^&*?+~=|]/.test(value) && !/[()[\]{}<>;]|=>|^[@#]|&&|\|\|/.test(value);
}

/** Shannon's, over the value's own characters. */
function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>();
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
