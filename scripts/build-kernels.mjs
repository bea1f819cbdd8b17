/**
 * Builds the WebAssembly kernels. Kernels are generic functions and op classes in
 * src/engine/kernels/assembly; a tag in the docstring names the dtypes each is made for:
 *
 *   @kernel float          before `export function sum<T>(…)`   makes sum_f64 and sum_f32
 *   @map2 number           before `export class DivTrunc<T>`    makes div_trunc_f64 … by the loop map2
 *   @convert all           a pair <From, To> for each two dtypes
 *
 * The exports are written to build/exports.ts and compiled twice, without and with relaxed SIMD.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../src/engine/kernels/', import.meta.url));

const types = { f64: 'f64', f32: 'f32', i64: 'i64', i32: 'i32', b8: 'u8', 1: 'u8', 4: 'u32', 8: 'u64' };
const groups = {
  all: ['f64', 'f32', 'i64', 'i32', 'b8'],
  number: ['f64', 'f32', 'i64', 'i32'],
  float: ['f64', 'f32'],
  int: ['i64', 'i32'],
  size: ['1', '4', '8'],
};

const declaration =
  /@(\w+)((?: \w+)+)\s*\*\/\nexport (class|function) (\w+)<[^>]*>(?:\(([^)]*)\): (\w+))?/g;

const snake = (name) => name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
const camel = (file) => file.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const pairs = (dtypes) => dtypes.flatMap((a) => dtypes.filter((b) => b !== a).map((b) => [a, b]));
const parameterNames = (list) => list.split(',').map((parameter) => parameter.split(':')[0].trim());

function sources() {
  const folder = `${root}assembly/`;
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts')).sort();
  return files.map((file) => ({ module: file.slice(0, -3), text: readFileSync(folder + file, 'utf8') }));
}

/** The signatures of the functions in loops.ts, by which op classes become kernels. */
function loopSignatures(text) {
  const found = text.matchAll(/export function (\w+)<T, OP>\(([^)]*)\): (\w+)/g);
  return new Map([...found].map(([, name, parameters, result]) => [name, { parameters, result }]));
}

/** Every kernel: its exported name, dtypes, parameters, and the call that makes it. */
export function listKernels() {
  const all = sources();
  const loops = loopSignatures(all.find(({ module }) => module === 'loops').text);
  return all.flatMap(({ module, text }) =>
    [...text.matchAll(declaration)].map(([, tag, words, kind, id, ownParameters, ownResult]) => {
      const dtypes = words.trim().split(' ').flatMap((word) => groups[word] ?? [word]);
      const { parameters, result } =
        kind === 'class' ? (loops.get(tag) ?? fail(`no loop ${tag}`)) : { parameters: ownParameters, result: ownResult };
      const call = kind === 'class' ? (t) => `loops.${tag}<${t}, ${camel(module)}.${id}<${t}>>` : (t) => `${camel(module)}.${id}<${t}>`;
      const instances = (tag === 'convert' ? pairs(dtypes) : dtypes.map((dtype) => [dtype])).map((instance) => ({
        suffix: instance.join('_'),
        call: call(instance.map((dtype) => types[dtype] ?? fail(`no dtype ${dtype}`)).join(', ')),
      }));
      return { name: kind === 'class' ? snake(id) : id.replace(/_$/, ''), module, dtypes, parameters, result, instances };
    }),
  );
}

function fail(message) {
  throw new Error(message);
}

function exportsSource(kernels) {
  const modules = [...new Set([...kernels.map(({ module }) => module), 'loops'])];
  const imports = modules.map((module) => `import * as ${camel(module)} from '../assembly/${module}';`);
  const functions = kernels.flatMap(({ name, parameters, result, instances }) =>
    instances.map(({ suffix, call }) => {
      const body = `${result === 'void' ? '' : 'return '}${call}(${parameterNames(parameters).join(', ')});`;
      return `export function ${name}_${suffix}(${parameters}): ${result} { ${body} }`;
    }),
  );
  return `${[...imports, "export * from '../assembly/plain';", ...functions].join('\n')}\n`;
}

async function compile(target) {
  const { error, stderr } = await asc.main(['build/exports.ts', '--config', 'asconfig.json', '--target', target, '--baseDir', root]);
  if (error) throw new Error(`the ${target} kernels do not compile:\n${stderr}`);
}

/** Writes build/kernels.wasm and build/kernels-relaxed.wasm. */
export async function buildKernels() {
  mkdirSync(`${root}build`, { recursive: true });
  writeFileSync(`${root}build/exports.ts`, exportsSource(listKernels()));
  await compile('baseline');
  await compile('relaxed');
}

/** The table of kernels in src/engine/kernels/README.md. */
function readme(kernels) {
  const row = ({ name, dtypes, parameters, result }) => {
    const returned = result === 'void' ? '' : `: ${result}`;
    return `| \`${name}\` | ${dtypes.join(' ')} | \`(${parameterNames(parameters).join(', ')})${returned}\` |`;
  };
  const text = readFileSync(`${root}README.md`, 'utf8');
  const table = ['| kernel | dtypes | arguments |', '| --- | --- | --- |', ...kernels.map(row)].join('\n');
  return text.replace(/(<!-- kernels -->\n)[\s\S]*/, `$1${table}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels();
  writeFileSync(`${root}README.md`, readme(listKernels()));
}
