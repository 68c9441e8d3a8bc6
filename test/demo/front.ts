import { createServer, request, type IncomingMessage } from 'node:http';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/**
 * VS Code as a browser sees it: passes everything on, and answers the one question that VS Code's server leaves open, for the key
 * under which the browser keeps secrets. Without an answer a token is lost when the page is loaded again.
 */
export async function startFront(behind: string): Promise<string> {
  const { hostname, port } = new URL(behind);
  const key = randomBytes(32);
  const server = createServer((incoming, outgoing) => {
    if (incoming.method === 'POST' && incoming.url?.split('?')[0]?.endsWith('/mint-key') === true) { outgoing.end(key); return; }
    const passed = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.once('error', () => { outgoing.destroy(); });
    incoming.pipe(passed);
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: NodeJS.ReadWriteStream & { destroy(): void }, head: Buffer) => {
    const passed = connect(Number(port), hostname, () => {
      passed.write(`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1\r\n`);
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) passed.write(`${incoming.rawHeaders[i] ?? ''}: ${incoming.rawHeaders[i + 1] ?? ''}\r\n`);
      passed.write('\r\n');
      passed.write(head);
      socket.pipe(passed).pipe(socket);
    });
    passed.once('error', () => { socket.destroy(); });
    socket.once('error', () => { passed.destroy(); });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const url = new URL(behind);
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return url.href;
}
