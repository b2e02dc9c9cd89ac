/** `npm test` runs every suite; `npm test -- unit e2e` only those named. Fails if anything failed or was skipped. */
import { bootstrap } from './lib/bootstrap.mjs';
import { reportFailure } from './lib/failure.mjs';
import { runSuites, suitesNamed } from './lib/suites.mjs';

await bootstrap(import.meta.url);
try {
  if (!(await runSuites(suitesNamed(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  reportFailure(error);
}
