/**
 * `npm run bench -- NAME` measures the product and prints one JSON object as its last line. Flags: `--quick` (fewer
 * samples), `--only engine` or `--only editor`.
 */
import { parseArgs } from 'node:util';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, reasonOf, reportFailure } from './lib/failure.mjs';

/** @type {Readonly<Record<string, () => Promise<(options: BenchOptions) => Promise<BenchOutcome>>>>} */
const benchmarks = {
  'first-light': async () => (await import('../test/bench/firstLight.ts')).firstLight,
  chat: async () => (await import('../test/bench/chat.ts')).chat,
  ledger: async () => (await import('../test/bench/ledger.ts')).ledger,
  providers: async () => (await import('../test/bench/providers.ts')).providers,
};

/** @typedef {import('../test/bench/outcome.ts').BenchOptions} BenchOptions */
/** @typedef {import('../test/bench/outcome.ts').BenchOutcome} BenchOutcome */

await bootstrap(import.meta.url);
try {
  const { name, options } = parseCommandLine(process.argv.slice(2));
  const measure = await (benchmarks[name] ?? unknown(name))();
  const { figures, hasFailed } = await measure(options);
  console.log(JSON.stringify(figures));
  // Nothing that still runs may keep a finished benchmark alive.
  process.exit(hasFailed ? 1 : 0);
} catch (error) {
  reportFailure(error);
  process.exit();
}

/**
 * @param {readonly string[]} commandLine
 * @returns {{ name: string, options: BenchOptions }}
 */
function parseCommandLine(commandLine) {
  const { values, positionals } = parseFlags(commandLine);
  const { only } = values;
  if (only !== undefined && only !== 'engine' && only !== 'editor') {
    throw new Failure(`--only is engine or editor, not "${only}".`);
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Failure(`Name one benchmark: ${names()}.`);
  return { name, options: { isQuick: values.quick ?? false, only } };
}

/** @param {readonly string[]} commandLine */
function parseFlags(commandLine) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: { quick: { type: 'boolean' }, only: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new Failure(`${reasonOf(cause)} Flags: --quick, --only engine, --only editor.`, { cause });
  }
}

/**
 * @param {string} name
 * @returns {never}
 */
function unknown(name) {
  throw new Failure(`There is no benchmark "${name}"; there is: ${names()}.`);
}

function names() {
  return Object.keys(benchmarks).join(', ');
}
