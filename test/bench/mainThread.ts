/** What the browser notes of a page's main thread becomes the tasks that held it up, by what was going on. */
import type { CDPSession, Page } from 'playwright-core';

/** Tasks that were longer than 50 ms. */
export interface LongTasks {
  /** By the clock on the wall: also when the machine was busy with something else. */
  readonly wall: number;
  /** By the processor time that the thread itself had. */
  readonly processor: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: when it began, how long it took, and how long the thread ran of that. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const longMicroseconds = 50_000;

/** A page whose main thread is watched from `watch` to `stop`. */
export class MainThread {
  private readonly page: Page;
  private readonly session: CDPSession;
  private readonly events: TraceEvent[] = [];

  private constructor(page: Page, session: CDPSession) {
    this.page = page;
    this.session = session;
    session.on('Tracing.dataCollected', ({ value }) => this.events.push(...(value as unknown as TraceEvent[])));
  }

  static async watch(page: Page): Promise<MainThread> {
    const session = await page.context().newCDPSession(page);
    const includedCategories = ['toplevel', 'blink.user_timing'];
    await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
    return new MainThread(page, session);
  }

  /** What runs from here on belongs to this part. */
  async begin(part: string): Promise<void> {
    await this.page.evaluate((name) => performance.mark(name), markOf(part));
  }

  /** The long tasks of each part that was begun, from its beginning to that of the next. */
  async stop<Part extends string>(parts: readonly Part[]): Promise<Readonly<Record<Part, LongTasks>>> {
    const isOver = new Promise((resolve) => this.session.once('Tracing.tracingComplete', resolve));
    await this.session.send('Tracing.end');
    await isOver;
    const marks = parts.map((part) => this.events.find(({ name }) => name === markOf(part)));
    const [first] = marks;
    if (first === undefined) throw new Error('the browser noted no mark of the page');
    const tasks = this.events.filter(
      ({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && pid === first.pid && tid === first.tid,
    );
    if (tasks.length === 0) throw new Error("the browser noted no task of the page's main thread");
    const counts = parts.map((part, index) => {
      const [from, to] = [marks[index]?.ts ?? Infinity, marks[index + 1]?.ts ?? Infinity];
      const within = tasks.filter(({ ts }) => ts >= from && ts < to);
      return [part, longOf(within)] as const;
    });
    return Object.fromEntries(counts) as Record<Part, LongTasks>;
  }
}

function markOf(part: string): string {
  return `paddock: ${part}`;
}

function longOf(tasks: readonly TraceEvent[]): LongTasks {
  return {
    wall: tasks.filter(({ dur = 0 }) => dur > longMicroseconds).length,
    processor: tasks.filter(({ tdur = 0 }) => tdur > longMicroseconds).length,
  };
}
