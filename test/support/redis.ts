import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether there is a `redis-server` to start. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
  url: string;
  port: number;
  /** Kills the server, as a machine that fails does; what it acknowledged is on disk. */
  stop(): Promise<void>;
  /** Starts it again on the same port, over the same files. */
  start(): Promise<void>;
  /** Stops it for good; a folder that was made for it goes too. */
  remove(): Promise<void>;
  /** The server lives and its port is open, but nothing answers. */
  pause(): void;
  resume(): void;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether the server answers a PING: while it reads its files it does not. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(100) });
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function launch(port: number, dir: string): ChildProcess {
  const settings = { port, dir, bind: '127.0.0.1', save: '', appendonly: 'yes', appendfsync: 'always' };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn('redis-server', args, { stdio: 'ignore' });
}

/** A Redis server of one's own on a port of 127.0.0.1: by default a free one, over a new folder. */
export async function startRedis(options: { port?: number; dir?: string } = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'gradd-redis-'));
  let child: ChildProcess | null = null;
  process.once('exit', () => child?.kill('SIGKILL'));

  async function start(): Promise<void> {
    if (child) return;
    child = launch(port, dir);
    for (const until = Date.now() + 10_000; !(await answers(port)); ) {
      if (child.exitCode !== null || Date.now() > until) throw new Error('redis-server does not start');
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async function stop(): Promise<void> {
    const stopping = child;
    child = null;
    if (!stopping || stopping.exitCode !== null) return;
    stopping.kill('SIGKILL');
    await once(stopping, 'exit');
  }

  async function remove(): Promise<void> {
    await stop();
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop,
    remove,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}
