import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** The bytes of a POST request with a JSON body. */
export function postRequest(path, body) {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** Sends `request` over keep-alive connections, one after another on each, until `count` answers are in. */
export async function load(port, request, { count, connections = 8 }) {
  let left = count;
  let sample = '';
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      let chunks = [];
      let received = 0;
      let expected = -1;
      const next = () => {
        if (left <= 0) return socket.end(resolve);
        left--;
        socket.write(request);
      };
      const finish = () => {
        if (sample === '') {
          const whole = Buffer.concat(chunks);
          sample = whole.toString('utf8', whole.indexOf(HEAD_END) + 4);
        }
        chunks = [];
        received = 0;
        expected = -1;
        next();
      };
      socket.on('connect', next);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        received += chunk.length;
        if (expected < 0) {
          const head = chunks.length === 1 ? chunk : Buffer.concat(chunks);
          const end = head.indexOf(HEAD_END);
          if (end < 0) return;
          const text = head.latin1Slice(0, end);
          if (!text.startsWith('HTTP/1.1 200')) return reject(new Error(head.toString()));
          expected = end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]);
        }
        if (received >= expected) finish();
      });
    });
  const start = performance.now();
  await Promise.all(Array.from({ length: connections }, one));
  return { perSecond: count / ((performance.now() - start) / 1000), sample };
}

/** CPU milliseconds that a process has used, where the system tells (Linux), else NaN. */
export function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Resident bytes of a process, where the system tells (Linux), else NaN. */
export function residentOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}
