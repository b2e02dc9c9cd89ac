/** Programs that come from the operating system are looked for here, and installed where we may. */
import { readFileSync } from 'node:fs';
import { withLock } from './cache.mjs';
import { Failure } from './failure.mjs';
import { findOnPath, run, runAllowingFailure } from './run.mjs';

/** @typedef {'chromium' | 'strace' | 'ip' | 'unshare' | 'make' | 'g++' | 'tar' | 'xz'} Program */

/** The Debian package that brings each program. @type {Readonly<Record<Program, string>>} */
const debianPackages = {
  chromium: 'chromium',
  strace: 'strace',
  ip: 'iproute2',
  unshare: 'util-linux',
  make: 'make',
  'g++': 'g++',
  tar: 'tar',
  xz: 'xz-utils',
};

/**
 * Makes sure these programs are on PATH. As root on Debian and its kin the missing ones are installed.
 * @param {readonly Program[]} programs
 * @param {{ onInstall?: (packages: readonly string[]) => void }} [options]
 * @throws {Failure} one line that says what to install
 */
export async function ensurePrograms(programs, options = {}) {
  const isMissing = (/** @type {Program} */ program) => findOnPath([program]) === undefined;
  if (!programs.some(isMissing)) return;
  if (!canInstall()) throw new Failure(installAdvice(programs.filter(isMissing)));
  await withLock('apt', async () => {
    const packages = programs.filter(isMissing).map((program) => debianPackages[program]);
    if (packages.length === 0) return;
    options.onInstall?.(packages);
    await installPackages(packages);
  });
  const still = programs.filter(isMissing);
  if (still.length > 0) throw new Failure(installAdvice(still));
}

function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && findOnPath(['apt-get']) !== undefined;
}

/** @param {readonly string[]} packages */
async function installPackages(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = [
    'install',
    '--yes',
    '--quiet',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=180',
    ...packages,
  ];
  const what = `apt-get install ${packages.join(' ')}`;
  // The package lists of a fresh machine are empty or old; those of a machine in use may do.
  if ((await runAllowingFailure('apt-get', install, { env })).code === 0) return;
  await run('apt-get', ['update', '--quiet', '-o', 'DPkg::Lock::Timeout=180'], { env, what: 'apt-get update' });
  await run('apt-get', install, { env, what });
}

/** @param {readonly Program[]} programs */
function installAdvice(programs) {
  const names = programs.join(', ');
  const packages = programs.map((program) => debianPackages[program]).join(' ');
  if (process.platform === 'darwin')
    return `missing: ${names}. Install the Xcode command line tools (xcode-select --install) or, for chromium, Google Chrome.`;
  if (process.platform === 'win32')
    return `missing: ${names}. Install the Visual Studio Build Tools or, for chromium, Google Chrome.`;
  if (isDebian()) return `missing: ${names}. Install with: sudo apt-get install ${packages}`;
  return `missing: ${names}. Install with your system's package manager (Debian calls the packages: ${packages}).`;
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    // No such file, so no Debian.
    return false;
  }
}
