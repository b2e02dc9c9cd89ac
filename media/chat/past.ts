/** Going back through earlier questions with Up, and forward again with Down. Pure. */

/** Where one is: -1 is what was being typed, 0 the newest question. */
export interface Past {
  readonly index: number;
  /** What was being typed when going back began. */
  readonly typed: string;
}

export const present: Past = { index: -1, typed: '' };

/** One step, and the text to show; `undefined`: there is nothing further in that direction. */
export function stepped(
  past: Past,
  direction: 'back' | 'forward',
  { history, text }: { readonly history: readonly string[]; readonly text: string },
): { readonly past: Past; readonly text: string } | undefined {
  const index = past.index + (direction === 'back' ? 1 : -1);
  if (index < -1 || index >= history.length) return undefined;
  const typed = past.index === -1 ? text : past.typed;
  return { past: { index, typed }, text: index === -1 ? typed : (history[index] ?? '') };
}
