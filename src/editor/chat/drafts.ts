/** What was typed in a conversation and not sent waits here until that conversation is shown again. */
import { text } from '../../chat/guards.ts';

/** As much of a conversation as is looked at; `undefined`: it has never been written down. */
type Left = { readonly id: string; readonly branch: readonly unknown[] } | undefined;

/** Where drafts are kept over reloads, the one left last at the end. `get` may give anything. */
export interface DraftsMemory {
  get(): unknown;
  set(drafts: readonly (readonly [key: string, draft: string])[]): void;
}

/** Drafts of so many conversations are kept; those that were left longest ago go first. */
const mostDrafts = 100;
/** Of one in which nothing was asked: nobody can come back to it, so the next new one has its draft. */
const ofNew = 'new';
const isText = text({ most: 1_000_000 });

/** The drafts of the conversations that are not shown. */
export class Drafts {
  private readonly memory: DraftsMemory;

  constructor(memory: DraftsMemory) {
    this.memory = memory;
  }

  /** A conversation is left with this draft; empty: nothing waits in it. */
  leave(left: Left, draft: string): void {
    const kept = draft.trim() === '' ? [] : [[keyOf(left), draft] as const];
    this.memory.set([...this.without(left), ...kept].slice(-mostDrafts));
  }

  /** A conversation is shown: its draft, which waits here no more; empty: there is none. */
  take(shown: Left): string {
    const key = keyOf(shown);
    const draft = this.all.find(([each]) => each === key)?.[1] ?? '';
    if (draft !== '') this.memory.set(this.without(shown));
    return draft;
  }

  private without(left: Left): readonly (readonly [string, string])[] {
    return this.all.filter(([key]) => key !== keyOf(left));
  }

  private get all(): readonly (readonly [string, string])[] {
    const kept = this.memory.get();
    return Array.isArray(kept) ? kept.filter(isDraft) : [];
  }
}

function keyOf(conversation: Left): string {
  return conversation === undefined || conversation.branch.length === 0 ? ofNew : conversation.id;
}

function isDraft(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && isText(value[1]);
}
