/**
 * What leaves this computer passes through here: every secret in it is replaced by a name that stands for it, and gets
 * its place back in the reply. Pure but for what one mask remembers: which name stands for which secret.
 */
import { merged, type Detect, type Span } from './mask/span.ts';
import { addressAround, type Undo } from './mask/unmask.ts';

/** A text of one request, in one piece or in pieces that belong together end to end, as before and after a cursor. */
export type Text = readonly string[];

/** A secret that was replaced; the secret itself is not in it. */
export interface Finding {
  /** Which of the texts. */
  readonly text: number;
  /** First UTF-16 code unit in the text as it was, its pieces put together. */
  readonly start: number;
  /** One past the last. */
  readonly end: number;
  /** Which rule found it: `stripe`, `password`. */
  readonly rule: string;
  /** What stands in its place. */
  readonly placeholder: string;
}

/** One request, masked. */
export interface Masked {
  /**
   * As many texts of as many pieces as were given. Where a secret lies across a cut, its name stands in the piece where
   * it began and its rest is gone from the others.
   */
  readonly texts: readonly Text[];
  readonly findings: readonly Finding[];
  /** What `createUnmask` needs to undo it in the reply. */
  readonly undo: Undo;
}

/** Names are made of this and a number. Models copy it as they copy any constant's name. */
export const stem = 'PADDOCK_SECRET_';

/** The oldest are forgotten; met again, they get a new name. */
const mostRemembered = 512;
/** Shorter ones are replaced where a rule found them and nowhere else: the same letters may be a word. */
const shortestSpread = 8;

/**
 * Masks the requests of one session. The same secret has the same name in all of them, but where a text contains that
 * very name by itself: then it gets another. Once found, a secret is replaced wherever it stands, also where no rule
 * would know it: a reply that was given back with the secret in it comes along in the next request.
 */
export class Mask {
  private readonly detect: Detect;
  /** Names by secret, the longest unused first. */
  private readonly known = new Map<string, Named>();
  private last = 0;

  constructor(detect: Detect) {
    this.detect = detect;
  }

  of(texts: readonly Text[]): Masked {
    const wholes = texts.map((pieces) => pieces.join(''));
    const found = wholes.map((whole) => this.remember(whole, merged(this.detect(whole))));
    const taken = new Set(wholes.flatMap((whole) => [...whole.matchAll(numbered)].map(([, number]) => Number(number))));
    const findings: Finding[] = [];
    const undo = new Map<string, { readonly secret: string; readonly addresses: Set<string> }>();
    wholes.forEach((whole, text) => {
      for (const { start, end, rule } of this.spread(whole, found[text] ?? [])) {
        const secret = whole.slice(start, end);
        const placeholder = this.nameOf(secret, rule, taken);
        findings.push({ text, start, end, rule, placeholder });
        const entry = undo.get(placeholder) ?? { secret, addresses: new Set() };
        const address = addressAround(whole.slice(0, start), whole.slice(end));
        if (address !== undefined) entry.addresses.add(address.text);
        undo.set(placeholder, entry);
      }
    });
    const replaced = texts.map((pieces, text) =>
      cut(
        pieces,
        findings.filter((each) => each.text === text),
      ),
    );
    return { texts: replaced, findings, undo };
  }

  private remember(whole: string, spans: readonly Span[]): readonly Span[] {
    for (const { start, end, rule } of spans) {
      const secret = whole.slice(start, end);
      const named = this.known.get(secret) ?? { rule, number: undefined };
      this.known.delete(secret);
      this.known.set(secret, named);
    }
    for (const secret of this.known.keys()) {
      if (this.known.size <= mostRemembered) break;
      this.known.delete(secret);
    }
    return spans;
  }

  /** Also every other place where a known secret stands. */
  private spread(whole: string, spans: readonly Span[]): readonly Span[] {
    const more: Span[] = [];
    for (const [secret, { rule }] of this.known) {
      if (secret.length < shortestSpread) continue;
      for (let at = whole.indexOf(secret); at >= 0; at = whole.indexOf(secret, at + secret.length)) {
        const end = at + secret.length;
        if (!continues(whole, at, -1) && !continues(whole, end, 1)) more.push({ start: at, end, rule });
      }
    }
    return more.length === 0 ? spans : merged([...spans, ...more]);
  }

  private nameOf(secret: string, rule: string, taken: ReadonlySet<number>): string {
    let number = this.known.get(secret)?.number;
    if (number === undefined || taken.has(number)) {
      do this.last += 1;
      while (taken.has(this.last));
      number = this.last;
      this.known.set(secret, { rule, number });
    }
    return stem + number;
  }
}

interface Named {
  readonly rule: string;
  /** `undefined`: none given yet. */
  readonly number: number | undefined;
}

const numbered = new RegExp(`${stem}([0-9]{1,9})`, 'g');

/** Whether a word goes on across this place. */
function continues(text: string, at: number, direction: 1 | -1): boolean {
  const [inside, outside] = direction === 1 ? [at - 1, at] : [at, at - 1];
  return /\w/.test(text.charAt(inside)) && /\w/.test(text.charAt(outside));
}

/** The pieces with the secrets replaced; findings in order. */
function cut(pieces: Text, findings: readonly Finding[]): Text {
  let from = 0;
  return pieces.map((piece) => {
    const to = from + piece.length;
    let result = '';
    let at = from;
    for (const { start, end, placeholder } of findings) {
      if (end <= from || start >= to) continue;
      if (start >= from) result += piece.slice(at - from, start - from) + placeholder;
      at = Math.min(end, to);
    }
    result += piece.slice(at - from);
    from = to;
    return result;
  });
}
