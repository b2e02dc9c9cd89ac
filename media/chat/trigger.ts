/** Which words before the cursor ask for suggestions. */

/** The words a suggestion takes the place of: from the `@` or `/` to the cursor. */
export interface Trigger {
  readonly trigger: '@' | '/';
  readonly query: string;
  readonly start: number;
}

/** What is being typed before the cursor: `/` at the very beginning, `@` at the beginning of a word. Pure. */
export function triggerBefore(text: string, cursor: number): Trigger | undefined {
  const before = text.slice(Math.max(0, cursor - 500), cursor);
  const offset = cursor - before.length;
  const slash = offset === 0 ? /^\s*\/([\w-]*)$/.exec(before) : null;
  if (slash !== null) return { trigger: '/', query: slash[1] ?? '', start: before.indexOf('/') };
  const at = /(?<![^\s(])@([^\s@]*)$/.exec(before);
  return at === null ? undefined : { trigger: '@', query: at[1] ?? '', start: offset + at.index };
}
