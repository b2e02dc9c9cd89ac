/** "On which machine does this extension run?" is answered here. Pure. */
import type { Side } from '../egress/route.ts';

/** VS Code's `ExtensionKind.Workspace`: runs where the workspace is. */
const workspaceKind = 2;

/**
 * @param remoteName VS Code's `env.remoteName`: `ssh-remote`, `wsl`, or `host:port` of a server in the browser.
 * @param extensionKind where VS Code put this extension.
 */
export function sideOf(remoteName: string | undefined, extensionKind: number): Side {
  const isHere = remoteName === undefined || extensionKind !== workspaceKind || isLoopback(remoteName);
  return { remote: isHere ? undefined : remoteName };
}

/** The loopback address that VS Code in the browser was loaded from; `undefined`: it was not, or from elsewhere. */
export function servedFrom(remoteName: string | undefined, isWeb: boolean): string | undefined {
  return isWeb && remoteName !== undefined && isLoopback(remoteName) ? remoteName : undefined;
}

/** A server that the browser reaches by a loopback name runs on the same machine as the browser. */
function isLoopback(remoteName: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(remoteName);
}
