import { expect, it } from 'vitest';
import { receiptWords } from '../../../src/editor/edits/receiptWords.ts';

const least: Parameters<typeof receiptWords>[0] = {
  requestId: 'r',
  exposure: 'inProcess',
  routeWords: 'this computer',
  modelName: 'm',
  items: [],
  sampling: [],
};

it('a receipt says what is known, and nothing of what is not', () => {
  expect(receiptWords(least)).toBe('**Paddock edit** by m\n\nthis computer');
  const known = {
    ...least,
    routeWords: 'internet: api.example.com',
    promptTokens: 2310,
    cachedTokens: 1900,
    completionTokens: 412,
    decodeTokPerS: 61.4,
    firstTokenMs: 420,
    costWords: '$0.0041',
    costBasisWords: 'as billed',
    maskedCount: 2,
  };
  const words = receiptWords(known).replaceAll('\\', '');
  expect(words).toContain('2,310 in (1,900 reused) · 412 out · 61 tok/s · first token 0.4 s');
  expect(words).toContain('$0.0041 (as billed) · 2 secrets masked');
  const each = { requestId: 'r', exposure: 'inProcess', routeWords: 'this computer', outcomeWords: 'failed' } as const;
  const retried = receiptWords({ ...known, tries: [each, each], isCountAtLeast: true });
  expect(retried).toContain('at least 2,310');
  expect(retried).toContain('at least 412 out');
  expect(retried).toContain('2 tries');
});

it('a name from a server cannot be a link in it', () => {
  expect(receiptWords({ ...least, modelName: '[x](command:paddock.stop) `a`' })).not.toContain('](');
});
