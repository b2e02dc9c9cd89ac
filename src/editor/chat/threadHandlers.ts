/** Conversations: new, opened, renamed, pinned, deleted, exported, searched. */
import type * as vscode from 'vscode';
import type { Conversation } from '../../chat/conversation.ts';
import { jsonOf, markdownOf } from '../../chat/export.ts';
import type { SearchHit, ToWebview } from '../../chat/protocol.ts';
import type { Answering } from './answering.ts';
import type { Desk } from './desk.ts';
import type { Handlers } from './handlers.ts';

/** What they need. */
export interface ThreadNeeds {
  readonly desk: Desk;
  readonly answering: Pick<Answering, 'stop'>;
  readonly tell: (message: ToWebview) => void;
  /** Draws everything anew. @param showTurnId the turn to scroll to. */
  readonly draw: (showTurnId?: string) => Promise<void>;
  /** Another conversation is shown: what was typed and attached belongs to the one before. */
  readonly changed: (left: Conversation) => void;
  /** Finds what could go with a question in it; not waited for. */
  readonly lookAround: () => void;
  readonly window: Pick<typeof vscode.window, 'showSaveDialog'>;
  readonly workspace: Pick<typeof vscode.workspace, 'fs' | 'workspaceFolders'>;
  readonly Uri: Pick<typeof vscode.Uri, 'joinPath' | 'file'>;
}

const mostHits = 200;
/** Hits are told in so large portions, so that the first are there at once. */
const hitsAtOnce = 20;

export function threadHandlers(
  needs: ThreadNeeds,
): Handlers<
  | 'newThread'
  | 'openThread'
  | 'renameThread'
  | 'pinThread'
  | 'deleteThread'
  | 'restoreThread'
  | 'exportThread'
  | 'searchThreads'
> {
  const { desk, draw } = needs;
  const searching = { controller: new AbortController() };
  return {
    newThread: () => begin(needs),
    async openThread({ threadId, turnId }) {
      const conversation = desk.find(threadId);
      if (conversation !== undefined) await open(needs, conversation, turnId);
    },
    async renameThread({ threadId, title }) {
      desk.find(threadId)?.rename(title);
      await draw();
    },
    async pinThread({ threadId, isPinned }) {
      desk.find(threadId)?.pin(isPinned);
      await desk.drawThreads();
    },
    async deleteThread({ threadId }) {
      const conversation = desk.find(threadId);
      if (conversation !== undefined) await remove(needs, conversation);
    },
    async restoreThread({ threadId }) {
      const conversation = desk.find(threadId);
      if (conversation === undefined) return;
      conversation.delete(false);
      await show(needs, conversation);
    },
    exportThread: ({ threadId, format }) => save(needs, desk.find(threadId), format),
    async searchThreads({ request, query }) {
      searching.controller.abort();
      searching.controller = new AbortController();
      await search(needs, { request, query }, searching.controller.signal);
    },
  };
}

async function begin(needs: ThreadNeeds): Promise<void> {
  const { desk } = needs;
  // One in which nothing was asked is as good as a new one.
  const isFresh = desk.current.branch.length === 0 && desk.current.head.deletedMs === undefined;
  await show(needs, isFresh ? desk.current : desk.conversations.begin());
  needs.tell({ type: 'focus' });
}

async function open(needs: ThreadNeeds, conversation: Conversation, turnId: string | undefined): Promise<void> {
  conversation.refresh();
  if (turnId !== undefined && conversation.turn(turnId)?.isDeleted === false) conversation.show(turnId);
  await show(needs, conversation, turnId);
}

async function remove(needs: ThreadNeeds, conversation: Conversation): Promise<void> {
  const { desk, answering } = needs;
  const { id: threadId } = conversation;
  answering.stop(threadId);
  conversation.delete();
  if (desk.current.id === threadId) await begin(needs);
  else await desk.drawThreads();
  const { title } = conversation.head;
  desk.note(`“${title}” was deleted.`, { label: 'Undo', message: { type: 'restoreThread', threadId } });
}

/** Drawn at once: on the page that is left, somebody may go on typing. */
async function show(needs: ThreadNeeds, conversation: Conversation, turnId?: string): Promise<void> {
  const left = needs.desk.current;
  const isOther = left.id !== conversation.id;
  needs.desk.show(conversation);
  if (isOther) needs.changed(left);
  await needs.draw(turnId);
  if (isOther) needs.lookAround();
}

async function search(
  { desk, tell }: ThreadNeeds,
  { request, query }: { readonly request: number; readonly query: string },
  signal: AbortSignal,
): Promise<void> {
  const hits: SearchHit[] = [];
  for await (const hit of desk.conversations.search(query, signal)) {
    hits.push(hit);
    if (hits.length === mostHits) break;
    if (hits.length % hitsAtOnce === 0) tell({ type: 'searchResults', request, hits: [...hits], isDone: false });
  }
  if (!signal.aborted) tell({ type: 'searchResults', request, hits, isDone: true });
}

async function save(
  { desk, window, workspace, Uri }: ThreadNeeds,
  conversation: Conversation | undefined,
  format: 'markdown' | 'json',
): Promise<void> {
  if (conversation === undefined) return;
  const [extension, text] =
    format === 'markdown' ? (['md', markdownOf(conversation)] as const) : (['json', jsonOf(conversation)] as const);
  const name = `${conversation.head.title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'chat'}.${extension}`;
  const [folder] = workspace.workspaceFolders ?? [];
  const defaultUri = folder === undefined ? Uri.file(`/${name}`) : Uri.joinPath(folder.uri, name);
  const filters = format === 'markdown' ? { Markdown: ['md'] } : { JSON: ['json'] };
  const uri = await window.showSaveDialog({ defaultUri, filters, title: 'Export conversation' });
  if (uri === undefined) return;
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  desk.note('The conversation was exported.');
}
