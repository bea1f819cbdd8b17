import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => JSON.parse(readFileSync(resolve(root, path), 'utf8'));

interface Locked {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  license?: string;
  resolved?: string;
  integrity?: string;
}

const production = Object.entries(read('package-lock.json').packages as Record<string, Locked>).filter(
  ([path, { dev }]) => path !== '' && !dev,
);
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

test('no production dependency runs a script when it is installed, unless it is forbidden to', () => {
  const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
  const scripted = production
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => nameOf(path));
  expect(scripted.filter((name) => allowScripts[name] !== false)).toEqual([]);
});

test('the lock knows the bytes of every production dependency, and they come from the registry', () => {
  expect(production.length).toBeGreaterThan(50);
  const loose = production.filter(
    ([, { resolved, integrity }]) =>
      !integrity?.startsWith('sha512-') ||
      (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});

/** Licenses under which the service may be given on together with its dependencies. */
const permissive = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
]);
const isPermissive = (license: string): boolean =>
  license
    .replace(/[()]/g, '')
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((each) => permissive.has(each)));

function licenseOf(path: string, { license }: Locked): string {
  if (license !== undefined) return license;
  const manifest = resolve(root, path, 'package.json');
  return existsSync(manifest) ? String(read(manifest).license) : 'none';
}

test('every production dependency has a permissive license', () => {
  const others = production
    .map(([path, locked]) => [nameOf(path), licenseOf(path, locked)] as const)
    .filter(([, license]) => !isPermissive(license));
  expect(others).toEqual([]);
});

test('the image installs by the lock, without development dependencies', () => {
  const dockerfile = readFileSync(resolve(root, 'Dockerfile'), 'utf8');
  expect(dockerfile).toMatch(/npm ci\b/);
  expect(dockerfile).toMatch(/npm prune --omit=dev/);
});
