import { expect, test } from 'vitest';
import { Failure, type FailureKind } from '../../src/base/failure.ts';
import { loadFailure } from '../../src/engine/worker/loadFailure.ts';
import { checkMemory, freeMemory } from '../../src/engine/worker/modelFile.ts';

const failedToLoad = new Error('Failed to load model');
const noBinary = Object.assign(new Error('NoBinaryFound'), { name: 'NoBinaryFoundError' });

test.each<[string, { error: unknown; log: string[] }, FailureKind, RegExp]>([
  [
    'an architecture that is not known',
    { error: failedToLoad, log: ["llama_model_load: error loading model: unknown model architecture: 'mamba9'"] },
    'modelUnsupported',
    /architecture "mamba9"/,
  ],
  [
    'a file that is cut off',
    {
      error: failedToLoad,
      log: ["tensor 'blk.2.attn_q.weight' data is not within the file bounds, model is corrupted"],
    },
    'modelInvalid',
    /cut off or damaged/,
  ],
  [
    'any other reason from the log, the first line of it',
    { error: failedToLoad, log: ['llama_model_load: error loading model: missing tensor x', 'failed to load model'] },
    'modelInvalid',
    /"m.gguf" could not be loaded: missing tensor x\.$/,
  ],
  ['no reason at all', { error: failedToLoad, log: [] }, 'modelInvalid', /Failed to load model\.$/],
  [
    'a buffer that could not be had, with its size',
    {
      error: failedToLoad,
      log: ['ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 8000000000'],
    },
    'outOfMemory',
    /8\.0 GB of memory and 2\.0 GB is free/,
  ],
  [
    'a C library that is too old',
    { error: noBinary, log: ["Error: /lib/libc.so.6: version `GLIBC_2.34' not found (required by libllama.so)"] },
    'cpuUnsupported',
    /no GLIBC_2\.34/,
  ],
  ['binaries that are missing', { error: noBinary, log: [] }, 'engineMissing', /no program for this system/],
  [
    'a library that the binaries need',
    { error: noBinary, log: ['Error: libgomp.so.1: cannot open shared object file: No such file or directory'] },
    'engineMissing',
    /cannot open shared object file/,
  ],
])('tells apart %s', (_, { error, log }, kind, message) => {
  const failure = loadFailure({ file: '/models/m.gguf', error, log, availableBytes: 2e9 });
  expect(failure.kind).toBe(kind);
  expect(failure.message).toMatch(message);
  expect(failure.action).toBeDefined();
});

test('a failure that is clear already stays as it is', () => {
  const failure = new Failure('modelMissing', 'Gone.');
  expect(loadFailure({ file: '/m.gguf', error: failure, log: ['x'], availableBytes: 1 })).toBe(failure);
});

test('a model that cannot fit is refused with both numbers', () => {
  expect(() => checkMemory('/models/m.gguf', 8e9, 4e9)).toThrow(/"m\.gguf" needs about 8\.1 GB .* 4\.0 GB is free/);
  expect(() => checkMemory('/models/m.gguf', 3e9, 4e9)).not.toThrow();
});

test('where the free memory is not known, nothing is refused and no number is made up', () => {
  expect(freeMemory('darwin')).toBeUndefined();
  expect(freeMemory('linux')).toBeGreaterThan(0);
  expect(() => checkMemory('/models/m.gguf', 8e15, undefined)).not.toThrow();
  const error = Object.assign(new Error('too big'), { name: 'InsufficientMemoryError' });
  const fail = (log: string[]): string =>
    loadFailure({ file: '/m.gguf', error, log, availableBytes: undefined }).message;
  expect(fail([])).toMatch(/^"m\.gguf" needs more memory than is free\./);
  expect(fail(['failed to allocate buffer of size 8000000000'])).toMatch(/needs about 8\.0 GB of memory, more than is/);
});
