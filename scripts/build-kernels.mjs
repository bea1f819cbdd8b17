/**
 * Builds the WebAssembly kernels. Kernels are generic functions and op classes in
 * src/engine/kernels/assembly; a tag in the docstring names the dtypes each is made for:
 *
 *   @kernel float          before `export function sum<T>(…)`   makes sum_f64 and sum_f32
 *   @map2 number           before `export class DivTrunc<T>`    makes div_trunc_f64 … by the loop map2
 *   @convert all           a pair <From, To> for each two dtypes
 *
 * An op class is exported besides as a function on vectors of floats, for the compiler of static graphs to copy:
 * `v_tanh_f32(x: v128): v128`, or `m_eq_f32` where the result is a mask of lanes. So is a function that op classes
 * call, tagged `@called`: `v_sine`.
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

/** A tagged class with the parameters of its first method, or a tagged function with its own and its result. */
const tagged = /@(?<tag>\w+)(?<words>(?: \w+)+)\s*\*\/\nexport /;
const opClass = /class (?<op>\w+)<T> \{\s*@inline (?<method>\w+)\((?<operands>[^)]*)\)/;
const generic = /function (?<id>\w+)<[^>]*>\((?<parameters>[^)]*)\): (?<result>\w+)/;
const declaration = new RegExp(`${tagged.source}(?:${opClass.source}|${generic.source})`, 'g');

const snake = (name) => name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
const camel = (file) => file.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const pairs = (dtypes) => dtypes.flatMap((a) => dtypes.filter((b) => b !== a).map((b) => [a, b]));
const parameterNames = (list) =>
  list
    .split(',')
    .map((parameter) => parameter.split(':')[0].trim())
    .filter(Boolean);

function fail(message) {
  throw new Error(message);
}

function sources() {
  const folder = `${root}assembly/`;
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort();
  return files.map((file) => ({ module: file.slice(0, -3), text: readFileSync(folder + file, 'utf8') }));
}

/** The signatures of the functions in loops.ts, by which op classes become kernels. */
function loopSignatures(text) {
  const found = text.matchAll(/export function (\w+)<T, OP>\(([^)]*)\): (\w+)/g);
  return new Map([...found].map(([, name, parameters, result]) => [name, { parameters, result }]));
}

/** The arguments of a loop under the names its op gives them. */
function argumentsOf(parameters, operands) {
  const given = parameterNames(operands);
  return parameterNames(parameters).map((name) => (['out', 'n'].includes(name) ? name : given.shift()));
}

/** An op class: a kernel by the loop that its tag names. */
function fromClass({ tag, op, method, operands }, module, loops) {
  const loop = loops.get(tag) ?? fail(`no loop ${tag}`);
  const type = (dtype) => `${camel(module)}.${op}<${dtype}>`;
  const call = (dtype) => `loops.${tag}<${dtype}, ${type(dtype)}>`;
  const vector = { method, operands: parameterNames(operands), type };
  return { name: snake(op), ...loop, arguments: argumentsOf(loop.parameters, operands), call, vector };
}

/** A generic function: a kernel by itself. A trailing underscore keeps its name from being a keyword. */
function fromFunction({ id, parameters, result }, module) {
  const call = (type) => `${camel(module)}.${id}<${type}>`;
  return { name: id.replace(/_$/, ''), parameters, result, arguments: parameterNames(parameters), call };
}

/** Every kernel: its name, dtypes, parameters, result, and instances (suffix of the name, types). */
export function listKernels() {
  const all = sources();
  const loops = loopSignatures(all.find(({ module }) => module === 'loops').text);
  return all.flatMap(({ module, text }) =>
    [...text.matchAll(declaration)].map(({ groups: found }) => {
      const kernel = found.op ? fromClass(found, module, loops) : fromFunction(found, module);
      const words = found.words.trim().split(' ');
      const dtypes = words.flatMap((word) => groups[word] ?? [word]);
      const instances = found.tag === 'convert' ? pairs(dtypes) : dtypes.map((dtype) => [dtype]);
      return { ...kernel, module, dtypes, instances };
    }),
  );
}

/** Kernels of no dtype are exported as they are. */
function listPlain() {
  const { text } = sources().find(({ module }) => module === 'plain');
  const found = text.matchAll(/export function (\w+)\(([^)]*)\): (\w+)/g);
  return [...found].map(([, name, parameters, result]) => ({
    name,
    dtypes: [],
    arguments: parameterNames(parameters),
    result,
  }));
}

/** What a method of an op class does to vectors of a dtype; a scalar one goes lane by lane. */
function vectorCall({ method, operands, type }, dtype) {
  if (method !== 's') return `changetype<${type(dtype)}>(0).${method}`;
  return `lanewise.lanewise${operands.length === 1 ? '' : operands.length}<${dtype}, ${type(dtype)}>`;
}

/** The op classes as functions on vectors of floats. */
function vectorForms({ name, vector, dtypes }) {
  return dtypes
    .filter((dtype) => vector && groups.float.includes(dtype))
    .map((dtype) => {
      const parameters = vector.operands.map((operand) => `${operand}: v128`).join(', ');
      const call = `${vectorCall(vector, dtype)}(${vector.operands.join(', ')})`;
      const prefix = vector.method === 'm' ? 'm' : 'v';
      return `export function ${prefix}_${name}_${dtype}(${parameters}): v128 { return ${call}; }`;
    });
}

/** Functions that op classes call: exported, since copies of the classes' functions are to find them. */
function calledForms() {
  return sources().flatMap(({ module, text }) =>
    [...text.matchAll(/@called\s*\*\/\nexport function (\w+)/g)].map(
      ([, name]) => `export { ${name} as v_${snake(name)} } from '../assembly/${module}';`,
    ),
  );
}

function exportsSource(kernels) {
  const modules = [...new Set([...kernels.map(({ module }) => module), 'loops', 'lanewise'])];
  const imports = modules.map((module) => `import * as ${camel(module)} from '../assembly/${module}';`);
  const functions = kernels.flatMap(({ name, parameters, result, call, instances }) =>
    instances.map((instance) => {
      const type = instance.map((dtype) => types[dtype] ?? fail(`no dtype ${dtype}`)).join(', ');
      const body = `${result === 'void' ? '' : 'return '}${call(type)}(${parameterNames(parameters).join(', ')});`;
      return `export function ${name}_${instance.join('_')}(${parameters}): ${result} { ${body} }`;
    }),
  );
  const vectors = [...kernels.flatMap(vectorForms), ...calledForms()];
  return `${[...imports, "export * from '../assembly/plain';", ...functions, ...vectors].join('\n')}\n`;
}

async function compile(target) {
  const { error, stderr } = await asc.main(
    `build/exports.ts --config asconfig.json --target ${target} --baseDir ${root}`.split(' '),
  );
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
export function kernelTable() {
  const row = ({ name, dtypes, arguments: names, result }) => {
    const returned = result === 'void' ? '' : `: ${result}`;
    return `| \`${name}\` | ${dtypes.join(' ')} | \`(${names.join(', ')})${returned}\` |`;
  };
  const rows = [...listKernels(), ...listPlain()].map(row);
  return `${['| kernel | dtypes | arguments |', '| --- | --- | --- |', ...rows].join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels();
  const text = readFileSync(`${root}README.md`, 'utf8');
  writeFileSync(`${root}README.md`, text.replace(/(<!-- kernels -->\n)[\s\S]*/, `$1${kernelTable()}`));
}
