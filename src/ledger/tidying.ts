/** Old entries are put together once a day here, while nobody waits. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { onEnd, type Disposable } from '../base/store.ts';
import type { Ledger } from './ledger.ts';
import type { Keeping } from './retention.ts';

/** A window that was just opened has other things to do, ms. */
const firstMs = 60_000;
const dayMs = 86_400_000;

export interface TidyingNeeds {
  readonly ledger: Pick<Ledger, 'foldOld'>;
  /** As the user wants it when its time has come. */
  readonly keeping: () => Keeping;
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts old entries together a minute from now and every day after, until what it gives back is disposed. */
export function keepTidy({ ledger, keeping, clock, log }: TidyingNeeds): Disposable {
  let cancel = clock.schedule(firstMs, tidy);
  return onEnd(() => cancel());

  function tidy(): void {
    cancel = clock.schedule(dayMs, tidy);
    ledger.foldOld(keeping()).then(
      (gone) => gone.length > 0 && log.info(`ledger: ${gone.length} old files were put together as sums of their days`),
      // They are still there the next time, and until then nothing is wrong.
      (error: unknown) => log.warn(`ledger: old entries could not be put together: ${String(error)}`),
    );
  }
}
