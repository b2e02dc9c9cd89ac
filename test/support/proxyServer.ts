/** A forward proxy on a real socket, which notes what went through it. It resolves every name to this computer. */
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

/** The proxy's own way out, which nothing leads elsewhere. */
const ownRequest = http.request;

/** One tunnel (`CONNECT`), or one request that was handed on. */
export interface ProxiedRequest {
  readonly method: string;
  /** `host:port` of a tunnel, else the whole URL. */
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
}

export class ScriptedProxy {
  readonly requests: ProxiedRequest[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server = http.createServer((incoming, outgoing) => this.handOn(incoming, outgoing));

  constructor() {
    this.server.on('connection', (socket: Socket) => this.keep(socket));
    this.server.on('connect', (incoming: http.IncomingMessage, socket: Socket) => this.tunnel(incoming, socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  dispose(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
  }

  private tunnel({ url = '', headers }: http.IncomingMessage, socket: Socket): void {
    this.requests.push({ method: 'CONNECT', target: url, headers });
    const onward = net.connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    this.keep(onward);
  }

  private handOn(incoming: http.IncomingMessage, outgoing: http.ServerResponse): void {
    const { method = '', url: target = '', headers } = incoming;
    this.requests.push({ method, target, headers });
    const { port, pathname, search } = new URL(target);
    const options = { host: '127.0.0.1', port, path: pathname + search, method, headers, agent: false };
    const onward = ownRequest(options as http.RequestOptions, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }
}
