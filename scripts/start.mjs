/** `npm start`: from a fresh clone to a VS Code with Paddock and a model in it. Flags: `npm start -- --help`. */
import { spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './lib/bootstrap.mjs';
import { ensureBrowser } from './lib/browser.mjs';
import { cachePath, makeOnce, tryLock } from './lib/cache.mjs';
import { checkSuggestion, lineBelow } from './lib/checkSuggestion.mjs';
import { findDesktop, hasDisplay, launchDesktop } from './lib/desktop.mjs';
import { Failure, reportFailure } from './lib/failure.mjs';
import { ensureModel, modelSources } from './lib/models.mjs';
import { run } from './lib/run.mjs';
import { parseStartOptions, startHelp } from './lib/startOptions.mjs';
import { thisTarget } from './lib/targets.mjs';
import { Timeline } from './lib/timeline.mjs';
import { ensureWorkbench, isPortFree, launchWorkbench } from './lib/workbench.mjs';

const repository = fileURLToPath(new URL('../', import.meta.url));
/** The same address each time, so that the browser remembers the layout; one more per playground in use. */
const usualPort = 7625;

/** Where to type in the sample project, and what, by what the model can do. */
const places = {
  prefix: { file: 'brewing.py', below: '# Type below', text: 'def hottest_tea() -> Tea:\nreturn ' },
  infill: { file: 'basket.ts', below: '// Type here', text: 'return this.lines' },
};

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.isHelp) console.log(startHelp);
  else await start(options);
} catch (error) {
  reportFailure(error);
  // Nothing that still runs may keep a failed start alive.
  process.exit();
}

/** @param {import('./lib/startOptions.mjs').StartOptions} options */
async function start(options) {
  const timeline = new Timeline();
  timeline.add('packages', await bootstrap(import.meta.url));
  const vsix = await timeline.step('extension', buildExtension);
  const model = await timeline.step('model', (say) => findModel(options.model, say));
  const place =
    options.model.kind === 'known' ? places[options.model.name === 'infill' ? 'infill' : 'prefix'] : places.prefix;
  const settings = { 'paddock.local.modelPath': model };
  if (options.isCheck) await check({ vsix, settings, place, timeline });
  else await open({ vsix, settings, place, timeline, options });
}

/**
 * @param {import('./lib/timeline.mjs').Say} say
 * @returns {Promise<string>} the VSIX of this platform
 */
async function buildExtension(say) {
  say('building the VSIX');
  const script = path.join(repository, 'scripts', 'package.mjs');
  await run(process.execPath, [script], { cwd: repository, what: 'building the VSIX', isGuarded: true });
  return path.join(repository, 'dist', `paddock-${thisTarget()}.vsix`);
}

/**
 * @param {import('./lib/startOptions.mjs').StartOptions['model']} model
 * @param {import('./lib/timeline.mjs').Say} say
 * @returns {Promise<string>} absolute path
 */
async function findModel(model, say) {
  if (model.kind === 'file') return model.path;
  const { title } = modelSources[model.name];
  return ensureModel(model.name, {
    onProgress: ({ step, doneBytes, totalBytes }) => say(`${title}, ${step}`, doneBytes / totalBytes),
    onWait: (holder) => say(`waiting for ${holder}`),
  });
}

/**
 * @typedef {object} Prepared
 * @property {string} vsix
 * @property {Readonly<Record<string, unknown>>} settings
 * @property {{ file: string, below: string, text: string }} place
 * @property {Timeline} timeline
 */

/**
 * Everything headless and on fresh folders, so that nothing of earlier starts has a say.
 * @param {Prepared} prepared
 */
