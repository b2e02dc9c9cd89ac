import { expect, it } from 'vitest';
import { selectionPiece } from '../../../../src/editor/chat/context/selection.ts';
import { reader, repo, uri } from '../../../support/chatContext.ts';
import { FakeFiles } from '../../../support/vscodeFiles.ts';

/** @param ends start and end as `[line, character]`, 0-based. */
function selected(ends: readonly (readonly [number, number])[], text = 'x', of = `${repo}/a.ts`) {
  const [start, end] = ends.map(([line, character]) => ({ line, character }));
  const selection = { start, end, isEmpty: text === '' };
  const document = { uri: uri(of), getText: () => text };
  return selectionPiece(reader(new FakeFiles().open(repo)).workspace, { document, selection } as never);
}

it.each([
  [
    [2, 4],
    [4, 7],
    [3, 5],
  ],
  // Whole lines end before the first character of the next.
  [
    [2, 0],
    [4, 0],
    [3, 4],
  ],
  [
    [2, 0],
    [2, 5],
    [3, 3],
  ],
] as const)('from %j to %j is lines %j', (start, end, lines) => {
  expect(selected([start, end])).toMatchObject({ lines, ...(start[1] === 0 ? {} : { column: start[1] }) });
});

it('is nothing where nothing is selected, and in views that nobody writes in', () => {
  const ends = [[0, 0], [0, 1]] as const; // prettier-ignore
  expect(selected(ends, '')).toBeUndefined();
  expect(selected(ends, 'x', 'output:///log')).toBeUndefined();
  expect(selected(ends, 'a\r\nb')?.text).toBe('a\nb');
});
