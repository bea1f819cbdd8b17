import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Server {
  child: ChildProcess;
  base: string;
  /** What it wrote so far. */
  output(): string;
  exit: Promise<number | null>;
}

/** The built service as a process of its own; `wrap` is a command that starts it. */
export async function startProcess(
  env: Record<string, string> = {},
  { wrap = [], ...options }: SpawnOptions & { wrap?: string[] } = {},
): Promise<Server> {
  const [command = '', ...args] = [...wrap, process.execPath, 'dist/server.js'];
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  let text = '';
  const port = new Promise<string>((done, fail) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) done(found[1] as string);
    });
    void exit.then((code) => fail(new Error(`the service ended with ${code}: ${text}`)));
  });
  return { child, base: `http://127.0.0.1:${await port}`, output: () => text, exit };
}
