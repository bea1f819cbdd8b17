import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../src');

/** Rooms from the highest to the lowest: a file may import from its own room and from those below. */
const rooms: [string, RegExp][] = [
  ['server', /^(server|cli)\.ts$/],
  ['app', /^app\.ts$/],
  ['access', /^access\//],
  ['telemetry', /^telemetry\//],
  ['transport', /^transport\//],
  ['routes', /^routes\//],
  ['workers', /^workers\//],
  ['cluster', /^cluster\//],
  ['jobs', /^(jobs\/|problems\.ts$|config\.ts$|config-faults\.ts$|keys\.ts$|version\.ts$)/],
  ['store', /^store\//],
  ['language', /^language\//],
  ['engine', /^engine\//],
];

const engineRooms: [string, RegExp][] = [
  ['index', /^engine\/index\.ts$/],
  ['session', /^engine\/session\//],
  ['graph/static', /^engine\/graph\/static\//],
  ['graph/run', /^engine\/graph\/run\.ts$/],
  ['evaluate', /^engine\/evaluate\.ts$/],
  ['graph', /^engine\/graph\//],
  ['autograd', /^engine\/autograd\//],
  ['ops', /^engine\/ops\//],
  ['kernels', /^engine\/kernels\//],
  ['print', /^engine\/print\//],
  ['tensor', /^engine\/tensor\//],
  ['errors', /^engine\/errors\.ts$/],
];

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .filter((file) => !/^engine\/kernels\/(assembly|build)\//.test(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s+'([^']+)'/g)].map((match) => match[1] as string);
}

const roomOf = (file: string, list: [string, RegExp][]): number =>
  list.findIndex(([, pattern]) => pattern.test(file));

/** Imports that point up the list. */
function upward(list: [string, RegExp][]): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(root, resolve(root, dirname(file), target)).replaceAll('\\', '/'))
      .filter((target) => roomOf(file, list) >= 0 && roomOf(target, list) >= 0)
      .filter((target) => roomOf(target, list) < roomOf(file, list))
      .map((target) => `${file} imports ${target}`),
  );
}

test('every file has a room', () => {
  expect(files.filter((file) => roomOf(file, rooms) < 0)).toEqual([]);
  expect(files.filter((file) => file.startsWith('engine/') && roomOf(file, engineRooms) < 0)).toEqual([]);
});

test('imports point down the list of rooms', () => {
  expect(upward(rooms)).toEqual([]);
  expect(upward(engineRooms)).toEqual([]);
});

test('the engine imports zod and node: modules, nothing of HTTP', () => {
  const outside = files
    .filter((file) => file.startsWith('engine/'))
    .flatMap((file) => importsOf(file).filter((target) => !target.startsWith('.')));
  expect([...new Set(outside)].filter((target) => target !== 'zod' && !target.startsWith('node:'))).toEqual(
    [],
  );
});

test('the store enters the engine by its door and imports nothing else of the service', () => {
  const targets = files
    .filter((file) => file.startsWith('store/'))
    .flatMap((file) => importsOf(file).filter((target) => target.startsWith('../')));
  expect([...new Set(targets)]).toEqual(['../engine/index.ts']);
});

test('what is outside the engine enters by its door', () => {
  const around = files
    .filter((file) => !file.startsWith('engine/'))
    .flatMap((file) => importsOf(file).map((target) => `${file}: ${target}`))
    .filter((line) => /\/engine\/(?!index\.ts)/.test(line));
  expect(around).toEqual([]);
});
