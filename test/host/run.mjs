/**
 * The host tests, in the VS Code that is at hand: the server from npm in a headless browser, or the desktop one where
 * PADDOCK_VSCODE names it. Options: `--desktop` fetches a desktop VS Code.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrap } from '../../scripts/lib/bootstrap.mjs';

await bootstrap(import.meta.url);
const { build } = await import('esbuild');
const { launchBrowser } = await import('../../scripts/lib/browser.mjs');
const { findDesktop } = await import('../../scripts/lib/desktop.mjs');
const { ensureModel } = await import('../../scripts/lib/models.mjs');
const { run } = await import('../../scripts/lib/run.mjs');
const { thisTarget } = await import('../../scripts/lib/targets.mjs');
const { launchWorkbench } = await import('../../scripts/lib/workbench.mjs');
const { packageTarget } = await import('../../scripts/package.mjs');
const { plainTyping } = await import('../support/plainTyping.mjs');

const repository = path.resolve(import.meta.dirname, '../..');
const watchful = path.join(import.meta.dirname, 'fixtures', 'watchful');
/** No test takes this long, nor does VS Code to start. */
const silenceMs = 150_000;

const folder = await mkdtemp(path.join(tmpdir(), 'paddock-host-'));
const counts = await runSuite().finally(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
console.log(JSON.stringify(counts));
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function runSuite() {
  const suite = path.join(folder, 'suite.cjs');
  const report = path.join(folder, 'report.jsonl');
  const project = path.join(folder, 'project');
  await mkdir(project);
  await writeFile(path.join(project, 'README.md'), '# A project\n');
  await writeFile(report, '');
  await bundleSuite(suite);
  const given = { suite, report, project, model: await ensureModel('demo') };
  const isDesktop = process.argv.includes('--desktop') || Boolean(process.env['PADDOCK_VSCODE']);
  return isDesktop ? runOnDesktop(given) : runInBrowser(given);
}

/** @param {string} outfile */
async function bundleSuite(outfile) {
  const entry = path.join(import.meta.dirname, 'suite.ts');
  // The scripts' parts the suite uses look for files beside them.
  const define = { 'import.meta.url': JSON.stringify(new URL('../../scripts/lib/', import.meta.url).href) };
  // As in esbuild.mjs: a library's `main` may ask for files by names that only a run can tell.
  const mainFields = ['module', 'main'];
  const formats = { platform: /** @type {const} */ ('node'), format: /** @type {const} */ ('cjs') };
  const plain = { ...formats, define, mainFields, bundle: true };
  await build({
    ...plain,
    entryPoints: [entry],
    outfile,
    external: ['vscode'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

/**
 * @typedef {object} HostGiven
 * @property {string} suite the bundled tests
 * @property {string} report where they write outcomes
 * @property {string} project
 * @property {string} model
 */

/** @param {HostGiven} given */
async function runInBrowser({ suite, report, project, model }) {
  const userDataDir = path.join(folder, 'data');
  const globalStorage = path.join(userDataDir, 'data', 'User', 'globalStorage');
  const workbench = await launchWorkbench({
    folder: project,
    userDataDir,
    vsix: await packageTarget(thisTarget()),
    // In the browser there can be only one extension from a folder.
    extensionDevelopmentPath: watchful,
    extensionTestsPath: suite,
    settings: plainTyping,
    env: { PADDOCK_HOST_REPORT: report, PADDOCK_HOST_STORAGE: globalStorage, PADDOCK_HOST_MODEL: model },
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(workbench.url);
    return await followReport(report, workbench.exited);
  } finally {
    await browser.close();
    await workbench.stop();
  }
}

/** @param {HostGiven} given */
async function runOnDesktop({ suite, report, project, model }) {
  await run(process.execPath, ['esbuild.mjs'], { cwd: repository });
  const { runTests } = await import('@vscode/test-electron');
  const vscodeExecutablePath = await findDesktop();
  if (!vscodeExecutablePath) throw new Error('There is no desktop VS Code to be had here; name one in PADDOCK_VSCODE.');
  const profile = path.join(folder, 'profile');
  await mkdir(path.join(profile, 'User'), { recursive: true });
  await writeFile(path.join(profile, 'User', 'settings.json'), JSON.stringify(plainTyping));
  const extensions = path.join(folder, 'extensions');
  const ended = runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: [repository, watchful],
    extensionTestsPath: suite,
    extensionTestsEnv: {
      PADDOCK_HOST_REPORT: report,
      PADDOCK_HOST_STORAGE: path.join(profile, 'User', 'globalStorage'),
      PADDOCK_HOST_MODEL: model,
    },
    launchArgs: [project, '--user-data-dir', profile, '--extensions-dir', extensions, '--disable-workspace-trust'],
  });
  return followReport(report, ended);
}

/**
 * Prints every outcome as it is written, until the last one.
 * @param {string} report
 * @param {Promise<unknown>} ended VS Code has
 */
async function followReport(report, ended) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let hasEnded = false;
  void ended.finally(() => (hasEnded = true)).catch(() => {});
  let read = 0;
  for (let deadline = Date.now() + silenceMs; Date.now() < deadline; await sleep(100)) {
    const isLast = hasEnded;
    const lines = (await readFile(report, 'utf8')).split('\n').slice(0, -1);
    for (const line of lines.slice(read)) {
      const outcome = JSON.parse(line);
      if (outcome === 'done') return counts;
      tell(outcome, counts);
      deadline = Date.now() + silenceMs;
    }
    read = lines.length;
    if (isLast) break;
  }
  console.log(`  FAILED VS Code ${hasEnded ? 'ended' : 'fell silent'} before the tests did`);
  return { ...counts, failed: counts.failed + 1 };
}

/**
 * @param {import('./runner.ts').HostOutcome} outcome
 * @param {{ passed: number, failed: number }} counts
 */
function tell({ name, durationMs, error }, counts) {
  counts[error === undefined ? 'passed' : 'failed'] += 1;
  console.log(`  ${error === undefined ? 'ok    ' : 'FAILED'} ${name} (${(durationMs / 1000).toFixed(1)} s)`);
  if (error !== undefined) console.log(error.replace(/^/gm, '         '));
}
