/** Lines that are there already, in the place of a document's. */
import type { TextLines } from '../../src/editor/edits/lines.ts';

/** Looks into the array each time: what is done to it is done to the text. */
export function textLines(lines: readonly string[]): TextLines {
  return {
    get lineCount() {
      return lines.length;
    },
    lineAt: (line) => {
      const text = lines[line];
      if (text === undefined) throw new Error(`There is no line ${line}.`);
      return text;
    },
  };
}

/** Every line. */
export function linesOfAll({ lineCount, lineAt }: TextLines): string[] {
  return Array.from({ length: lineCount }, (_, line) => lineAt(line));
}
