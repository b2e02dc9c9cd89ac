/** "May this document go where the chat's model is?" is answered here, before anything is sent. */
import { ignoredBy, type Ignored, type IgnoreRules } from '../../../egress/ignored.ts';
import { needsConsent, type Policy } from '../../../egress/policy.ts';
import { withheldBy } from '../../../egress/withheld.ts';
import type { Route } from '../../../ledger/entry.ts';

/** What is asked. The gate asks the same again of what is sent. */
export interface KeepingNeeds {
  readonly policy: () => Promise<Policy>;
  readonly ignoreFiles: (uri: string) => Promise<readonly IgnoreRules[]>;
}

/** Why a document stays here, for people; `undefined`: it may be sent on this route. */
export async function keptBack(
  { policy, ignoreFiles }: KeepingNeeds,
  uri: string,
  route: Route | undefined,
): Promise<string | undefined> {
  if (route === undefined || route.kind === 'inProcess') return undefined;
  for (const rules of (await policy()).rules) {
    const rule = withheldBy(rules, uri);
    if (rule !== undefined) return words({ rule, source: rules.source });
  }
  const ignored = needsConsent(route) ? ignoredBy(uri, await ignoreFiles(uri)) : undefined;
  return ignored && words(ignored);
}

function words({ rule, source }: Ignored): string {
  return `stays here: ${source} has "${rule}"`;
}
