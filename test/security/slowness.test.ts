import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ TIMEOUT_MS: '5000' });
});
afterAll(() => service.close());

/** Far beyond what any of these takes (some tenths of a second), far below what a square would take. */
const LONG_MS = 8000;
/** What a detail quotes at most, in the answer and in its list of errors, and some room. */
const SMALL = 8192;

async function quickly(path: string, body: string) {
  const from = performance.now();
  const answer = await service.send('POST', path, body);
  expect(performance.now() - from).toBeLessThan(LONG_MS);
  expect(answer.status, answer.text.slice(0, 200)).toBe(422);
  return answer;
}

/** Texts that make careless regular expressions and parsers go back again and again, near the limit of an expression. */
const texts: [what: string, text: string][] = [
  ['spaces', `x${' '.repeat(99_000)}y`],
  ['tabs and breaks', `x${' \t\n'.repeat(30_000)}!`],
  ['digits', `${'1'.repeat(99_000)}x`],
  ['digits with separators', `${'1_'.repeat(49_000)}x`],
  ['points', `x${'.a'.repeat(49_000)}`],
  ['an exponent', `1e${'9'.repeat(90_000)}x`],
  ['a name', `${'a'.repeat(99_000)}`],
  ['a string without end', `"${'a'.repeat(99_000)}`],
  ['backslashes', `"${'\\'.repeat(99_000)}`],
  ['brackets', '('.repeat(99_000)],
  ['pairs of brackets', '()'.repeat(49_000)],
  ['minus signs', `${'-'.repeat(99_000)}x`],
  ['not', `${'not '.repeat(24_000)}x`],
  ['powers', `${'2**'.repeat(30_000)}2`],
  ['a large power', `${'9**'.repeat(8)}9`],
  ['comparisons', `${'x<'.repeat(40_000)}x`],
  ['colons', `x[${':'.repeat(90_000)}]`],
  ['commas', `x[${','.repeat(90_000)}]`],
  ['arguments', `sum(${'x,'.repeat(45_000)}x,)`],
  ['comments', '#\n'.repeat(49_000)],
];

test.each(texts)('%s in an expression take no time', async (_, expression) => {
  const answer = await quickly('/v1/evaluate', JSON.stringify({ expression, leaves: { x: 1 } }));
  expect(answer.text.length).toBeLessThan(SMALL);
});

/** Many numbers whose keys collide where a hash is weak, and many keys whatever it is. */
test.each([
  ['whole numbers', (i: number) => `${i * 65_536}`],
  ['one letter after another', (i: number) => `${'Aa'.repeat(i % 8)}${'BB'.repeat(8 - (i % 8))}${i}`],
  ['__proto__ and more', (i: number) => `__proto__${i}`],
])('a hundred thousand keys: %s', async (_, key) => {
  const record = `{${Array.from({ length: 100_000 }, (__, i) => `"${key(i)}":1`).join()}}`;
  for (const body of [
    record,
    `{"expression":"x","leaves":${record}}`,
    `{"expression":"x","leaves":{"x":${record}}}`,
  ])
    expect((await quickly('/v1/evaluate', body)).text.length).toBeLessThan(100_000);
  await quickly('/v1/graphs', `{"expression":"x","inputs":${record}}`);
});

test('one key a hundred thousand times', async () => {
  const body = `{"expression":"y","leaves":{${'"x":1,'.repeat(100_000)}"x":2}}`;
  expect((await quickly('/v1/evaluate', body)).json.code).toBe('unknown-name');
});

test.each([64, 65, 1000, 100_000, 1_000_000])(
  '%i brackets anywhere are too many or none at all',
  async (depth) => {
    const deep = `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const node = (inputs: string) =>
      `{"graph":{"nodes":[{"name":"y","op":"sum","inputs":[${inputs}]}]},"backward":false}`;
    const bodies = [
      deep,
      `{"expression":"x","leaves":{"x":${deep}}}`,
      `{"expression":"x","leaves":{"x":{"data":${deep}}}}`,
      `{"expression":"x","leaves":{"x":1},"backward":{"x":${deep}}}`,
      `{"expression":"x","leaves":{"x":1},"outputs":${deep}}`,
      node(deep),
      node(`1],"attrs":{"dim":${deep}},"inputs":[1`),
    ];
    for (const body of bodies) {
      const from = performance.now();
      const { status, text } = await service.send('POST', '/v1/evaluate', body);
      expect(performance.now() - from).toBeLessThan(LONG_MS);
      // As many dimensions as are allowed are no fault.
      expect(
        depth > 64 ? [400, 422] : [200, 400, 422],
        `${body.slice(0, 60)} ${text.slice(0, 200)}`,
      ).toContain(status);
      expect(text.length).toBeLessThan(SMALL);
    }
  },
);

test.each([65, 1000])('functions in functions, %i deep', async (depth) => {
  let fn = '{"graph":{"inputs":["x"],"nodes":[{"name":"y","op":"relu","inputs":["x"]}]}}';
  for (let i = 0; i < depth; i++)
    fn = `{"graph":{"inputs":["x"],"nodes":[{"name":"y","op":"cond","inputs":[true,${fn},${i ? '1' : fn},["x"]]}]}}`;
  const body = `{"graph":{"nodes":[{"name":"y","op":"cond","inputs":[true,${fn},${fn},["x"]]}]},"leaves":{"x":1}}`;
  expect((await quickly('/v1/evaluate', body)).text.length).toBeLessThan(2 * body.length + SMALL);
});

/** A text of a megabyte wherever one is quoted: the answer must not give it back. */
const giant = 'q'.repeat(1_000_000);
test.each([
  `{"expression":"${giant}"}`,
  `{"expression":"x","leaves":{"${giant}":1}}`,
  `{"expression":"x","leaves":{"x":"${giant}"}}`,
  `{"expression":"x","leaves":{"x":{"data":"${giant}","shape":[1],"dtype":"float64"}}}`,
  `{"expression":"x","leaves":{"x":{"${giant}":1}}}`,
  `{"expression":"x","leaves":{"x":1},"${giant}":1}`,
  `{"expression":"x","leaves":{"x":1},"dtype":"${giant}"}`,
  `{"expression":"x","leaves":{"x":1},"outputs":["${giant}"]}`,
  `{"expression":"x","leaves":{"x":1},"backward":{"${giant}":1}}`,
  `{"expression":"x","leaves":{"x":1},"retain_grad":["${giant}"]}`,
  `{"graph":{"nodes":[{"name":"${giant}","op":"relu","inputs":[1]}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"${giant}","inputs":[1]}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"relu","inputs":["${giant}"]}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"relu","inputs":[{"value":"${giant}"}]}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"relu","inputs":[{"${giant}":1}]}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"relu","inputs":[1],"attrs":{"${giant}":1}}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"relu","inputs":[1],"${giant}":1}]}}`,
  `{"graph":{"nodes":[{"name":"y","op":"einsum","inputs":[{"value":"${giant}"},1]}]}}`,
])('a giant text is not given back: %#', async (body) => {
  for (const path of ['/v1/evaluate', '/v1/graphs'])
    expect((await quickly(path, body)).text.length, body.slice(0, 80)).toBeLessThan(SMALL);
});
