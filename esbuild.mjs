/**
 * Builds what the extension runs: the host bundle, the engine's bundle with its binaries beside it, and each large
 * library as a bundle of its own, read from disk only when it is first needed. Each webview's script and style go to
 * dist/media.
 *
 * The host bundle is three files: `extension.cjs` and `shared.cjs` are read at activation, `rooms.cjs` (the chat, edits,
 * the ledger's page, lists) when the user opens the first of these. No module is in two of them.
 *
 *   node esbuild.mjs                this platform, with source maps
 *   node esbuild.mjs --production   as packaged: smaller, no source maps
 *   node esbuild.mjs --watch        again after every change
 */
import { build, context, transform } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaryPackages, thisTarget } from './scripts/lib/targets.mjs';

export const root = import.meta.dirname;

/**
 * Packages too large to read at every activation. `import('name')` in src/ then loads `dist/lib/<name>.cjs`.
 * @type {readonly string[]}
 */
const separateLibraries = ['openai', '@pydantic/genai-prices', '@secretlint/secretlint-rule-preset-recommend'];

/** What node-llama-cpp would need only to download or to compile: absent from the engine, which does neither. */
const absentFromEngine = ['ipull', 'simple-git', 'cmake-js'];

const networkModules = new Set(['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns', 'dns/promises', 'undici']);

/**
 * Bundles everything into `outDir` and gives back esbuild's metafiles, one per bundle, for the licence notices.
 * Throws with esbuild's messages when a source does not build, and when the engine's bundle could open a connection.
 */
export async function buildBundles(options) {
  const results = await Promise.all(bundles(options).map((each) => build(each)));
  return results.map((result) => result.metafile);
}

/** Bundles one webview, as it is packaged, into `<outDir>/media/<name>`. Throws with esbuild's messages. */
export async function buildWebview(name, outDir) {
  await build(webviewBundle(name, { outDir, production: true }));
}

/**
 * Lays out the `bins/` of each package folder beside the engine's bundle, as node-llama-cpp looks for them:
 * `bins/<platform>-<arch>[-<gpu>]/` and `llama/binariesGithubRelease.json`, without which its import fails.
 * Files are hard links where the disk allows, so this costs neither time nor space. What is in place already stays (a
 * running engine on Windows locks its files); what does not belong is removed.
 * @param {{ engineDir: string, packages: readonly string[], keep?: (name: string) => boolean }} where
 */
export function layOutBinaries({ engineDir, packages, keep = () => true }) {
  const release = path.join('llama', 'binariesGithubRelease.json');
  const wanted = new Map([[release, path.join(root, 'node_modules/node-llama-cpp', release)]]);
  for (const folder of packages) {
    if (!fs.existsSync(path.join(folder, 'bins'))) throw new Error(`${folder} has no binaries: run "npm install".`);
    for (const name of filesBelow(path.join(folder, 'bins')).filter(keep)) {
      wanted.set(path.join('bins', name), path.join(folder, 'bins', name));
    }
  }
  for (const top of ['bins', 'llama']) {
    for (const name of filesBelow(path.join(engineDir, top)).map((below) => path.join(top, below))) {
      if (!wanted.has(name)) fs.rmSync(path.join(engineDir, name));
    }
  }
  for (const [name, from] of wanted) linkOrCopy(from, path.join(engineDir, name));
}

function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { recursive: true }).filter((name) => fs.statSync(path.join(folder, name)).isFile());
}

function common(production) {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node22',
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none', // THIRD-PARTY-NOTICES carries the licences in full
    sourcemap: !production,
    sourcesContent: false,
    // Names are kept: a stack trace in someone's log must still be readable.
    minifyWhitespace: production,
    minifySyntax: production,
  };
}

