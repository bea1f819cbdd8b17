/** PyTorch's recorded samples, and how an answer of the service is held against one. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Every recorded case: an operation, the request, and what PyTorch answered. */
export function loadCases() {
  const file = new URL('../test/conformance/cases.jsonl.gz', import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

const flat = (data) => [data].flat(Number.POSITIVE_INFINITY);

/** Whether two elements agree: within the tolerance, or equal words for what JSON has no number for. */
function close(got, want, relative) {
  if (typeof want === 'boolean' || typeof got === 'boolean') return Boolean(got) === Boolean(want);
  const [a, b] = [Number(got), Number(want)];
  return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-9 + relative * Math.abs(b);
}

function elementFault(what, got, want, relative) {
  const found = flat(got);
  if (found.length !== want.length) return `${what} has ${found.length} elements, PyTorch has ${want.length}`;
  const bad = want.findIndex((value, i) => !close(found[i], value, relative));
  return bad < 0 ? null : `${what}[${bad}] is ${found[bad]}, PyTorch has ${want[bad]}`;
}

const sameList = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function outputFault(name, found, { dtype, shape, data }, gauge, relative) {
  if (found === undefined) return `there is no output ${name}`;
  if (found.dtype !== dtype) return `${name} is ${found.dtype}, PyTorch has ${dtype}`;
  if (!sameList(found.shape, shape)) return `${name} has shape [${found.shape}], PyTorch has [${shape}]`;
  return gauge ? null : elementFault(name, found.data, data, relative);
}

function gradientFault(name, found, want, gauge, relative) {
  const what = `the gradient of ${name}`;
  if (want === null) return found === null ? null : `${what} is not None`;
  if (!found) return `${what} is None`;
  if (!sameList(found.shape, want.shape))
    return `${what} has shape [${found.shape}], PyTorch has [${want.shape}]`;
  return gauge ? null : elementFault(what, found.data, want.data, relative);
}

/** What is wrong with the values and gradients of an answer, or null. */
export function valueFault({ request, expect, gauge = false }, json) {
  const relative = Object.values(request.leaves).some(({ dtype }) => dtype === 'float32') ? 1e-5 : 1e-7;
  for (const [name, want] of Object.entries(expect.outputs)) {
    const fault = outputFault(name, json.outputs[name], want, gauge, relative);
    if (fault !== null) return fault;
  }
  for (const [name, want] of Object.entries(expect.gradients ?? {})) {
    const fault = gradientFault(name, json.gradients?.[name], want, gauge, relative);
    if (fault !== null) return fault;
  }
  return null;
}

const bare = ({ roots, nodes }) => ({
  roots,
  nodes: nodes.map(({ name, variable, next_functions }) => ({ name, variable, next_functions })),
});

/** What is wrong with the trace of an answer, or null. */
export function traceFault({ expect }, json) {
  if (!expect.trace) return null;
  if (!json.trace) return 'there is no trace';
  const [want, found] = [bare(expect.trace), bare(json.trace)];
  if (JSON.stringify(want) === JSON.stringify(found)) return null;
  const at = want.nodes.findIndex((node, i) => JSON.stringify(node) !== JSON.stringify(found.nodes[i]));
  const text = (node) => (node === undefined ? 'nothing' : JSON.stringify(node));
  return at < 0
    ? `the trace has ${found.nodes.length} nodes, PyTorch has ${want.nodes.length}`
    : `node ${at} of the trace is ${text(found.nodes[at])}, PyTorch has ${text(want.nodes[at])}`;
}
