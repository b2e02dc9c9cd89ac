/** The panel: messages of the webview in, what they change out. Whatever fails is shown. */
import { asFailure, type Failure } from '../../base/failure.ts';
import { parseFromWebview, type FromWebview } from '../../chat/protocol.ts';
import type { Log } from '../../base/log.ts';
import type { Handlers } from './handlers.ts';

/** What the panel needs. */
export interface PanelNeeds {
  /** One handler for every type; `ready` draws everything. */
  readonly handlers: Handlers<FromWebview['type']>;
  readonly onFailure: (failure: Failure) => void;
  readonly log: Log;
}

/** Takes whatever the webview says; what is no message of it does nothing. */
export function receiving({ handlers, onFailure, log }: PanelNeeds): (message: unknown) => Promise<void> {
  return async (message) => {
    const parsed = parseFromWebview(message);
    if (parsed === undefined) return log.warn('chat: the panel said something that makes no sense; it was left out');
    try {
      const handle = handlers[parsed.type] as (message: FromWebview) => unknown;
      await handle(parsed);
    } catch (error) {
      onFailure(asFailure(error, 'unexpected', 'showLog'));
    }
  };
}
