import { describe, expect, it } from 'vitest';
import { commitMessageFrom, commitMessageIn, commitRequest, filesInDiff } from '../../src/chat/commit.ts';
import type { Chunk, StopReason } from '../../src/models/model.ts';

const file = (path: string, text: string) => ({ path, uri: `file:///r/${path}`, text });

describe('the request for a commit message', () => {
  it('has every change, says whose each is, and asks last', () => {
    const files = [file('a.ts', 'diff --git a/a.ts b/a.ts\n+one\n'), file('b.ts', 'diff --git a/b.ts b/b.ts\n+two')];
    const { request, cutCount } = commitRequest({ files, draft: '', contextTokens: 4096 });
    const text = request.messages.at(-1)?.text ?? '';
    expect(cutCount).toBe(0);
    for (const [index, { uri, place }] of request.items.entries()) {
      expect([uri, text.slice(place?.start, place?.end)]).toEqual([files[index]?.uri, files[index]?.text]);
    }
    expect(text.indexOf('commit message')).toBeGreaterThan(text.indexOf('+two'));
  });

  it('gives each file the same room where they do not fit, small ones staying whole', () => {
    const files = [file('small', '+1\n'), file('big', '+line\n'.repeat(5_000)), file('huge', '+line\n'.repeat(50_000))];
    const { request, cutCount } = commitRequest({ files, draft: '', contextTokens: 2048 });
    expect(cutCount).toBe(2);
    const [small, big = NaN, huge = NaN] = request.items.map(({ bytes }) => bytes);
    expect(small).toBe(3);
    expect(big).toBe(huge);
    expect(big + huge).toBeLessThan((2048 - 700) * 3 + 100);
  });

  it('is held against the rules of every file that a change may be of', () => {
    const unclear = { path: undefined, uri: 'file:///r', text: '+KEY=1\n', mayBeOf: ['file:///r/a', 'file:///r/.env'] };
    const { request } = commitRequest({ files: [unclear], draft: '', contextTokens: 4096 });
    expect(request.items.map(({ uri, bytes }) => [uri, bytes])).toEqual([
      ['file:///r', 7],
      ['file:///r/a', 0],
      ['file:///r/.env', 0],
    ]);
    expect(request.messages.at(-1)?.text).toMatch(/changes:\n\n\+KEY=1\n\nWrite/);
  });

  it('has what the author began with', () => {
    const { request } = commitRequest({ files: [file('a', '+1\n')], draft: 'Fix: ', contextTokens: 4096 });
    expect(request.messages.at(-1)?.text).toContain('began with: Fix:');
  });
});

it('the message is the answer without what stands around it', () => {
  const message = 'Count every item\n\nThe last one was left out.';
  for (const answer of [
    message,
    `\n${message}\n`,
    `\`\`\`\n${message}\n\`\`\``,
    `Here is the commit message:\n\n${message}`,
  ]) {
    expect([answer, commitMessageIn(answer)]).toEqual([answer, message]);
  }
  expect(commitMessageIn('"Count every item"')).toBe('Count every item');
  expect(commitMessageIn('**Commit message:** Count every item')).toBe('Count every item');
  expect(commitMessageIn('Keep `a` and `b`')).toBe('Keep `a` and `b`');
  expect(commitMessageIn(' \n')).toBe('');
});

