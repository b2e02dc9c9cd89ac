/** The buttons of an edit, above the lines they are about. Pure. */
import type { CommandId } from '../commands.ts';
import type { EditSession } from './session.ts';

/** A button, or words without one. */
export interface Lens {
  /** In the copy that shows the edit, from 0. */
  readonly line: number;
  readonly title: string;
  readonly tooltip: string;
  /** `undefined`: nothing to press. */
  readonly command: CommandId | undefined;
  /** The hunk it is about. */
  readonly argument: number | undefined;
}

/**
 * The buttons now, from top to bottom.
 * @param words what is going on, shown above the lines.
 */
export function lensesOf({ state, range, rows, decisions, openCount }: EditSession, words: string): Lens[] {
  const line = range.start;
  const said = { line, title: words, tooltip: words, command: undefined, argument: undefined };
  const button = (title: string, tooltip: string, command: CommandId) => ({
    ...{ line, title, tooltip, command },
    argument: undefined,
  });
  switch (state) {
    case 'ended':
      return [];
    case 'writing':
      return [said, button('Stop', 'Stops the model; nothing is changed', 'paddock.discardEdit')];
    case 'reviewing': {
      const all = openCount > 1;
      return [
        said,
        ...(all ? [button(`Accept all ${openCount}`, 'Accepts every change', 'paddock.acceptAllChanges')] : []),
        ...(all ? [button('Reject all', 'Rejects what is not accepted yet', 'paddock.rejectAllChanges')] : []),
        button('Discard', 'Leaves everything as it was', 'paddock.discardEdit'),
        ...decisions.flatMap((decision, hunk) => {
          const first = line + rows.findIndex((row) => row.hunk === hunk);
          return decision === 'open' ? hunkButtons(first, hunk) : [];
        }),
      ];
    }
  }
}

function hunkButtons(line: number, argument: number): Lens[] {
  return [
    { line, title: 'Accept', tooltip: 'Accepts this change', command: 'paddock.acceptChange', argument },
    { line, title: 'Reject', tooltip: 'Rejects this change', command: 'paddock.rejectChange', argument },
  ];
}
