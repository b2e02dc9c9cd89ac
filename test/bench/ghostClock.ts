/** The time between a key and the grey text that it brings is taken here, inside the browser's page. */
import type { Page } from 'playwright-core';
import { ghostTextSelector } from '../../scripts/lib/browser.mjs';

/** What keys brought, as it is on the screen. */
export interface GhostTime {
  /** From the newest key's press to the frame with grey text in it, ms; `undefined`: there is none (yet). */
  readonly ms: number | undefined;
  /** The grey text was there when the newest key was pressed, and stayed: it was typed through. */
  readonly wasTypedThrough: boolean;
  /** From the first key's press since `restartGhostClock` to the first frame with grey text in it, ms. */
  readonly sinceRestartMs: number | undefined;
}

interface ClockInPage {
  read(): GhostTime;
  restart(): void;
}

declare global {
  /** Lives in the browser's page. */
  var paddockGhostClock: ClockInPage | undefined;
}

/** Puts the clock into every page that is opened from now on. */
export async function startGhostClock(page: Page): Promise<void> {
  await page.addInitScript(installGhostClock, ghostTextSelector);
}

/** The next key is the first one. */
export async function restartGhostClock(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.paddockGhostClock?.restart());
}

export function readGhostClock(page: Page): Promise<GhostTime> {
  return page.evaluate(() => {
    if (globalThis.paddockGhostClock === undefined) throw new Error('The clock is not in the page.');
    return globalThis.paddockGhostClock.read();
  });
}

/** Runs in the page. Must be self-contained. */
function installGhostClock(selector: string): void {
  interface PageGlobals {
    readonly document: { querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null }> };
    addEventListener(type: string, listener: (event: { readonly key: string }) => void, isCapturing: boolean): void;
    requestAnimationFrame(run: () => void): void;
  }
  const page = globalThis as unknown as PageGlobals; // the compiler knows Node's globals only
  const isShown = (): boolean =>
    [...page.document.querySelectorAll(selector)].some(({ textContent }) => (textContent ?? '') !== '');
  /** The first frame after a key may still hold what was there before; what is in a later one is what gets painted. */
  const firstFrame = 2;
  interface Found {
    ms: number | undefined;
    wasTypedThrough: boolean;
  }
  const nothing = (): Found => ({ ms: undefined, wasTypedThrough: false });
  let newest = nothing();
  let first: Found | undefined;

  const untilShown = (isWanted: () => boolean, found: (frame: number) => void): void => {
    const look = (frame: number): void => {
      if (!isWanted()) return;
      if (frame >= firstFrame && isShown()) return found(frame);
      page.requestAnimationFrame(() => look(frame + 1));
    };
    look(0);
  };
  const onKey = (): void => {
    const startMs = performance.now();
    const wasShown = isShown();
    const mine = (newest = nothing());
    untilShown(
      () => mine === newest,
      (frame) => {
        mine.ms = performance.now() - startMs;
        mine.wasTypedThrough = wasShown && frame === firstFrame;
      },
    );
    if (first !== undefined) return;
    const began = (first = nothing());
    untilShown(
      () => began === first,
      () => (began.ms = performance.now() - startMs),
    );
  };
  page.addEventListener(
    'keydown',
    ({ key }) => {
      if (!['Shift', 'Control', 'Alt', 'Meta'].includes(key)) onKey();
    },
    true,
  );
  globalThis.paddockGhostClock = {
    read: () => ({ ...newest, sinceRestartMs: first?.ms }),
    restart: () => (first = undefined),
  };
}
