/** Chance in waiting passes through here, so that many windows do not try again at the same moment. */

/** Up to a fifth longer. @param id hex digits of a random id. */
export function withJitter(delayMs: number, id: string): number {
  return Math.round(delayMs * (1 + (Number.parseInt(id.slice(-4), 16) / 0xffff) * 0.2));
}
