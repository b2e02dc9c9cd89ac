/** "Is this what it should be?" is asked here, of data that somebody else made. */

/** Whether a value is of a type. Never throws. */
export type Guard<Value> = (value: unknown) => value is Value;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string of at most so many UTF-16 code units that fits the pattern. */
export function text({ most, pattern }: { readonly most: number; readonly pattern?: RegExp }): Guard<string> {
  return (value): value is string =>
    typeof value === 'string' && value.length <= most && (pattern === undefined || pattern.test(value));
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Guard<number> {
  return (value): value is number => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

export function truth(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** One of these words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Guard<Word> {
  return (value): value is Word => words.some((word) => word === value);
}

/** A list of at most so many. */
export function list<Value>(of: Guard<Value>, most: number): Guard<readonly Value[]> {
  return (value): value is readonly Value[] =>
    Array.isArray(value) && value.length <= most && value.every((each: unknown) => of(each));
}

/** The same, or nothing. */
export function optional<Value>(of: Guard<Value>): Guard<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || of(value);
}

/** A check for every field; optional fields have one that takes `undefined`. */
export type Shape<Value> = { readonly [Field in keyof Value]-?: Guard<Value[Field]> };

/** An object whose own fields are right; it may have others. */
export function shaped<Value extends object>(shape: Shape<Value>): Guard<Value> {
  const checks = Object.entries<Guard<unknown>>(shape);
  return (value): value is Value =>
    isObject(value) && checks.every(([name, isRight]) => isRight(Object.hasOwn(value, name) ? value[name] : undefined));
}
