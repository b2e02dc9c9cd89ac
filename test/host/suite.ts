/** The host tests: Paddock inside a real extension host, seen through VS Code's own API. `run` is VS Code's contract. */
import { chatTests } from './chat.ts';
import { extensionTests } from './extension.ts';
import { environment } from './given.ts';
import { policyTests } from './policies.ts';
import { runTests } from './runner.ts';
import { serverTests } from './servers.ts';
import { suggestionTests } from './suggestions.ts';

/** Called by VS Code when the extensions are there. */
export async function run(): Promise<void> {
  await runTests(
    [...extensionTests, ...suggestionTests, ...policyTests, ...serverTests, ...chatTests],
    environment('PADDOCK_HOST_REPORT'),
  );
}
