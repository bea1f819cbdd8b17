/**
 * Checks the manifests of deploy/kubernetes with the tools that are at hand: every overlay, with all components, is
 * built by kustomize and held against the schemas of Kubernetes, by kubeconform or by the package kubernetes-models,
 * neither of which is a dependency. What tests can check without them is in test/deploy.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

const folder = resolve(import.meta.dirname, '../deploy/kubernetes');
const runs = (command, ...args) => spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
const there = (command, ...args) => runs(command, ...args).status === 0;

function kustomize() {
  if (there('kustomize', 'version')) return (path) => runs('kustomize', 'build', path);
  if (there('kubectl', 'kustomize', '--help')) return (path) => runs('kubectl', 'kustomize', path);
  return null;
}

/** The components that an overlay names, commented out or not. */
function withComponents(text) {
  return text.replace(/^# (components:)$/m, '$1').replace(/^# {3}(- \.\.\/)/gm, '  $1');
}

function conform(text) {
  const args = ['-strict', '-summary', '-ignore-missing-schemas', '-'];
  const { status, stdout } = spawnSync('kubeconform', args, { input: text, encoding: 'utf8' });
  return status === 0 ? [] : [stdout];
}

/** The models of kubernetes-models, looked for from here and from the folder that KUBERNETES_MODELS names. */
function models() {
  const require = createRequire(join(process.env.KUBERNETES_MODELS ?? resolve(folder, '../..'), 'x.js'));
  const load = (...path) => {
    try {
      return require(path.join('/'));
    } catch {
      return null;
    }
  };
  if (!load('kubernetes-models')) return null;
  return (text) =>
    parseAllDocuments(text).flatMap((document) => {
      const manifest = document.toJS();
      const { apiVersion, kind, metadata } = manifest;
      const path = apiVersion.replace(/\.k8s\.io\//, '.k8s.io/');
      const found = load('kubernetes-models', path) ?? load('@kubernetes-models/prometheus-operator', path);
      const Model = found?.[kind];
      const name = `${kind} ${metadata.name}`;
      if (!Model) return [`${name}: there is no schema of ${apiVersion}`];
      try {
        new Model(manifest).validate();
        return [];
      } catch (error) {
        return [`${name}: ${error.message}`];
      }
    });
}

const build = kustomize();
if (!build) {
  console.log('There is neither kustomize nor kubectl here: nothing was built.');
  process.exit(0);
}
const check = there('kubeconform', '-v') ? conform : models();
if (!check) console.log('There is neither kubeconform nor kubernetes-models here: schemas are not checked.');

const copy = mkdtempSync(join(tmpdir(), 'gradd-deploy-'));
let failed = false;
try {
  cpSync(folder, copy, { recursive: true });
  for (const overlay of readdirSync(join(copy, 'overlays'))) {
    const path = join(copy, 'overlays', overlay);
    const plain = readFileSync(join(path, 'kustomization.yaml'), 'utf8');
    for (const [variant, text] of [
      ['', plain],
      [' with all components', withComponents(plain)],
    ]) {
      writeFileSync(join(path, 'kustomization.yaml'), text);
      const { status, stdout, stderr } = build(path);
      const faults = status === 0 ? (check?.(stdout) ?? []) : [stderr];
      const count = stdout.match(/^kind:/gm)?.length ?? 0;
      console.log(`${overlay}${variant}: ${count} manifests, ${faults.length} faults`);
      for (const fault of faults) console.log(`  ${fault}`);
      failed ||= faults.length > 0;
    }
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
