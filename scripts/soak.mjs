/**
 * `npm run soak` repeats what `npm test` repeats a few times as often as it should be: hundreds of kills, thousands of
 * random edits. The figures its tests print (lines `figure: ...`) come again at the end.
 */
import { bootstrap } from './lib/bootstrap.mjs';
import { reportFailure } from './lib/failure.mjs';
import { runSuites, suitesNamed } from './lib/suites.mjs';

/** A suite may take this many times as long as in `npm test`. */
const limitFactor = 20;

await bootstrap(import.meta.url);
try {
  const chosen = suitesNamed(process.argv.slice(2)).filter(({ hasSoak }) => hasSoak);
  if (!(await runSuites(chosen, { env: { PADDOCK_SOAK: '1' }, limitFactor }))) process.exitCode = 1;
} catch (error) {
  reportFailure(error);
}
