/** A place where a secret stands, as finders give it and as they are put together. Pure. */

/** Part of a text that is a secret. */
export interface Span {
  /** First UTF-16 code unit. */
  readonly start: number;
  /** One past the last; > `start`. */
  readonly end: number;
  /** Which rule found it: `stripe`, `password`. */
  readonly rule: string;
}

/** Finds the secrets of one text, in no order; places may overlap. Takes time linear in the text's length. */
export type Detect = (text: string) => readonly Span[];

/** In order, none overlapping: where two do, both become one that keeps the name of the longer. */
export function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else {
      const { rule } = last.end - last.start >= span.end - span.start ? last : span;
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end), rule };
    }
  }
  return result;
}
