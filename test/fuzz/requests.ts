import type { Seed } from './corpus.ts';
import type { Api, Parameter, Route } from './document.ts';
import { Grammar, soup } from './expression.ts';
import { Generator } from './generate.ts';
import { damaged, mutated, nudged, respelled } from './mutate.ts';
import { Random } from './random.ts';
import { names, someNumber, someText } from './values.ts';

/** A request as it goes over the wire. */
export interface Sent {
  method: string;
  /** With the query. */
  target: string;
  headers: Record<string, string>;
  body: Buffer | null;
  /** What Content-Length says, where that is not the length of the body. */
  length?: string;
  /** What was done to it, for the report. */
  kind: string;
}

/** What is known of a service before the first request. */
export interface Known {
  api: Api;
  ops: readonly string[];
  /** Ids and names of registered graphs. */
  graphs: readonly string[];
  /** Requests that are answered well. */
  seeds: Seed[];
  /** Headers of every request, such as credentials. */
  headers: Record<string, string>;
}

/** Graphs are registered again every so many requests, since others delete them. */
const RENEWAL = 40;

/** Content types that are JSON, that are not quite, and that are not at all. */
const types = [
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'APPLICATION/JSON',
  'application/problem+json',
  'application/json;',
  'application/json, text/plain',
  'application/jsonx',
  'text/json',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  '/',
  'json',
  ';',
  ' ',
  `application/json; x=${'y'.repeat(4000)}`,
];

/** Headers that some servers and proxies act upon. */
const strange: Record<string, string[]> = {
  accept: [
    'text/html',
    'text/plain',
    'application/xml',
    '*/*;q=0',
    'application/json;q=2',
    ',,,',
    'x'.repeat(500),
  ],
  'accept-encoding': [
    'gzip',
    'br',
    'deflate',
    'identity;q=0',
    '*',
    'zstd',
    'gzip;q=NaN',
    ',',
    'x'.repeat(500),
  ],
  'accept-language': ['de', '*', 'x'.repeat(500)],
  'content-encoding': ['gzip', 'br', 'deflate', 'identity', 'x', 'gzip, gzip', ''],
  'x-request-id': [
    'fine-id',
    'a b',
    'é',
    '<script>',
    'x'.repeat(129),
    'x'.repeat(4000),
    '../..',
    '__proto__',
    '%0d%0aX: y',
  ],
  'x-http-method-override': ['DELETE', 'GET', '__proto__'],
  'x-forwarded-host': ['evil.example', '"'],
  'x-forwarded-for': ['127.0.0.1', '1.2.3.4, x', 'x'.repeat(2000)],
  forwarded: ['for=_x;proto=gopher'],
  'x-original-url': ['/metrics'],
  authorization: ['Bearer', 'Bearer x', 'Basic OjpA', 'x'.repeat(2000)],
  'if-none-match': ['*', '"x"', 'W/"x", *', ',', '"'],
  'if-match': ['"x"'],
  'if-modified-since': ['yesterday'],
  range: ['bytes=0-1', 'bytes=-1', 'x'],
  origin: ['null', 'http://evil.example', 'é'],
  'access-control-request-method': ['DELETE', 'X'],
  traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '00-0-0-0', 'x'],
  tracestate: ['a=b', '='.repeat(1000)],
  baggage: ['a=b', '%', 'x'.repeat(2000)],
  cookie: ['a=b', '__proto__=1', '='],
  te: ['trailers', 'x'],
  'idempotency-key': ['x', 'é'],
  prefer: ['return=minimal', 'respond-async'],
  'x-api-key': ['', 'x', 'x'.repeat(2000)],
};

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'PURGE',
  'SEARCH',
  'QUERY',
  'LINK',
];

/** Paths that are none, or that a careless server takes for others. */
const paths = [
  '/',
  '//',
  '/v1',
  '/v1/',
  '/v1/evaluate/',
  '/V1/Evaluate',
  '/v1//evaluate',
  '/v1/evaluate;x=y',
  '/v1/./evaluate',
  '/v1/graphs/../evaluate',
  '/v1/%65valuate',
  '/v1/evaluate%00',
  '/v1/evaluate%2f',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/docs/..%2f..%2fpackage.json',
  '/docs/static/..%5c..%5cpackage.json',
  '/docs/static/index.css%00',
  '/v1/ops/%',
  '/v1/ops/%ff',
  '/v1/graphs/%c0%ae',
  '/problems/__proto__',
  '/v1/ops/__proto__',
  '/v1/ops/constructor',
  '/favicon.ico',
  '/.env',
  '*',
  `/v1/ops/${'x'.repeat(3000)}`,
];

