/** Code that other people wrote, the same files every time for the same installed packages. */
import fs from 'node:fs';
import path from 'node:path';

const modules = path.resolve(import.meta.dirname, '../../node_modules');
/** Packages whose files are about secrets and hold made-up ones. */
const aboutSecrets = /@secretlint/;

/** Files spread evenly over all there are, in the order of their names. */
export function sampleOfModules(count: number): readonly { readonly name: string; readonly text: string }[] {
  const names = fs
    .readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => /\.(js|ts|md)$/.test(name) && !aboutSecrets.test(name))
    .filter((name) => {
      const stat = fs.statSync(path.join(modules, name), { throwIfNoEntry: false });
      return stat?.isFile() && stat.size > 200 && stat.size < 200_000;
    })
    .toSorted();
  const chosen = Array.from({ length: count }, (_, index) => names[Math.floor((index * names.length) / count)]);
  return chosen.flatMap((name) =>
    name === undefined ? [] : [{ name, text: fs.readFileSync(path.join(modules, name), 'utf8') }],
  );
}
