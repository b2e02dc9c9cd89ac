/** What a user downloads, and what VS Code reads of it and when: the sizes inside the packaged extension. */
import { statSync } from 'node:fs';
import { listZip } from '../../scripts/lib/zip.mjs';

/** Bytes, of a VSIX and of the code in it. */
export interface Sizes {
  readonly vsixBytes: number;
  /** Read at every activation. */
  readonly hostBundleBytes: number;
  /** What is read when it is first needed: what the user opens, and large libraries. */
  readonly lazyBundleBytes: number;
  /** The engine's code, without the library's binaries. */
  readonly engineBundleBytes: number;
}

const hostBundles = ['extension/dist/extension.cjs', 'extension/dist/shared.cjs'];
const engineBundle = 'extension/dist/engine/worker.mjs';
const lazyBundle = /^extension\/dist\/(rooms|lib\/.+)\.cjs$/;

/** Throws when a bundle is missing. */
export async function measureSizes(vsix: string): Promise<Sizes> {
  const members = await listZip(vsix);
  const bytesOf = (wanted: string): number => {
    const member = members.find(({ name }) => name === wanted);
    if (member === undefined) throw new Error(`${vsix} has no ${wanted}.`);
    return member.bytes;
  };
  const lazy = members.filter(({ name }) => lazyBundle.test(name)).map(({ bytes }) => bytes);
  return {
    vsixBytes: statSync(vsix).size,
    hostBundleBytes: sum(hostBundles.map(bytesOf)),
    lazyBundleBytes: sum(lazy),
    engineBundleBytes: bytesOf(engineBundle),
  };
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((all, each) => all + each, 0);
}
