import { readdirSync, readFileSync } from 'node:fs';
import { samples } from '../samples/index.ts';
import type { Sample, SampleLeaf } from '../samples/types.ts';
import type { Api } from './document.ts';
import { Random } from './random.ts';

/** A request that is answered well; `path` is as the document has it or as it is sent. */
export interface Seed {
  method: string;
  path: string;
  body: unknown;
  /** Bodies that are tried in turn where this one is not answered well. */
  else?: unknown[];
}

const root = new URL('../../', import.meta.url);

/** The commands of the README and of the guides that send a body. */
function documented(): Seed[] {
  const guides = readdirSync(new URL('docs/', root)).filter((file) => file.endsWith('.md'));
  const texts = ['README.md', ...guides.map((file) => `docs/${file}`)].map((file) =>
    readFileSync(new URL(file, root), 'utf8'),
  );
  return texts
    .flatMap((text) => [
      ...text.matchAll(/curl[^\n]*?http:\/\/127\.0\.0\.1:8080(\/\S*)[^\n]*? -d '([^']*)'/g),
    ])
    .map(([, path, body]) => ({ method: 'POST', path: path as string, body: JSON.parse(body as string) }));
}

function leafOf(
  { shape, domain: [least, most] = [-2, 2], dtype, data, requiresGrad }: SampleLeaf,
  random: Random,
) {
  const numel = shape.reduce((a, b) => a * b, 1);
  const whole = dtype?.startsWith('int');
  const element = (): number | boolean => {
    if (dtype === 'bool') return random.chance(0.5);
    const value = least + random.unit() * (most - least);
    return whole ? Math.trunc(value) : Math.round(value * 1e4) / 1e4;
  };
  return {
    shape,
    ...(dtype && { dtype }),
    data: data ?? Array.from({ length: numel }, element),
    ...(requiresGrad === false && { requires_grad: false }),
  };
}

/** A row of samples as a body; in every fourth the numbers are bytes, and other fields vary too. */
function sampled({ op, inputs, attrs, leaves }: Sample, i: number): [body: object, ...others: object[]] {
  const random = new Random(i, 77);
  const tensors = Object.entries(leaves).map(([name, leaf]) => [name, leafOf(leaf, random)] as const);
  const bytes = i % 4 === 1;
  const node = { name: 'out', op, inputs, ...(attrs && { attrs }) };
  const body = {
    graph: { nodes: [node] },
    leaves: Object.fromEntries(tensors.map(([name, leaf]) => [name, bytes ? inBytes(leaf) : leaf])),
    seed: i,
    ...(i % 3 === 1 && { mode: 'static' }),
    ...(i % 5 === 1 && { encoding: 'tensor' }),
    ...(i % 5 === 2 && { encoding: 'base64', dtype: 'float32' }),
  };
  // Whether there is something to differentiate only the service knows.
  const loss = { name: 'loss', op: 'sum', inputs: ['out'] };
  return [{ ...body, graph: { nodes: [node, loss] } }, body, { ...body, backward: false }];
}

function inBytes(leaf: ReturnType<typeof leafOf>): object {
  const { data, dtype = 'float64', shape } = leaf;
  const flat = [data].flat(Number.POSITIVE_INFINITY) as number[];
  if (!['float64', 'float32'].includes(dtype) || flat.some((each) => typeof each !== 'number')) return leaf;
  const array = dtype === 'float32' ? new Float32Array(flat) : new Float64Array(flat);
  return { ...leaf, dtype, shape, data: Buffer.from(array.buffer).toString('base64') };
}

const expressions = [
  '(x + w) * (w + 1)',
  'torch.mul(torch.add(w, x), w + 1).sum(dim=-1, keepdim=True)',
  'x[..., None, :-1] ** 2 - w.mean()',
  'F.softmax(x @ w.mT, dim=-1)[0].log().sum()',
  'torch.linalg.det(x.mT @ x + torch.eye(2))',
  'torch.einsum("ij,kj->ik", x, w).relu().max(dim=1).values',
  'torch.where((x > 0) & ~(w <= 0.5), x, -w).clamp(min=-1, max=1)',
  'torch.cat([x, w, torch.zeros(1, 2)], dim=0).cumsum(0)',
  'torch.randn(3, 2).sort(descending=True)[0] if len(x) > 1 else x',
  'F.cross_entropy(x, torch.tensor([0, 1])) + abs(w).sum() / math.pi',
];
const matrices = {
  x: [
    [1, -2],
    [0.5, 3],
  ],
  w: [
    [0.25, 1],
    [-1, 2],
  ],
};

