/** What the webview is told passes through here, once per frame. */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/store.ts';
import type { ToWebview } from '../../chat/protocol.ts';

/** A frame at 60 Hz, ms. */
export const frameMs = 16;

/**
 * Holds messages back for the rest of a frame. Of what replaces what was told before only the newest goes out; all else
 * keeps its order (text of answers comes at most once per frame already). While nobody listens nothing is kept: whoever
 * begins to listen is told everything anew.
 */
export class Outbox implements Disposable {
  private readonly clock: Clock;
  private queue: ToWebview[] = [];
  private post: ((message: ToWebview) => void) | undefined;
  private cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * From now on messages go there, and those from before nowhere. Call what it gives when nobody listens there any more;
   * whoever listens elsewhere by then goes on.
   */
  open(post: (message: ToWebview) => void): () => void {
    this.begin(post);
    return () => (this.post === post ? this.begin(undefined) : undefined);
  }

  readonly tell = (message: ToWebview): void => {
    if (this.post === undefined) return;
    this.queue = [...this.queue.filter((each) => !isReplacedBy(each, message)), message];
    this.cancel ??= this.clock.schedule(frameMs, () => this.flush());
  };

  dispose(): void {
    this.begin(undefined);
  }

  private begin(post: ((message: ToWebview) => void) | undefined): void {
    this.cancel?.();
    this.cancel = undefined;
    this.queue = [];
    this.post = post;
  }

  private flush(): void {
    this.cancel = undefined;
    const messages = this.queue;
    this.queue = [];
    for (const message of messages) this.post?.(message);
  }
}

/** Whether the second makes the first needless. */
function isReplacedBy(before: ToWebview, message: ToWebview): boolean {
  if (message.type === 'state') return isDrawn(before);
  if (before.type !== message.type) return false;
  if (before.type === 'reading' && message.type === 'reading') return before.turnId === message.turnId;
  return before.type === 'composer' || before.type === 'threads';
}

/** Part of what `state` says. */
function isDrawn({ type }: ToWebview): boolean {
  return ['state', 'turn', 'delta', 'reading', 'threads', 'composer'].includes(type);
}
