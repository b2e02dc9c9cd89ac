/** "Where in the workspace is this talked about?" is answered here by looking, without an index. */
import type * as vscode from 'vscode';
import { madeByTools, readDocument, type ReadingNeeds } from './reading.ts';
import { findSymbols, type SymbolNeeds } from './symbols.ts';

/** A place that fits, the best first. */
export interface FoundPlace {
  readonly uri: vscode.Uri;
  readonly label: string;
  /** From 1, both included. */
  readonly lines: readonly [first: number, last: number];
}

/** Files that are looked into; more would take longer than anybody waits. */
const mostFiles = 2_000;
const mostAtOnce = 16;
const mostPlaces = 8;
/** Lines around a hit that go with it. */
const around = 8;
const textNames =
  '**/*.{ts,tsx,js,jsx,mjs,cjs,py,rb,go,rs,java,kt,c,h,cc,cpp,hpp,cs,php,swift,scala,lua,sh,sql,html,css,scss,vue,svelte,json,yaml,yml,toml,md,txt}';
/** Words that are in every question, and words too short to be looked for. */
const common = new Set(
  'the and for with that this what where which when how why does not are can you from into have has was were will would should could please show tell explain find use used using make makes all any our its code file files function functions'.split(
    ' ',
  ),
);

/** The words of a question that are worth looking for, each once, names with their parts together. */
export function searchWords(question: string): readonly string[] {
  const words = question.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? [];
  const plain = words.map((word) => word.toLowerCase()).filter((word) => !common.has(word));
  return [...new Set(plain)].slice(0, 8);
}

/**
 * Places where the words of a question stand close together, those that are names of something before others. Stops
 * looking when the signal aborts and gives what was found until then.
 */
export async function searchWorkspace(
  needs: ReadingNeeds & SymbolNeeds,
  question: string,
  signal: AbortSignal,
): Promise<readonly FoundPlace[]> {
  const words = searchWords(question);
  if (words.length === 0) return [];
  const named = await Promise.all(words.map((word) => findSymbols(needs, word, 3)));
  const symbols = named.flat().map(({ uri, line }) => ({ uri, at: line, score: 2 }));
  const uris = await needs.workspace.findFiles(textNames, madeByTools, mostFiles);
  const hits: Hit[] = [...symbols];
  for (let index = 0; index < uris.length && !signal.aborted; index += mostAtOnce) {
    const some = uris.slice(index, index + mostAtOnce);
    hits.push(...(await Promise.all(some.map((uri) => hitIn(needs, uri, words)))).flat());
  }
  return places(needs, hits);
}

interface Hit {
  readonly uri: vscode.Uri;
  /** 0-based line. */
  readonly at: number;
  readonly score: number;
}

/** The best place of one file. */
async function hitIn(needs: ReadingNeeds, uri: vscode.Uri, words: readonly string[]): Promise<readonly Hit[]> {
  const read = await readDocument(needs, uri);
  if (!('text' in read)) return [];
  const lower = read.text.toLowerCase();
  if (!words.some((word) => lower.includes(word))) return [];
  const lines = lower.split('\n').map((line) => words.filter((word) => line.includes(word)));
  const inPath = words.filter((word) => read.label.toLowerCase().includes(word)).length;
  let best: Hit | undefined;
  for (const [at, here] of lines.entries()) {
    if (here.length === 0) continue;
    const near = new Set(lines.slice(Math.max(0, at - around), at + around + 1).flat());
    const score = near.size + here.length / 10 + inPath / 2;
    if (best === undefined || score > best.score) best = { uri, at, score };
  }
  return best === undefined ? [] : [best];
}

/** The best hits, one for each file. */
function places({ workspace }: ReadingNeeds, hits: readonly Hit[]): readonly FoundPlace[] {
  const best = new Map<string, Hit>();
  for (const hit of hits) {
    const key = hit.uri.toString();
    const before = best.get(key);
    const score = hit.score + (before?.score ?? 0);
    best.set(key, before !== undefined && before.score > hit.score ? { ...before, score } : { ...hit, score });
  }
  const order = [...best.values()].toSorted((a, b) => b.score - a.score || (a.uri.path < b.uri.path ? -1 : 1));
  return order.slice(0, mostPlaces).map(({ uri, at }) => ({
    uri,
    label: workspace.asRelativePath(uri),
    lines: [Math.max(1, at + 1 - around), at + 1 + around],
  }));
}
