// Sends the HTTP requests that it reads from stdin as JSON, twenty at a time, and prints the answers in the same order.
// Host names are not looked up: each request says which address it goes to. Certificates are not checked.
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

const requests = JSON.parse(await text(process.stdin));
const answers = [];
let next = 0;
async function worker() {
  while (next < requests.length) {
    const at = next;
    next += 1;
    for (let tries = 0; tries < 20; tries += 1) {
      answers[at] = await ask(requests[at]).catch((error) => ({ status: 0, headers: {}, body: error.message }));
      // A limit of rate asks to wait.
      if (answers[at].status !== 429) break;
      await sleep(100);
    }
  }
}
await Promise.all(Array.from({ length: 20 }, worker));
process.stdout.write(JSON.stringify(answers));

function ask({ url, address, method = 'GET', headers = {} }) {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const module = protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    module.request({
      host: address, port: port === '' ? undefined : Number(port), method, path: `${pathname}${search}`, servername: hostname, rejectUnauthorized: false, agent: false, timeout: 20_000,
      headers: { host: hostname, ...headers },
    }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('error', reject).on('end', () => {
        const data = Buffer.concat(chunks);
        resolve({ status: response.statusCode, headers: response.headers, body: (response.headers['content-encoding'] === 'gzip' ? gunzipSync(data) : data).toString('latin1') });
      });
    }).on('error', reject).on('timeout', function () { this.destroy(new Error('no answer in 20 s')); }).end();
  });
}
