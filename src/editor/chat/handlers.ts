/** What happens on each message of the webview: tables, one handler for each type. */
import type { FromWebview } from '../../chat/protocol.ts';

/** Handlers throw `Failure`; whoever calls them shows it. */
export type Handlers<Type extends FromWebview['type']> = {
  readonly [Each in Type]: (message: Extract<FromWebview, { type: Each }>) => unknown;
};
