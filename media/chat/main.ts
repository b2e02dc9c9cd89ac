/** The chat's webview: a picture of what the host owns. */
import type { ToWebview } from '../../src/chat/protocol.ts';
import { connectHost } from './host.ts';
import { ChatPage } from './page.ts';

const root = document.getElementById('root');
if (root !== null) {
  const host = connectHost();
  const page = new ChatPage(root, host);
  window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => page.receive(data));
  host.say({ type: 'ready' });
}
