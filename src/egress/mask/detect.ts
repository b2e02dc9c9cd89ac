/** Every way to find secrets comes together here: secretlint's rules and our own. */
import { findNamed } from './named.ts';
import { findPrivateKeys } from './privateKeys.ts';
import { loadSecretlint } from './secretlint.ts';
import { findSent } from './sent.ts';
import { merged, type Detect } from './span.ts';
import { findTokens } from './tokens.ts';

/** Our own rules alone. */
export function findOwn(text: string): ReturnType<Detect> {
  return [...findTokens(text), ...findNamed(text), ...findSent(text), ...findPrivateKeys(text)];
}

/** All of them, in order and without overlaps. Reads secretlint's rules from disk when it is first called. */
export async function loadDetect(): Promise<Detect> {
  const findTheirs = await loadSecretlint();
  return (text) => merged([...findOwn(text), ...findTheirs(text)]);
}
