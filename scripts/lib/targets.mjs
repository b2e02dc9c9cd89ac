/**
 * The platforms Paddock is packaged for, and which of node-llama-cpp's binary packages each one carries: CPU
 * everywhere, Vulkan beside it on x64 Linux and Windows, Metal on Apple silicon. CUDA is left out: 540 MB.
 */

/** vsce target -> packages under `@node-llama-cpp/`. */
export const binaryPackages = {
  'linux-x64': ['linux-x64', 'linux-x64-vulkan'],
  'linux-arm64': ['linux-arm64'],
  'linux-armhf': ['linux-armv7l'],
  'darwin-arm64': ['mac-arm64-metal'],
  'darwin-x64': ['mac-x64'],
  'win32-x64': ['win-x64', 'win-x64-vulkan'],
  'win32-arm64': ['win-arm64'],
};

/** The target this machine runs; throws a sentence for a platform without binaries. */
export function thisTarget() {
  const target = `${process.platform}-${process.arch === 'arm' ? 'armhf' : process.arch}`;
  if (!(target in binaryPackages)) throw new Error(`node-llama-cpp has no binaries for ${target}.`);
  return target;
}
