/** Numbers become words for people here. Pure. */

/** A count that nobody needs to the last digit: `840`, `3.1k`, `1.2M`; read aloud as `3,100`. */
export function roughly(count: number, how: 'seen' | 'aloud' = 'seen'): string {
  const [unit, letter] = count >= 999_500 ? [1e6, 'M'] : count >= 1_000 ? [1e3, 'k'] : [1, ''];
  const tenths = Math.round((count / unit) * 10);
  const digits = tenths < 100 && unit > 1 ? tenths / 10 : Math.round(count / unit);
  return how === 'aloud' ? exactly(Math.round(digits * unit)) : `${digits}${letter}`;
}

/** A count with its thousands apart: `12,400`. */
export function exactly(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Tokens per second. */
export function speed(perS: number): string {
  return perS < 10 ? perS.toFixed(1) : String(Math.round(perS));
}

/** `1 request`, `3 requests`. */
export function counted(count: number, noun: string): string {
  return `${exactly(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Bytes in the largest unit that leaves a whole number before the point: `840 bytes`, `12.3 kB`. */
export function bytes(count: number): string {
  if (count < 1_000) return counted(count, 'byte');
  const power = Math.min(3, Math.floor(Math.log10(count) / 3));
  return `${(count / 1_000 ** power).toFixed(1)} ${['', 'kB', 'MB', 'GB'][power]}`;
}
