/**
 * Checks the manifests of deploy/kubernetes with the tools that are at hand: every overlay, with all components, is
 * built by kustomize and held against the schemas of Kubernetes, by kubeconform or by the package kubernetes-models,
 * neither of which is a dependency. What tests can check without them is in test/deploy.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
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

/** The schemas of kubernetes-models, in the project's node_modules or in the folder that KUBERNETES_MODELS names. */
function models() {
  const modules = join(process.env.KUBERNETES_MODELS ?? resolve(folder, '../..'), 'node_modules');
  if (!existsSync(join(modules, 'kubernetes-models'))) return null;
  const model = async (apiVersion, kind) => {
    for (const name of ['kubernetes-models', '@kubernetes-models/prometheus-operator']) {
      const file = join(modules, name, apiVersion, `${kind}.js`);
      if (existsSync(file)) return (await import(pathToFileURL(file)))[kind];
    }
    return null;
  };
  return async (text) => {
    const faults = [];
    for (const document of parseAllDocuments(text)) {
      const manifest = document.toJS();
      const { apiVersion, kind, metadata } = manifest;
      const Model = await model(apiVersion, kind);
      try {
        if (!Model) throw new Error(`there is no schema of ${apiVersion}`);
        new Model(manifest).validate();
      } catch (error) {
        faults.push(`${kind} ${metadata.name}: ${error.message}`);
      }
    }
    return faults;
  };
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
      const faults = status === 0 ? ((await check?.(stdout)) ?? []) : [stderr];
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
