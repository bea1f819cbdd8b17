/** Rebuilds and restarts the service when a source changes. */
import { spawn, spawnSync } from 'node:child_process';
import { watch } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
let server;
let timer;

function restart() {
  server?.kill();
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status === 0)
    server = spawn(process.execPath, ['dist/server.js'], {
      cwd: root,
      stdio: 'inherit',
      env: { DEBUG: '1', ...process.env },
    });
}

watch(resolve(root, 'src'), { recursive: true }, (_event, file) => {
  if (file?.includes('kernels/build')) return;
  clearTimeout(timer);
  timer = setTimeout(restart, 200);
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server?.kill();
    process.exit();
  });
}
restart();