function bundles({ outDir = path.join(root, 'dist'), production = false } = {}) {
  const commonJs = { ...common(production), format: 'cjs', supported: { 'dynamic-import': false } };
  return [
    {
      ...common(production),
      // Parts of one bundle are ES modules before they become what VS Code loads.
      format: 'esm',
      splitting: true,
      entryPoints: { extension: 'src/extension.ts', rooms: 'src/editor/rooms.ts' },
      // What both need. There is one such part as long as there are two entries; esbuild refuses a second of this name.
      chunkNames: 'shared',
      outdir: outDir,
      outExtension: { '.js': '.cjs' },
      external: ['vscode'],
      // jsonc-parser's `main` asks for its own files by names that only a run can tell.
      mainFields: ['module', 'main'],
      plugins: [librariesApart, partsInCommonJs(commonJs)],
      write: false,
    },
    ...separateLibraries.map((name) => ({
      ...commonJs,
      entryPoints: [name],
      outfile: path.join(outDir, 'lib', `${name}.cjs`),
      plugins: name.startsWith('@secretlint/') ? [nothingButText] : [],
    })),
    {
      ...common(production),
      format: 'esm',
      entryPoints: ['src/engine/worker.ts'],
      outfile: path.join(outDir, 'engine', 'worker.mjs'),
      external: ['electron', '@node-llama-cpp/*', '@reflink/*'],
      // The few calls left in the library's code paths for model addresses: there is no fetch in the engine.
      define: { fetch: 'undefined', WebSocket: 'undefined', EventSource: 'undefined' },
      // Some of the library's CommonJS dependencies call `require` for Node's own modules.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
      },
      plugins: [engineLibrary],
    },
    ...webviews().map((name) => webviewBundle(name, { outDir, production })),
  ];
}

function webviewBundle(name, { outDir, production }) {
  return {
    ...common(production),
    platform: 'browser',
    format: 'iife',
    target: 'chrome128',
    minify: production,
    entryPoints: [`media/${name}/main.ts`, `media/${name}/main.css`],
    outdir: path.join(outDir, 'media', name),
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    tsconfig: 'media/tsconfig.json',
  };
}

/** Folders of media/ with a `main.ts` and a `main.css`. */
function webviews() {
  const names = fs.readdirSync(path.join(root, 'media'));
  return names.filter((name) => fs.existsSync(path.join(root, 'media', name, 'main.ts')));
}

/** Points an `import('name')` of a separate library at its own bundle. */
const librariesApart = {
  name: 'libraries-apart',
  setup(setup) {
    for (const name of separateLibraries) {
      setup.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: `./lib/${name}.cjs`, external: true }));
    }
  },
};

/** Writes the parts of a bundle that esbuild could split only as ES modules. */
function partsInCommonJs({ format, target, supported, sourcemap, sourcesContent, minifyWhitespace, minifySyntax }) {
  const options = { format, target, supported, sourcesContent, minifyWhitespace, minifySyntax };
  return {
    name: 'parts-in-common-js',
    setup(setup) {
      setup.initialOptions.sourcemap = sourcemap && 'inline';
      setup.onEnd(async ({ outputFiles = [] }) => {
        for (const { path: file, text } of outputFiles) {
          const { code, map } = await transform(text, { ...options, sourcefile: file, sourcemap });
          fs.mkdirSync(path.dirname(file), { recursive: true });
          fs.writeFileSync(file, sourcemap ? `${code}//# sourceMappingURL=${path.basename(file)}.map\n` : code);
          if (sourcemap) fs.writeFileSync(`${file}.map`, map);
        }
      });
    },
  };
}

/** Rules that look for secrets look at the text they are given: one that reads a file itself is not used, nor could be. */
const nothingButText = {
  name: 'nothing-but-text',
  setup(setup) {
    setup.onResolve(
      { filter: /^(node:)?(fs|child_process|https?|http2|net|tls|dgram|dns)(\/|$)/ },
      ({ path: name }) => ({
        path: name,
        namespace: 'absent',
      }),
    );
    setup.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({
      contents: absent(name, 'The search for secrets'),
    }));
  },
};

