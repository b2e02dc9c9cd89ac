import { describe, expect, test } from 'vitest';
import { publishedReadme, unexpectedFiles } from '../../scripts/package.mjs';
import { binaryPackages } from '../../scripts/lib/targets.mjs';

const common = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/readme.md',
  'extension/LICENSE.txt',
  'extension/THIRD-PARTY-NOTICES.txt',
  'extension/dist/extension.cjs',
  'extension/dist/shared.cjs',
  'extension/dist/rooms.cjs',
  'extension/dist/engine/worker.mjs',
  'extension/dist/engine/llama/binariesGithubRelease.json',
];
const bins = 'extension/dist/engine/bins';
const linux = [`${bins}/linux-arm64/llama-addon.node`, `${bins}/linux-arm64/_nlcBuildMetadata.json`];

describe('the list of files in a VSIX', () => {
  test('passes when it holds the bundles and the binaries of its platform', () => {
    expect(unexpectedFiles([...common, ...linux], 'linux-arm64')).toEqual([]);
  });

  test.each([
    'extension/src/extension.ts',
    'extension/dist/extension.cjs.map',
    'extension/dist/extension.test.cjs',
    'extension/node_modules/left-pad/index.js',
    'extension/.env',
    `${bins}/linux-x64/llama-addon.node`,
    `${bins}/linux-arm64/libggml-cuda.so`,
    `${bins}/linux-arm64/llama.lib`,
    `${bins}/linux-arm64-cuda/llama-addon.node`,
  ])('fails when it holds %s', (name) => {
    expect(unexpectedFiles([...common, ...linux, name], 'linux-arm64')).toEqual([`it contains ${name}`]);
  });

  test.each([...common.slice(4), ...linux])('fails when %s is missing', (name) => {
    const names = [...common, ...linux].filter((each) => each !== name);
    expect(unexpectedFiles(names, 'linux-arm64')).toEqual([`${name} is missing`]);
  });

  test('needs the Vulkan binaries beside the CPU ones where there are any', () => {
    expect(binaryPackages['win32-x64']).toEqual(['win-x64', 'win-x64-vulkan']);
    expect(unexpectedFiles(common, 'win32-x64')).toHaveLength(4);
  });
});

describe('the README in a VSIX', () => {
  test('has no picture and no link that only this checkout could open', () => {
    const text = [
      'See ![a picture](docs/a.png) and [the guide](docs/guide.md) or [the web](https://example.com/a).',
      '',
      '| dark | light |',
      '|---|---|',
      '| ![one](docs/1.png) | ![two](docs/2.png) |',
      '',
      '| To | do |',
      '|---|---|',
      '| look | [here](#here) |',
      '',
    ].join('\n');
    expect(publishedReadme(text)).toBe(
      'See  and the guide or [the web](https://example.com/a).\n\n| To | do |\n|---|---|\n| look | here |\n',
    );
  });
});
