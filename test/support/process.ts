import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const started: ChildProcess[] = [];

/** Ends what a test has started. */
export function stopAll(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into lines of any form
export type Line = Record<string, any>;

/** The built service as a process of its own, not yet listening; its environment has no `OTEL_…` but those given. */
export function spawnService(env: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_'));
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let [text, lines] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
    lines += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  /** The whole lines of the log, which is the standard output. */
  const log = (): Line[] =>
    lines
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return { child, exit, output: () => text, log };
}

/** As spawnService, listening. */
export async function startProcess(env: Record<string, string> = {}) {
  const { child, exit, output, log } = spawnService(env);
  const port = await new Promise<number>((done, fail) => {
    child.stdout?.on('data', () => {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output());
      if (found) done(Number(found[1]));
    });
    void exit.then((code) => fail(new Error(`the service ended with ${code}: ${output()}`)));
  });
  const base = `http://127.0.0.1:${port}`;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { child, port, base, log, output, exit, post };
}

export type ServiceProcess = Awaited<ReturnType<typeof startProcess>>;
