/** The licences of everything the VSIX contains but we did not write pass through here, into one text file. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * What lies within packages that carry only their own licence: node-llama-cpp's binaries, and secretlint's rules, which
 * are published as one file. All MIT.
 */
const insidePackages = [
  { name: 'llama.cpp and ggml', holder: 'Copyright (c) 2023-2026 The ggml authors' },
  { name: 'JSON for Modern C++', holder: 'Copyright (c) 2013-2026 Niels Lohmann' },
  { name: 'cpp-httplib', holder: 'Copyright (c) 2017-2026 yhirose' },
  {
    name: 'Lodash',
    holder:
      'Copyright jQuery Foundation and other contributors; based on Underscore.js, ' +
      'Copyright Jeremy Ashkenas, DocumentCloud and Investigative Reporters & Editors',
  },
  { name: 'escape-string-regexp', holder: 'Copyright (c) Sindre Sorhus' },
  { name: '@textlint/regexp-string-matcher', holder: 'Copyright (c) 2017-present azu' },
];

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * @param {readonly import('esbuild').Metafile[]} metafiles of the bundles in the VSIX
 * @param {string} root the folder their paths start from
 * @returns {string} one section per package that left at least one byte in a bundle, by name
 * @throws {Error} for a package without a licence: it must not be shipped
 */
export function thirdPartyNotices(metafiles, root) {
  const sections = packagesIn(metafiles).map((folder) => sectionOf(path.join(root, folder)));
  const compiled = insidePackages.map(({ name, holder }) => `${name} (MIT)\n\n${holder}\n\n${mit}`);
  const line = `\n\n${'-'.repeat(80)}\n\n`;
  return `Paddock contains software written by others.${line}${[...compiled, ...sections].join(line)}\n`;
}

/** @param {readonly import('esbuild').Metafile[]} metafiles */
function packagesIn(metafiles) {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const inputs = outputs.flatMap((output) => Object.entries(output.inputs));
  const folders = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([name]) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(name)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

/** @param {string} folder */
function sectionOf(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file === undefined && !manifest.license) throw new Error(`${manifest.name} has no licence.`);
  const author = typeof manifest.author === 'string' ? manifest.author : manifest.author?.name;
  const short = `Copyright (c) ${author ?? `the authors of ${manifest.name}`}\n\n${manifest.license === 'MIT' ? mit : ''}`;
  const text = file === undefined ? short : readFileSync(path.join(folder, file), 'utf8');
  return `${manifest.name} ${manifest.version} (${manifest.license})\n\n${text.trim()}`;
}
