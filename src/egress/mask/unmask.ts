/** A reply passes through here, piece by piece as it comes, and the names in it become the secrets they stand for. */

/** What each name stands for. */
export type Undo = ReadonlyMap<string, { readonly secret: string; readonly addresses: ReadonlySet<string> }>;

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
  const names = [...undo.keys()].toSorted((a, b) => b.length - a.length);
  if (names.length === 0) return { push: (text) => text, end: () => '' };
  const stem = names[0]?.replace(/[0-9]{1,9}$/, '') ?? '';
  const whole = new RegExp(`${stem}[0-9]{1,9}`, 'g');
  let kept = '';
  /** The end of what was given on, as far as an address may reach. */
  let said = '';
  const give = (text: string): string => {
    let result = '';
    let at = 0;
    for (const { 0: name, index } of text.matchAll(whole)) {
      result += text.slice(at, index);
      const entry = undo.get(name);
      const address = addressBefore((said + result).slice(-longestAddress));
      const mayUndo = entry !== undefined && (address === undefined || entry.addresses.has(address));
      result += mayUndo ? entry.secret : name;
      at = index + name.length;
    }
    result += text.slice(at);
    said = (said + result).slice(-longestAddress);
    return result;
  };
  return {
    push(text) {
      const all = kept + text;
      const keep = beginning(all, stem);
      kept = all.slice(all.length - keep);
      return give(all.slice(0, all.length - keep));
    },
    end() {
      const rest = give(kept);
      kept = '';
      return rest;
    },
  };
}

/** The web address that goes on at the text's end; `undefined`: none does. */
export function addressBefore(text: string): string | undefined {
  const from = Math.max(0, text.length - longestAddress);
  let start = text.length;
  while (start > from && !separators.test(text.charAt(start - 1))) start -= 1;
  const word = text.slice(start);
  return /:\/\/|^\/\/\w|^www\.|^(?:data|mailto|javascript):/i.test(word) ? word : undefined;
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
