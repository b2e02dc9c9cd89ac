/** Log lines pass through here into VS Code's output panel. */
import type * as vscode from 'vscode';
import type { Log } from '../base/log.ts';

/** Writes to a log output channel; the user sets its level with *Developer: Set Log Level*. */
export function logTo(channel: vscode.LogOutputChannel): Log {
  return {
    debug: (line) => channel.debug(line),
    info: (line) => channel.info(line),
    warn: (line) => channel.warn(line),
    error: (line) => channel.error(line),
  };
}