async function check({ vsix, settings, place, timeline }) {
  await timeline.step('VS Code', prepareWorkbench);
  await timeline.step('browser', (say) =>
    ensureBrowser({ onInstall: (names) => say(`installing ${names.join(', ')}`) }),
  );
  const result = await timeline.step('suggestion', async (say) => {
    say('typing into the editor');
    return checkSuggestion({ vsix, settings, sample: path.join(repository, 'sample'), place });
  });
  console.log(
    `Suggestion from ${result.modelName} (${result.completionTokens} tokens, ${result.waitedMs} ms after the last key):`,
  );
  console.log(result.suggestion.replace(/^/gm, '  | '));
  console.log(`Check passed in ${timeline.summary()}`);
}

/**
 * @param {Prepared & { options: import('./lib/startOptions.mjs').StartOptions }} prepared
 */
async function open({ options, timeline, ...prepared }) {
  const playground = await makePlayground();
  const project = path.join(playground.folder, 'project');
  const desktop =
    options.isBrowser || options.port !== undefined ? undefined : await timeline.step('VS Code', findDesktop);
  const port = await choosePort(options.port, playground.port);
  const opened = desktop
    ? await openDesktop({ ...prepared, desktop, project, profile: path.join(playground.folder, 'desktop') })
    : await openBrowser({ ...prepared, timeline, project, profile: playground.folder, port });
  console.log(`Ready in ${timeline.summary()}`);
  console.log(`Open ${prepared.place.file} in the sample project and type below "${prepared.place.below}".`);
  console.log(`The sample project is ${project}. Ctrl-C ends everything.`);
  await Promise.race([whenAskedToStop(), opened.exited]);
  await opened.stop();
  playground.giveBack();
}

/**
 * @param {number | undefined} wanted
 * @param {number} usual
 * @returns {Promise<number>} 0: any free one
 */
async function choosePort(wanted, usual) {
  if (wanted !== undefined && !(await isPortFree(wanted)))
    throw new Failure(`port ${wanted} is in use; leave --port out`);
  return wanted ?? ((await isPortFree(usual)) ? usual : 0);
}

/**
 * The sample project and the workbench's own folders, kept between starts. A second start at the same time gets others.
 * @returns {Promise<{ folder: string, port: number, giveBack: () => void }>}
 */
async function makePlayground() {
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'playground' : `playground-${number}`;
    const giveBack = tryLock(name);
    if (!giveBack) continue;
    const project = path.join(name, 'project');
    await makeOnce(project, (temporary) => cp(path.join(repository, 'sample'), temporary, { recursive: true }));
    return { folder: cachePath(name), port: usualPort + number - 1, giveBack };
  }
}

/**
 * @param {Omit<Prepared, 'timeline'> & { desktop: string, project: string, profile: string }} prepared
 */
async function openDesktop({ desktop, project, profile, place, vsix, settings }) {
  const file = path.join(project, place.file);
  return launchDesktop({ executable: desktop, vsix, folder: project, file, profile, settings });
}

/**
 * @param {Prepared & { project: string, profile: string, port: number }} prepared
 */
async function openBrowser({ vsix, settings, place, timeline, project, profile, port }) {
  await timeline.step('VS Code', prepareWorkbench);
  const file = path.join(project, place.file);
  const workbench = await timeline.step('workbench', async () =>
    launchWorkbench({
      vsix,
      settings,
      folder: project,
      openFile: { path: file, line: await lineBelow(file, place.below) },
      userDataDir: path.join(profile, 'browser-data'),
      extensionsDir: path.join(profile, 'browser-extensions'),
      port,
    }),
  );
  console.log(`\n  ${workbench.url}\n`);
  if (hasDisplay()) showInBrowser(workbench.url);
  return workbench;
}

/** @param {import('./lib/timeline.mjs').Say} say */
async function prepareWorkbench(say) {
  await ensureWorkbench({ onStep: (what) => say(what), onWait: (holder) => say(`waiting for ${holder}`) });
}

/** @param {string} url */
function showInBrowser(url) {
  const [command, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(String(command), [...before, url], { stdio: 'ignore', detached: true });
  // The address is printed either way.
  child.on('error', () => {});
  child.unref();
}

function whenAskedToStop() {
  return new Promise((/** @type {(value: void) => void} */ resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => resolve());
  });
}
