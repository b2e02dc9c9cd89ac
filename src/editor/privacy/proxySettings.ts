/** The user's proxy settings are read here, as VS Code follows them. */
import type * as vscode from 'vscode';
import { noProxy, type Proxy } from '../../egress/proxy.ts';

/** What VS Code will do with the requests of extensions. */
export function proxySettings(workspace: Pick<typeof vscode.workspace, 'getConfiguration'>): Proxy {
  const http = workspace.getConfiguration('http');
  const url: unknown = http.get('proxy');
  if (http.get('proxySupport') === 'off' || typeof url !== 'string' || url.trim() === '') return noProxy;
  const direct: unknown = http.get('noProxy');
  const hosts = Array.isArray(direct) ? direct.filter((each) => typeof each === 'string') : [];
  const leavesAgents = http.get('proxySupport') === 'on' ? { leavesAgents: true } : {};
  return { url: url.trim(), noProxy: hosts, ...leavesAgents };
}