/** Makes request number `i` of a seed, always the same one for the same service. */
export class Requests {
  private readonly known: Known;
  private readonly seeds: Seed[];
  private readonly bodies: unknown[];
  private readonly renewals: Seed[];
  private readonly generator: Generator;
  private readonly grammar: Grammar;

  constructor(known: Known) {
    this.known = known;
    this.seeds = known.seeds;
    this.bodies = this.seeds.map(({ body }) => body);
    this.renewals = this.seeds.filter(({ path }) => path === '/v1/graphs');
    this.grammar = new Grammar(known.ops);
    this.generator = new Generator(known.api, this.grammar);
  }

  make(seed: number, i: number): Sent {
    const random = new Random(seed, i);
    if (i % RENEWAL === 0 && this.renewals.length > 0) return this.sound(random.pick(this.renewals));
    return random.weighted(
      [4, () => this.drawn(random)],
      [5, () => this.changed(random)],
      [0.4, () => this.sound(random.pick(this.seeds))],
      [0.6, () => this.astray(random)],
    );
  }

  private sound({ method, path, body }: Seed): Sent {
    return this.sent(method, path, Buffer.from(JSON.stringify(body)), 'valid');
  }

  private sent(method: string, target: string, body: Buffer | null, kind: string): Sent {
    const headers = { ...(body && { 'content-type': 'application/json' }), ...this.known.headers };
    return { method, target, headers, body, kind };
  }

  /** A request drawn from the document: as it says, or violating it here and there. */
  private drawn(random: Random): Sent {
    const route = random.weighted(
      [3, () => random.pick(this.known.api.routes.filter(({ body }) => body))],
      [1, () => random.pick(this.known.api.routes)],
    );
    const violation = random.pick([0, 0, 0.02, 0.1, 0.3]);
    const body =
      route.body?.schema && this.generator.value(random, route.body.schema, { violation, depth: 5 });
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const sent = this.sent(
      route.method,
      this.target(random, route, violation),
      bytes,
      `drawn, violation ${violation}`,
    );
    for (const parameter of route.parameters.filter((each) => each.in === 'header'))
      if (random.chance(0.5))
        sent.headers[parameter.name.toLowerCase()] = latin(this.text(random, parameter, violation));
    return random.chance(0.15) ? withHeaders(random, sent) : sent;
  }

