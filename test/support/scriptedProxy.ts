/** Being led through a proxy as VS Code leads, and elsewhere as it must not. */
import http from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished, vi } from 'vitest';
import { ScriptedProxy } from './proxyServer.ts';

/** The proxy's own way out, which nothing leads elsewhere. */
const ownRequest = http.request;

/** Starts a proxy that ends with the test. It resolves every name to this computer, so that made-up names work. */
export async function startScriptedProxy(): Promise<ScriptedProxy> {
  const proxy = new ScriptedProxy();
  await proxy.listen();
  onTestFinished(() => proxy.dispose());
  return proxy;
}

type Request = typeof http.request;

/**
 * Replaces `request` on both modules until the test ends, as VS Code's extension host does: another agent takes the
 * place of the caller's, `localhost` and `127.0.0.1` are asked directly, everything else through the proxy.
 */
export function leadThrough(proxy: ScriptedProxy): void {
  const direct = { http: http.request, https: https.request };
  const isDirect = ({ hostname }: http.RequestOptions): boolean => /^(localhost|127\.0\.0\.1)$/.test(hostname ?? '');
  const asProxied = ({ hostname, port, path }: http.RequestOptions): string => `http://${hostname}:${port}${path}`;
  replaceRequest(http, (options) =>
    isDirect(options)
      ? direct.http(options)
      : direct.http({ ...options, path: asProxied(options), agent: agentTo(proxy) }),
  );
  replaceRequest(https, (options) =>
    isDirect(options) ? direct.https(options) : direct.https({ ...options, agent: tunnelThrough(proxy) }),
  );
}

/** Leads every connection to another port of this computer, whatever was asked for: a name that moved, a wrong switch. */
export function leadTo(place: { readonly host: string; readonly port: number }): void {
  const direct = http.request;
  const agent = new http.Agent();
  agent.createConnection = () => net.connect(place);
  replaceRequest(http, (options) => direct({ ...options, agent }));
}

function replaceRequest(
  module: { request: Request },
  request: (options: https.RequestOptions) => http.ClientRequest,
): void {
  const spy = vi.spyOn(module, 'request').mockImplementation(request as Request);
  onTestFinished(() => spy.mockRestore());
}

function agentTo({ port }: ScriptedProxy): http.Agent {
  const agent = new http.Agent();
  agent.createConnection = () => net.connect(port, '127.0.0.1');
  return agent;
}

function tunnelThrough({ port }: ScriptedProxy): https.Agent {
  const agent = new https.Agent();
  agent.createConnection = (options, onCreate) => {
    const { host, port: target } = options as { host: string; port: number };
    const asking = ownRequest({
      host: '127.0.0.1',
      port,
      method: 'CONNECT',
      path: `${host}:${target}`,
      agent: false,
    });
    asking.on('connect', (_answer, socket) =>
      onCreate?.(null, tls.connect({ ...options, socket } as tls.ConnectionOptions)),
    );
    asking.on('error', (error) => onCreate?.(error, asking.socket as Socket));
    asking.end();
    return undefined;
  };
  return agent;
}
