/** What stands behind a fence: the language, and at times the file that the block is of. */

export interface CodeInfo {
  /** Empty: nothing is said. */
  readonly language: string;
  readonly path: string | undefined;
}

const path = /^(?:[A-Za-z]:)?[\w@.~+\-/\\]*[\w-]\.[A-Za-z]\w{0,11}$/;
const pathWithFolder = /^(?=.*[\\/])(?:[A-Za-z]:)?[\w@.~+\-/\\]*[\w-]$/;
const firstLine = /^(?:\/\/|#|--|<!--|\/\*|;)\s*(?:file(?:path|name)?\s*:\s*)([^\s*]+)/i;

/**
 * Reads the ways models name a file: `ts src/gate.ts`, `ts:src/gate.ts`, `src/gate.ts`, `ts title="src/gate.ts"`, and a
 * first line `// filepath: src/gate.ts`.
 */
export function codeInfo(info: string, text: string): CodeInfo {
  const words = info.trim().split(/\s+/);
  const [first = ''] = words;
  const titled = /(?:title|file(?:name|path)?|path)=["']?([^"'\s]+)/i.exec(info)?.[1];
  const [, language, joined] = /^([\w+#.-]+):(.+)$/.exec(first) ?? [];
  const candidates = [titled, joined, ...words.slice(language === undefined ? 0 : 1)];
  const named = candidates.find((word) => word !== undefined && isPath(word) && word !== language);
  const isAlone = named !== undefined && named === first;
  return {
    language: (isAlone ? (named.split('.').at(-1) ?? '') : (language ?? first)).replace(/[{},;].*$/, '').slice(0, 40),
    path: named ?? firstLine.exec(text.slice(0, 300))?.[1],
  };
}

function isPath(word: string): boolean {
  return word.length <= 260 && (path.test(word) || pathWithFolder.test(word)) && !/^\W*$/.test(word);
}