  private text(random: Random, { schema = {} }: Parameter, violation: number): string {
    const value = this.generator.value(random, schema, { violation, depth: 1 });
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  private target(random: Random, route: Route, violation: number): string {
    const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = route.parameters.find((each) => each.in === 'path' && each.name === name);
      const familiar = [...this.familiar(route.path), ...names];
      const text =
        parameter && random.chance(0.25) ? this.text(random, parameter, violation) : random.pick(familiar);
      return random.chance(0.03) ? text.replace(/[^\x21-\x7e]/g, '%') : encoded(text);
    });
    const query = route.parameters
      .filter((each) => each.in === 'query')
      .flatMap((parameter) => (random.chance(0.4) ? this.query(random, parameter, violation) : []));
    if (random.chance(violation)) query.push(`${encoded(someText(random))}=${encoded(someText(random))}`);
    return query.length > 0 ? `${path}?${query.join('&')}` : path;
  }

  private query(random: Random, parameter: Parameter, violation: number): string[] {
    if (parameter.style === 'deepObject' || this.known.api.resolve(parameter.schema ?? {}).type === 'object')
      return random.times(
        3,
        () => `dim.${random.pick(names)}=${random.pick(['0', '1', '64', '-1', '1e3', '', 'x', '1e30'])}`,
      );
    const text = random.chance(0.5) ? this.text(random, parameter, violation) : String(someNumber(random));
    const pair = `${parameter.name}=${encoded(text)}`;
    return random.chance(violation) ? [pair, pair] : [pair];
  }

  /** Values of a path's parameters that lead to something. */
  private familiar(path: string): readonly string[] {
    const { graphs, ops } = this.known;
    if (path.startsWith('/v1/graphs')) return [...graphs, ...graphs, ...graphs];
    if (path.startsWith('/v1/ops')) return ops;
    return ['internal', 'invalid-request', 'cycle', 'x'];
  }

  /** A valid request that was changed as JSON, as text, or as bytes. */
  private changed(random: Random): Sent {
    const seed = random.pick(this.seeds);
    const sent = (body: Buffer, kind: string): Sent =>
      this.sent(seed.method, this.pathOf(random, seed), body, kind);
    const text = (body: unknown): string => JSON.stringify(body);
    const changed = (): string => text(mutated(random, seed.body, this.bodies, this.grammar));
    return random.weighted(
      [4, () => sent(Buffer.from(changed()), 'mutated')],
      [6, () => sent(Buffer.from(text(nudged(random, seed.body, this.known.ops))), 'nudged')],
      [1.5, () => this.expression(random)],
      [
        0.7,
        () =>
          sent(Buffer.from(respelled(random, random.chance(0.5) ? text(seed.body) : changed())), 'respelled'),
      ],
      [1, () => sent(damaged(random, Buffer.from(text(seed.body))), 'damaged')],
      [0.5, () => withHeaders(random, sent(Buffer.from(text(seed.body)), 'headers'))],
      [0.1, () => withLength(random, sent(Buffer.from(text(seed.body)), 'length'))],
    );
  }

  private pathOf(random: Random, { path }: Seed): string {
    const { graphs } = this.known;
    return path.replace(/\{\w+\}/, () => encoded(graphs.length > 0 ? random.pick(graphs) : 'x'));
  }

  /** Some Python as the expression of an evaluation, with values of leaves that it may name. */
  private expression(random: Random): Sent {
    const route = random.pick(this.known.api.routes.filter(({ body }) => this.takesExpression(body?.schema)));
    const good = this.seeds
      .map(({ body }) => (body as { expression?: unknown }).expression)
      .filter((each) => typeof each === 'string');
    const expression = random.weighted(
      [2, () => soup(random)],
      [4, () => this.grammar.expression(random, random.between(1, 4))],
      [3, () => this.grammar.altered(random, random.pick(good))],
    );
    const leaves = {
      x: random.pick<unknown>([
        1,
        [1, 2, 3],
        [
          [1, -2],
          [0.5, 3],
        ],
      ]),
      w: random.pick<unknown>([
        2,
        [0.5, 1, 2],
        [
          [1, 2],
          [3, 4],
        ],
        { data: [0, 1], dtype: 'int64' },
      ]),
      y: random.pick<unknown>([true, [[]], { data: [true, false], dtype: 'bool' }]),
    };
    const more = {
      seed: 1,
      ...(random.chance(0.3) && { mode: 'static' }),
      ...(random.chance(0.2) && { encoding: 'tensor' }),
    };
    const inputs = { x: { shape: [] }, w: { shape: [2, 2] }, y: { shape: ['n'] } };
    const body = route.path === '/v1/graphs' ? { expression, inputs } : { expression, leaves, ...more };
    return this.sent(route.method, route.path, Buffer.from(JSON.stringify(body)), 'expression');
  }

  private takesExpression(schema: object | undefined): boolean {
    return (
      schema !== undefined &&
      'expression' in (this.known.api.resolve(schema as { properties?: object }).properties ?? {})
    );
  }

  /** Odd methods, paths that are none. */
  private astray(random: Random): Sent {
    const route = random.pick(this.known.api.routes);
    const method = random.chance(0.7) ? random.pick(methods) : 'GET';
    const target = random.chance(0.5) ? random.pick(paths) : this.target(random, route, 0.2);
    const body =
      ['GET', 'HEAD', 'TRACE'].includes(method) || random.chance(0.5)
        ? null
        : Buffer.from(random.pick(['{}', 'x', '[]', '']));
    return withHeaders(random, this.sent(method, target, body, 'astray'));
  }
}

/** A header may have only these. */
const latin = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();

/** Percent-encoded; lone surrogates, which have no encoding, as what UTF-8 makes of them. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));

function withLength(random: Random, sent: Sent): Sent {
  const length = sent.body?.length ?? 0;
  const lengths = [
    0,
    1,
    length - 1,
    length + 1,
    -1,
    2 ** 53,
    '',
    'x',
    '0x10',
    `+${length}`,
    `${length}.0`,
    `${length}, ${length}`,
  ];
  return { ...sent, length: String(random.pick(lengths)) };
}

function withHeaders(random: Random, sent: Sent): Sent {
  const headers = { ...sent.headers };
  for (const name of random.times(3, () => random.pick(Object.keys(strange))))
    headers[name] = latin(random.pick(strange[name] as string[]));
  if (sent.body && random.chance(0.5)) headers['content-type'] = random.pick(types);
  if (sent.body && random.chance(0.1)) delete headers['content-type'];
  if (random.chance(0.05))
    headers[`x-${'y'.repeat(random.between(1, 200))}`] = 'z'.repeat(random.between(0, 20_000));
  return { ...sent, headers, kind: `${sent.kind}, headers` };
}
