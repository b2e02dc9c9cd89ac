/** What a user downloads, and what VS Code reads of it and when: the sizes inside the packaged extension. */
import { statSync } from 'node:fs';
import { listZip } from '../../scripts/lib/zip.mjs';

/** Bytes, of a VSIX and of the code in it. */
export interface Sizes {
  readonly vsixBytes: number;
  /** Read at every activation. */
  readonly hostBundleBytes: number;
  /** Libraries that are read when first needed; 0 while there are none. */
  readonly lazyBundleBytes: number;
  /** The engine's code, without the library's binaries. */
  readonly engineBundleBytes: number;
}

const hostBundle = 'extension/dist/extension.cjs';
const engineBundle = 'extension/dist/engine/worker.mjs';
const lazyBundle = /^extension\/dist\/lib\/[^/]+\.cjs$/;

/** Throws when a bundle is missing. */
export async function measureSizes(vsix: string): Promise<Sizes> {
  const members = await listZip(vsix);
  const bytesOf = (wanted: string): number => {
    const member = members.find(({ name }) => name === wanted);
    if (member === undefined) throw new Error(`${vsix} has no ${wanted}.`);
    return member.bytes;
  };
  const lazy = members.filter(({ name }) => lazyBundle.test(name));
  return {
    vsixBytes: statSync(vsix).size,
    hostBundleBytes: bytesOf(hostBundle),
    lazyBundleBytes: lazy.reduce((sum, { bytes }) => sum + bytes, 0),
    engineBundleBytes: bytesOf(engineBundle),
  };
}
