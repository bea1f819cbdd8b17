/**
 * Builds the kernels and then `dist/`. With `--if-stale` only what is older than its sources; with `kernels` only the
 * kernels.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildKernels } from './build-kernels.mjs';

const root = resolve(import.meta.dirname, '..');
const kernels = join(root, 'src/engine/kernels');
const wasm = ['kernels.wasm', 'kernels-relaxed.wasm'];

function newest(folder, skip) {
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true })
      .filter((file) => !skip.test(file))
      .map((file) => statSync(join(folder, file)).mtimeMs),
  );
}

const oldest = (files) => Math.min(...files.map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0)));

const kernelsStale = () =>
  oldest(wasm.map((file) => join(kernels, 'build', file))) < newest(join(kernels, 'assembly'), /^$/);

const distStale = () =>
  oldest([join(root, 'dist/server.js')]) < newest(join(root, 'src'), /kernels.assembly/);

function buildDist() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  const target = join(root, 'dist/engine/kernels/build');
  mkdirSync(target, { recursive: true });
  for (const file of wasm) cpSync(join(kernels, 'build', file), join(target, file));
  for (const library of ['language/torch/library', 'language/program/library/python'])
    cpSync(join(root, 'src', library), join(root, 'dist', library), { recursive: true });
  // `npx .` runs it as a command.
  chmodSync(join(root, 'dist/cli.js'), 0o755);
}

const lazy = process.argv.includes('--if-stale');
if (!lazy || kernelsStale()) await buildKernels();
if (!process.argv.includes('kernels') && (!lazy || distStale())) buildDist();