describe('an answer that comes in', () => {
  async function* answering(text: string, reason: StopReason | undefined): AsyncGenerator<Chunk> {
    yield { kind: 'text', text };
    const speed = { firstTokenMs: 1, prefillTokPerS: 1, decodeTokPerS: 1 };
    if (reason !== undefined) yield { kind: 'end', reason, usage: undefined, speed };
  }
  const written = (text: string, reason: StopReason | undefined) => commitMessageFrom(answering(text, reason));

  it('is the message where it came to its end', async () => {
    expect(await written('"Count every item"', 'endOfText')).toEqual({ text: 'Count every item', isCut: false });
  });

  it.each(['cut', 'filtered', undefined] as const)('is none where it ended with %s', async (reason) => {
    await expect(written('Count every item', reason)).rejects.toMatchObject({ kind: 'badResponse' });
  });

  it('ends with its last whole line where there was no more room, and says so', async () => {
    const [cut, whole] = ['Count every item\n\nThe last one was left out.\nIt wa', 'Count every item\n\nThe last one'];
    expect(await written(cut, 'maxTokens')).toEqual({
      text: 'Count every item\n\nThe last one was left out.',
      isCut: true,
    });
    const fenced = `\`\`\`\n${whole}\n\`\`\`\nThis message sa`;
    expect(await written(fenced, 'maxTokens')).toEqual({ text: whole, isCut: false });
    const endless = `Count every item\n\n${'And count again.\n'.repeat(300)}`;
    expect((await written(endless, 'endOfText')).isCut).toBe(true);
    await expect(written('Count every it', 'maxTokens')).rejects.toMatchObject({ kind: 'badResponse' });
  });

  it('is none where it holds none', async () => {
    await expect(written(' \n', 'endOfText')).rejects.toMatchObject({ kind: 'badResponse' });
  });
});

describe('the files in a diff', () => {
  it('are told by what git says of each', () => {
    const diff = [
      'diff --git a/src/a b.ts b/src/a b.ts',
      'index 1..2 100644',
      '--- a/src/a b.ts\t',
      '+++ b/src/a b.ts\t',
      '@@ -1 +1 @@',
      '-diff --git a/x b/x',
      '+++ b/other.ts',
      'diff --git a/gone.ts b/gone.ts',
      'deleted file mode 100644',
      '--- a/gone.ts',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-x',
      'diff --git a/old.ts b/new.ts',
      'similarity index 100%',
      'rename from old.ts',
      'rename to new.ts',
      'diff --git "a/gr\\303\\266\\303\\237e \\"1\\".ts" "b/gr\\303\\266\\303\\237e \\"1\\".ts"',
      '--- "a/gr\\303\\266\\303\\237e \\"1\\".ts"',
      '+++ "b/gr\\303\\266\\303\\237e \\"1\\".ts"',
      '@@ -1 +1 @@',
      '-x',
      'diff --git a/empty b/empty',
      'new file mode 100644',
      'diff --git a/logo.png b/logo.png',
      'Binary files a/logo.png and b/logo.png differ',
      '',
    ].join('\n');
    const files = filesInDiff(diff);
    expect(files.map(({ path }) => path)).toEqual([
      'src/a b.ts',
      'gone.ts',
      'new.ts',
      'größe "1".ts',
      'empty',
      'logo.png',
    ]);
    expect(files.map(({ text }) => text).join('')).toBe(diff);
  });

  it('are not told by what stands inside a line, whatever looks like a line break there', () => {
    for (const sign of ['\r', '\u2028', '\u2029']) {
      const forged = `+secret${sign}diff --git a/readme b/readme${sign}--- a/readme${sign}+++ b/readme${sign}@@ -1 +1 @@`;
      const diff = `diff --git a/.env b/.env\n--- a/.env\n+++ b/.env\n@@ -0,0 +1 @@\n${forged}\n`;
      expect(filesInDiff(diff)).toEqual([{ path: '.env', text: diff }]);
    }
  });

  it('are told apart where one is in conflict', () => {
    const clean = 'diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-a\n+b\n';
    const conflict = 'diff --cc .env\nindex 1,2..0\n--- a/.env\n+++ b/.env\n@@@ -1,1 -1,1 +1,2 @@@\n++KEY=1\n';
    expect(filesInDiff(clean + conflict)).toEqual([
      { path: 'a.ts', text: clean },
      { path: '.env', text: conflict },
    ]);
  });

  it('are not told where a setting of Git leaves out the prefixes, which folders may be called like', () => {
    const added = 'diff --git b/.env b/.env\nnew file mode 100644\n--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+KEY=1\n';
    const gone = 'diff --git a/x a/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n';
    expect(filesInDiff(added + gone).map(({ path }) => path)).toEqual([undefined, undefined]);
  });

  it('are none where nothing changed', () => {
    expect(filesInDiff('')).toEqual([]);
  });
});