/**
 * Fits node-llama-cpp into one folder with its binaries, without the parts the engine never uses. Each edit checks
 * that it found what it edits, so an update of the library that moves things fails here and not at a user's.
 */
const engineLibrary = {
  name: 'engine-library',
  setup(setup) {
    const inLibrary = (file) => new RegExp(`node-llama-cpp[\\\\/]dist[\\\\/]${file}\\.js$`);

    setup.onEnd(({ metafile }) => {
      const errors = connections(metafile);
      for (const { text } of errors) console.error(text); // esbuild prints the errors of sources only
      return { errors };
    });

    setup.onResolve({ filter: new RegExp(`^(${absentFromEngine.join('|')})$`) }, ({ path: name }) => ({
      path: name,
      namespace: 'absent',
    }));
    setup.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({ contents: absent(name) }));

    // The library expects its folders one level above its code; here they lie beside it.
    setup.onLoad({ filter: inLibrary('config') }, ({ path: file }) => ({
      contents: replaceAll(fs.readFileSync(file, 'utf8'), 'path.join(__dirname, "..", ', 'path.join(__dirname, '),
    }));
    // It would first load each binary in a trial process. The engine is that process already: were it to crash here,
    // the editor goes on and starts it again on the CPU.
    setup.onLoad({ filter: inLibrary('bindings[\\\\/]utils[\\\\/]testBindingBinary') }, ({ path: file }) => {
      replaceAll(fs.readFileSync(file, 'utf8'), 'export async function testBindingBinary(', '');
      return { contents: 'export async function testBindingBinary() { return true; }' };
    });
  },
};

/** One error for each of Node's network modules that the bundle still imports. */
function connections(metafile) {
  const imports = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports);
  return imports
    .filter(({ path: name }) => networkModules.has(name.replace('node:', '')))
    .map(({ path: name }) => ({ text: `The engine's bundle imports ${name}; the engine never opens a connection.` }));
}

/** A CommonJS stand-in: whatever is taken from it throws once it is used. */
function absent(name, who = "Paddock's engine") {
  const message = JSON.stringify(`${who} does not contain ${name}.`);
  return `function absent() { throw new Error(${message}); }
module.exports = new Proxy({}, { get: (_, key) => key === '__esModule' || absent });`;
}

function replaceAll(text, from, to) {
  if (!text.includes(from)) throw new Error(`node-llama-cpp changed: "${from}" is gone; see esbuild.mjs.`);
  return text.replaceAll(from, to);
}

function linkOrCopy(from, to) {
  const source = fs.statSync(from);
  const present = fs.statSync(to, { throwIfNoEntry: false });
  if (present?.size === source.size && present.mtimeMs === source.mtimeMs) return;
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.rmSync(to, { force: true });
  try {
    fs.linkSync(from, to);
  } catch {
    fs.copyFileSync(from, to); // another disk, or one without hard links
    fs.utimesSync(to, source.atime, source.mtime);
  }
}

async function main() {
  const started = performance.now();
  const production = process.argv.includes('--production');
  const packages = binaryPackages[thisTarget()].map((name) => path.join(root, 'node_modules/@node-llama-cpp', name));
  layOutBinaries({ engineDir: path.join(root, 'dist/engine'), packages });
  if (process.argv.includes('--watch')) {
    const contexts = await Promise.all(
      bundles({ production }).map((options) => context({ ...options, logLevel: 'info' })),
    );
    await Promise.all(contexts.map((each) => each.watch()));
    return; // esbuild keeps the process alive until Ctrl-C
  }
  await buildBundles({ production });
  console.log(`Built dist/ in ${Math.round(performance.now() - started)} ms.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error) => {
    // esbuild has already printed what is wrong with a source.
    if (!error.errors) console.error(error.message);
    process.exitCode = 1;
  });
}
