/** A model on a server as a provider: each request goes out the way the server's card says. */
import type { Clock } from '../base/clock.ts';
import type { Provider, ServedModel } from '../models/model.ts';
import type { Survey } from './survey.ts';

/** What a served model's provider needs. */
export interface ServerNeeds {
  /** What is known of the server, and told when it failed. */
  readonly survey: Pick<Survey, 'known' | 'forget'>;
  /** For speeds, and for servers that name a time of day to come back. */
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
}

/** Speaks to one model on one server. */
export function serverProvider(_model: ServedModel, _needs: ServerNeeds): Provider {
  return {
    stream: () => {
      throw new Error('soon');
    },
  };
}
