import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../support/service.ts';

interface Case {
  seed: number;
  dtype: string;
  expression: string;
  result: { dtype: string; shape: number[]; data: unknown[] };
}

interface Recorded {
  leaves: Record<string, { shape: number[]; data: number[] }>;
  cases: Case[];
}

/** What PyTorch drew; random_numbers.py records it. */
const { leaves, cases } = JSON.parse(
  readFileSync(new URL('random.json', import.meta.url), 'utf8'),
) as Recorded;

let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

function request(dtype: string, expression: string, more: object) {
  const mine = Object.fromEntries(
    Object.entries(leaves).filter(([name]) => new RegExp(`\\b${name}\\b`).test(expression)),
  );
  const given = Object.entries(mine).map(([name, leaf]) => [name, { ...leaf, dtype, requires_grad: false }]);
  return {
    expression,
    dtype,
    leaves: Object.fromEntries(given),
    encoding: 'base64',
    backward: false,
    ...more,
  };
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
};

/** The elements, zeros with their sign. */
function elements({ dtype, data }: { dtype: string; data: string }): number[] {
  const { buffer } = Uint8Array.from(Buffer.from(data, 'base64'));
  return Array.from(new arrays[dtype as keyof typeof arrays](buffer), Number);
}

/** How far apart results may be: normal numbers of float64 are rounded once, PyTorch's nearly so. */
const slack = ({ dtype, expression }: Case): number =>
  dtype === 'float64' && /normal|randn/.test(expression) ? 4e-16 : 0;

describe.each(['dynamic', 'static'])('random numbers in the %s graph', (mode) => {
  it.each(cases)('are those of PyTorch: $expression, $dtype, seed $seed', async (each) => {
    const { seed, dtype, expression, result } = each;
    const { json, status } = await service.evaluate(request(dtype, expression, { seed, mode }));
    expect([status, json.detail]).toEqual([200, undefined]);
    const [found] = Object.values(json.outputs) as [{ dtype: string; shape: number[]; data: string }];
    expect([found.dtype, found.shape]).toEqual([result.dtype, result.shape]);
    const got = elements(found);
    const wanted = result.data.map(Number);
    if (/@/.test(expression)) {
      const close = got.map(
        (x, i) => Math.abs(x - (wanted[i] as number)) < 1e-4 && (x === 0) === (wanted[i] === 0),
      );
      expect(close).toEqual(wanted.map(() => true));
      return;
    }
    const others = got.filter((x, i) => !Object.is(x, wanted[i]));
    const far = got.filter(
      (x, i) => Math.abs(x - (wanted[i] as number)) > slack(each) * Math.max(1, Math.abs(x)),
    );
    expect([far, got.length]).toEqual([[], wanted.length]);
    expect(others.length).toBeLessThanOrEqual(slack(each) === 0 ? 0 : wanted.length / 100);
  });
});

const post = (body: object) => service.evaluate(body);

describe('a request with random operations', () => {
  it.each(['dynamic', 'static'])('needs a seed: %s', async (mode) => {
    const nodes = [
      { name: 'a', op: 'ones', inputs: [[2]] },
      { name: 'b', op: 'nn.functional.dropout', inputs: ['a'] },
    ];
    const { status, json } = await post({ graph: { nodes }, mode });
    expect(status).toBe(422);
    expect(json.detail).toBe('Random operations need a seed: equal requests have equal answers');
    expect(json.errors[0].pointer).toBe('/graph/nodes/1');
    expect(json.hint).toMatch(/seed/);
  });

  it('needs none where nothing is random', async () => {
    const { status } = await post({
      expression: 'F.dropout(torch.ones(3), 0.5, False) + F.dropout(torch.ones(3), 0.0)',
    });
    expect(status).toBe(200);
  });

  it.each(['dynamic', 'static'])(
    'has the same bytes for the same seed, and others for another: %s',
    async (mode) => {
      const body = { expression: 'torch.randn(20) + torch.rand(20)', mode, trace: false };
      const texts = await Promise.all([7, 7, 8].map(async (seed) => (await post({ ...body, seed })).text));
      expect(texts[1]).toBe(texts[0]);
      expect(texts[2]).not.toBe(texts[0]);
    },
  );

  it('draws for each call, though nothing needs it', async () => {
    const nodes = [
      { name: 'a', op: 'rand', inputs: [[3]] },
      { name: 'unused', op: 'rand', inputs: [[3]] },
      { name: 'b', op: 'rand', inputs: [[3]] },
    ];
    const run = (mode: string) =>
      post({ graph: { nodes, outputs: ['a', 'b'] }, mode, seed: 1, backward: false });
    const [dynamic, fixed] = [await run('dynamic'), await run('static')];
    expect(fixed.json.outputs).toEqual(dynamic.json.outputs);
    const whole = await post({ expression: 'torch.rand(9)', seed: 1 });
    const [all] = Object.values(whole.json.outputs) as [number[]];
    expect(dynamic.json.outputs).toEqual({ a: all.slice(0, 3), b: all.slice(6) });
  });

  it('starts from the seed again where values choose another form of the graph', async () => {
    const nodes = [
      { name: 'noise', op: 'rand', inputs: [[2]] },
      { name: 'kept', op: 'masked_select', inputs: ['noise', 'mask'] },
      { name: 'y', op: 'rand_like', inputs: ['kept'] },
    ];
    const run = async (mode: string, mask: boolean[]) =>
      (await post({ graph: { nodes }, leaves: { mask: { data: mask, dtype: 'bool' } }, mode, seed: 3 })).json
        .outputs;
    for (const mask of [
      [true, false],
      [true, true],
      [true, false],
    ])
      expect(await run('static', mask)).toEqual(await run('dynamic', mask));
  });

  it('refuses them within functions', async () => {
    const body = { inputs: ['x'], nodes: [{ name: 'r', op: 'rand_like', inputs: ['x'] }], outputs: ['r'] };
    const nodes = [{ name: 'y', op: 'map', inputs: [{ graph: body }, 'x'] }];
    const { status, json } = await post({ graph: { nodes }, leaves: { x: [1, 2] }, seed: 1 });
    expect(status).toBe(422);
    expect(json.detail).toMatch(/draws random numbers, which functions cannot/);
  });

  it('in a batch has in each row what the row has alone', async () => {
    const nodes = [
      { name: 'noise', op: 'randn', inputs: [[3]] },
      { name: 'd', op: 'nn.functional.dropout', inputs: ['x'] },
      { name: 'y', op: 'mul', inputs: ['d', 'noise'] },
    ];
    const inputs = { x: { shape: [3] } };
    const made = await service.post('/v1/graphs', { graph: { nodes }, inputs });
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const send = async (route: string, x: unknown, mode: string) =>
      (
        await service.post(`/v1/graphs/${made.json.id}/${route}`, {
          leaves: { x },
          seed: 5,
          mode,
          backward: false,
        })
      ).json;
    for (const mode of ['static', 'dynamic']) {
      const alone = await Promise.all(rows.map(async (x) => (await send('evaluate', x, mode)).outputs.y));
      expect((await send('batch', rows, mode)).outputs.y).toEqual(alone);
    }
  });
});