const graph = {
  nodes: [
    { name: 'a', op: 'add', inputs: ['x', 'w'] },
    { name: 'b', op: 'add', inputs: ['w', 1] },
    { name: 'y', op: 'mul', inputs: ['a', 'b'] },
  ],
  outputs: ['y'],
};
const row = { shape: ['batch', 3], dtype: 'float64' };

/** Graphs that are registered under names, and what is asked of each. */
const registered = [
  {
    definition: { name: 'fuzz_scalar', graph, inputs: { w: { shape: [] }, x: { shape: [] } } },
    run: { leaves: { w: 1, x: 2 }, outputs: ['y', 'b'], retain_grad: ['a'] },
    batch: { leaves: { w: [1, 2, 3], x: 2 }, trace: false },
  },
  {
    definition: {
      name: 'fuzz_rows',
      expression: '(x @ c).tanh().sum()',
      inputs: { x: row },
      constants: {
        c: {
          data: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          dtype: 'float64',
        },
      },
    },
    run: { leaves: { x: [[1, 2, 3]] }, encoding: 'base64' },
    batch: { leaves: { x: [[[1, 2, 3]], [[4, 5, 6]]] }, on_error: 'skip', timeout_ms: 1000 },
  },
  {
    definition: {
      name: 'fuzz_loop',
      graph: {
        nodes: [
          {
            name: 'l',
            op: 'while_loop',
            inputs: [
              { graph: { inputs: ['i', 'x'], nodes: [{ name: 'p', op: 'lt', inputs: ['i', 3] }] } },
              {
                graph: {
                  inputs: ['i', 'x'],
                  nodes: [
                    { name: 'j', op: 'add', inputs: ['i', 1] },
                    { name: 'z', op: 'sin', inputs: ['x'] },
                  ],
                  outputs: ['j', 'z'],
                },
              },
              ['i', 'x'],
            ],
          },
        ],
        outputs: ['l.1'],
      },
      inputs: { i: { shape: [], dtype: 'int64' }, x: { shape: [3] } },
    },
    run: { leaves: { i: { data: 0, dtype: 'int64' }, x: [1, 2, 3] }, backward: { 'l.1': [1, 1, 1] } },
    batch: { leaves: { i: { data: [0, 1], dtype: 'int64' }, x: [1, 2, 3] }, backward: false },
  },
];

/** Bodies of the registration of graphs that the rest of the corpus asks for. */
export const definitions = registered.map(({ definition }) => definition);

/** Requests that mutations start from: examples of the document, of the guides, and of every operation. */
export function corpus(api: Api): Seed[] {
  const examples = api.routes.flatMap(({ method, path, body }) =>
    body?.example === undefined ? [] : [{ method, path, body: body.example }],
  );
  const evaluations = [
    ...samples.map(sampled).map(([body, ...others]) => ({ body, else: others })),
    ...expressions.map((expression, i) => {
      const body = { expression, leaves: matrices, seed: i };
      return { body, else: [{ ...body, backward: false }] };
    }),
  ].map((each) => ({ method: 'POST', path: '/v1/evaluate', ...each }));
  const graphs = registered.flatMap(({ definition, run, batch }) => [
    { method: 'POST', path: '/v1/graphs', body: definition },
    { method: 'POST', path: `/v1/graphs/${definition.name}/evaluate`, body: run },
    { method: 'POST', path: `/v1/graphs/${definition.name}/batch`, body: batch },
  ]);
  return [...examples, ...documented(), ...alike(api, evaluations), ...graphs, ...graphs, ...graphs];
}

/** The seeds, and a part of them for every other route whose body has the same schema. */
function alike(api: Api, seeds: Seed[]): Seed[] {
  const schemaAt = (path: string) =>
    JSON.stringify(api.at(path).find(({ method }) => method === 'POST')?.body?.schema);
  const others = api.routes.filter(
    ({ method, path, body }) =>
      method === 'POST' &&
      path !== '/v1/evaluate' &&
      JSON.stringify(body?.schema) === schemaAt('/v1/evaluate'),
  );
  return [...seeds, ...others.flatMap(({ path }) => seeds.map((seed) => ({ ...seed, path })))];
}
