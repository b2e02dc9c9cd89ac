/** Where words stand in drawn text, across the nodes it is made of. */

/** Elements that break the text: no word goes on behind their edge. */
const breaking = 'P, LI, TD, TH, H3, H4, H5, H6, PRE, DIV, SECTION, BLOCKQUOTE, SUMMARY, DT, DD, CAPTION';
/** What is not the conversation itself. */
const aside = '.unseen, .tools, .code-head, .answer-foot, .receipt, .waiting, .versions';

/** Every place in the element where the words stand, whatever their case. */
export function hitsIn(element: HTMLElement, words: string): readonly Range[] {
  const { nodes, text } = textOf(element);
  const needle = folded(words);
  const ranges: Range[] = [];
  // Hits come in the order of the nodes: one walk through these is enough for all.
  let first = 0;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    first = lastBegunBefore(nodes, at + 1, first);
    const range = rangeOf(nodes[first], nodes[lastBegunBefore(nodes, end, first)], [at, end]);
    if (range !== undefined) ranges.push(range);
  }
  return ranges;
}

interface PlacedText {
  readonly node: Text;
  readonly start: number;
}

function textOf(element: HTMLElement): { readonly nodes: readonly PlacedText[]; readonly text: string } {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: PlacedText[] = [];
  const parts: string[] = [];
  let length = 0;
  let block: Element | null = null;
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    const around = node.parentElement;
    if (around === null || around.closest(aside) !== null) continue;
    const own = around.closest(breaking);
    if (own !== block) {
      parts.push('\n');
      length += 1;
    }
    block = own;
    nodes.push({ node, start: length });
    parts.push(folded(node.data));
    length += node.data.length;
  }
  return { nodes, text: parts.join('') };
}

/** Lower case, where that keeps the length: offsets have to fit the text as it is drawn. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** The index of the last node, from that one on, that begins before the offset. */
function lastBegunBefore(nodes: readonly PlacedText[], offset: number, from: number): number {
  let index = from;
  while ((nodes[index + 1]?.start ?? Infinity) < offset) index += 1;
  return index;
}

function rangeOf(
  first: PlacedText | undefined,
  last: PlacedText | undefined,
  [start, end]: readonly [start: number, end: number],
): Range | undefined {
  if (first === undefined || last === undefined) return undefined;
  const range = document.createRange();
  range.setStart(first.node, Math.min(start - first.start, first.node.length));
  range.setEnd(last.node, Math.min(end - last.start, last.node.length));
  return range;
}
