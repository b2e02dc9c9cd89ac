/** A reply passes through here, piece by piece as it comes, and the names in it become the secrets they stand for. */

/** What each name stands for. */
export type Undo = ReadonlyMap<string, Hidden>;

/** A secret, and the web addresses that the request had it in; see `addressAround`. */
export interface Hidden {
  readonly secret: string;
  readonly addresses: ReadonlySet<string>;
}

/** One stream. */
export interface Unmask {
  /** The text that can be given on now; what may be the beginning of a name is kept until more comes. */
  push(text: string): string;
  /** What was kept; nothing comes after it. */
  end(): string;
}

/** What separates one word or address from the next. */
const separators = /[\s"'`<>()[\]{}|,]/;
/** Longer ones are compared by their end. */
const longestAddress = 2000;

/**
 * Undoes a mask in one stream, however it is cut.
 *
 * A name within a web address stays a name unless the request had the secret in that very address: text that somebody
 * else wrote, read by a model, could otherwise make it write a link that carries the secret away with one click.
 */
export function createUnmask(undo: Undo): Unmask {
  const stem = [...undo.keys()][0]?.replace(/[0-9]{1,9}$/, '');
  if (stem === undefined) return { push: (text) => text, end: () => '' };
  const whole = new RegExp(`${stem}[0-9]{1,9}`, 'g');
  let kept = '';
  /** The end of what was given on, as far as an address may reach. */
  let said = '';
  const give = (text: string, isLast: boolean): string => {
    let result = '';
    let at = 0;
    const end = isLast ? text.length : text.length - beginning(text, stem);
    for (const { 0: name, index } of text.slice(0, end).matchAll(whole)) {
      result += text.slice(at, index);
      at = index + name.length;
      const hidden = undo.get(name);
      const address = addressAround((said + result).slice(-longestAddress), text.slice(at));
      if (address?.isOpen && !isLast) {
        kept = text.slice(index);
        return told(result);
      }
      result +=
        hidden !== undefined && (address === undefined || hidden.addresses.has(address.text)) ? hidden.secret : name;
    }
    kept = text.slice(end);
    return told(result + text.slice(at, end));
  };
  const told = (text: string): string => {
    said = (said + text).slice(-longestAddress);
    return text;
  };
  return { push: (text) => give(kept + text, false), end: () => give(kept, true) };
}

/** A web address with a gap where a secret is. */
interface Address {
  readonly text: string;
  /** Its host is not yet all there: it stands behind the gap, and the text ends before it does. */
  readonly isOpen: boolean;
}

/** The web address around a gap, up to its host's end at least; `undefined`: the gap is in none. */
export function addressAround(before: string, behind: string): Address | undefined {
  const from = Math.max(0, before.length - longestAddress);
  let start = before.length;
  while (start > from && !separators.test(before.charAt(start - 1))) start -= 1;
  const head = before.slice(start);
  if (!/:\/\/|^\/\/|^www\.|^(?:data|mailto|javascript):/i.test(head)) return undefined;
  if (!/\/\/[^/?#\\]*$/.test(head)) return { text: `${head}\n`, isOpen: false };
  const host = /^[^/?#\\\s"'`<>()[\]{}|,]{0,300}/.exec(behind)?.[0] ?? '';
  return { text: `${head}\n${host}`, isOpen: host.length === behind.length && host.length < 300 };
}

/** How many characters at the end may become a name with what comes next. */
function beginning(text: string, stem: string): number {
  const full = new RegExp(`${stem}[0-9]{0,9}$`).exec(text.slice(-stem.length - 9));
  if (full !== null) return full[0].length;
  for (let length = Math.min(stem.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(stem.slice(0, length))) return length;
  }
  return 0;
}
