import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** A service under test. */
export interface Target {
  url: string;
  /** Lines that are no JSON objects, and those of level error or worse. */
  complaints(): string[];
  /** Every line that it wrote, whole. */
  log(): string[];
  /** Whether the process is there; true where it is not ours. */
  alive(): boolean;
  /** Bytes of memory in use; null where that is not known. */
  memory(): number | null;
  stop(): Promise<void>;
}

/** One that runs already. */
export const remote = (url: string): Target => ({
  url: url.replace(/\/$/, ''),
  complaints: () => [],
  log: () => [],
  alive: () => true,
  memory: () => null,
  stop: async () => {},
});

const ERROR = 50;
/** Lines that are kept. */
const LINES = 10_000;

function isComplaint(line: string): boolean {
  try {
    return JSON.parse(line).level >= ERROR;
  } catch {
    return true;
  }
}

/** The built service as a process of its own. */
export async function start(env: Record<string, string>): Promise<Target> {
  const child = spawn(process.execPath, ['dist/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const complaints: string[] = [];
  const log: string[] = [];
  const url = await listening(child, (line) => {
    if (log.length < LINES) log.push(line);
    if (isComplaint(line) && complaints.length < 100) complaints.push(line);
  });
  return {
    url,
    complaints: () => complaints,
    log: () => log,
    alive: () => child.exitCode === null && child.signalCode === null,
    memory: () => memoryOf(child),
    async stop() {
      process.removeListener('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function listening(child: ChildProcess, line: (text: string) => void): Promise<string> {
  return new Promise((done, fail) => {
    const read = (chunk: string, rest: string): string => {
      const lines = (rest + chunk).split('\n');
      const last = lines.pop() as string;
      for (const each of lines) {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(each);
        if (found) done(found[0]);
        line(each);
      }
      return last;
    };
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        rest = read(chunk, rest);
      });
    }
    child.once('exit', (code) => fail(new Error(`The service ended with ${code} before it listened`)));
  });
}

function memoryOf({ pid }: ChildProcess): number | null {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return null;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]) * 1024;
}
