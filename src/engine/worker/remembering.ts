/** Results that are asked for again soon are kept here. */

/** `compute`, with its latest results kept; the one unused for the longest time goes first. */
export function remembering<V>(most: number, compute: (key: string) => V): (key: string) => V {
  const kept = new Map<string, V>();
  return (key) => {
    const found = kept.has(key) ? (kept.get(key) as V) : compute(key);
    kept.delete(key);
    kept.set(key, found);
    const oldest = kept.keys().next();
    if (kept.size > most && !oldest.done) kept.delete(oldest.value);
    return found;
  };
}
