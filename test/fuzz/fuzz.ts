import { type Complaint, Oracle } from './check.ts';
import { type Answer, Client, textOf } from './client.ts';
import { corpus, definitions, type Seed } from './corpus.ts';
import { Api, type Document, type Schema } from './document.ts';
import { Requests, type Sent } from './requests.ts';
import { remote, start, type Target } from './server.ts';
import { shrunk } from './shrink.ts';

export interface Options {
  seed: number;
  /** How many requests are sent, and the number of the first. */
  count: number;
  first?: number;
  concurrency?: number;
  /** A service that runs already; by default one is started with small limits. */
  url?: string | undefined;
  /** Headers of every request. */
  headers?: Record<string, string>;
  /** Settings of the service that is started. */
  env?: Record<string, string>;
  /** The longest time that an answer may take when the service has nothing else to do, in milliseconds. */
  budgetMs?: number;
  /** Bytes of memory that the service may have at the end. */
  maxMemory?: number;
  /** Findings of different kinds after which the run ends. */
  enough?: number;
  log?: (line: string) => void;
}

export interface Finding extends Complaint {
  seed: number;
  index: number;
  /** The smallest request that shows it. */
  sent: Sent;
}

export interface Report {
  findings: Finding[];
  sent: number;
  /** Requests that no client can send. */
  unsendable: number;
  seconds: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Answers by code, of those that are problems. */
  codes: Record<string, number>;
  slowestMs: number;
  memory: number | null;
}

/** Small limits let every one of them be reached, and keep a run short. */
const limits = {
  TIMEOUT_MS: '2000',
  MAX_ELEMENTS: '1000000',
  MAX_TOTAL_ELEMENTS: '10000000',
  MAX_BODY_BYTES: '1048576',
  LOG_LEVEL: 'warn',
};

const TIMEOUT_MS = Number(limits.TIMEOUT_MS);
/** Beyond the deadline, for one kernel that does not look at the clock and for a machine that is busy. */
const MARGIN_MS = 4000;
/** Every so many requests one is sent twice. */
const TWICE = 24;
/** How long health may take to answer while others compute. */
const HEALTH_MS = 20_000;

/** Answers that depend on the time or on what others do. */
const passing = new Set([408, 429, 503, 504]);

/** Sends random requests to a service and holds every answer against what the service says of itself. */
export async function fuzz(options: Options): Promise<Report> {
  const run = new Run(options, await target(options));
  try {
    return await run.all();
  } finally {
    await run.stop();
  }
}

const target = ({ url, env }: Options): Promise<Target> | Target =>
  url === undefined ? start({ ...limits, ...env, LOG_LEVEL: 'info' }) : remote(url);

/** A request and what is remarkable about it until it has been seen alone. */
interface Suspect extends Complaint {
  index: number;
  sent: Sent;
}

class Run {
  private readonly options: Options;
  private target: Target;
  private client: Client;
  private oracle!: Oracle;
  private requests!: Requests;
  private readonly registered = new Map<string, unknown>();
  private readonly suspects = new Map<string, Suspect>();
  private readonly inFlight = new Map<number, Sent>();
  private readonly report: Report = {
    findings: [],
    sent: 0,
    unsendable: 0,
    seconds: 0,
    statuses: {},
    codes: {},
    slowestMs: 0,
    memory: null,
  };

  constructor(options: Options, service: Target) {
    this.options = options;
    this.target = service;
    this.client = new Client(service.url, options.concurrency ?? 8);
  }

  async all(): Promise<Report> {
    const from = performance.now();
    await this.prepare();
    const { first = 0, count, concurrency = 8, enough = 20 } = this.options;
    const end = first + count;
    let next = first;
    const worker = async (): Promise<void> => {
      while (next < end && this.suspects.size < enough && this.target.alive()) await this.one(next++);
    };
    const watching = this.watch(() => next < end);
    await Promise.all(Array.from({ length: concurrency }, worker));
    await watching;
    await this.finish();
    this.report.seconds = (performance.now() - from) / 1000;
    return this.report;
  }

  stop(): Promise<unknown> {
    return Promise.all([this.client.close(), this.target.stop()]);
  }

  private async prepare(): Promise<void> {
    const { headers = {} } = this.options;
    const api = new Api((await this.json('/openapi.json')) as Document);
    const problem = api.resolve({ $ref: '#/components/schemas/Problem' } as Schema);
    const codes = (problem.properties?.code?.enum ?? []) as string[];
    const statuses = new Map<string, number>();
    for (const code of codes)
      statuses.set(code, ((await this.json(`/problems/${code}`)) as { status: number }).status);
    const { ops } = (await this.json('/v1/ops')) as { ops: { name: string; aliases: string[] }[] };
    const graphs = await this.register();
    this.oracle = new Oracle(api, statuses);
    const names = ops.flatMap(({ name, aliases }) => [name, ...aliases]);
    const seeds = await this.sound(corpus(api));
    this.requests = new Requests({ api, ops: names, graphs, seeds, headers });
    this.options.log?.(`${api.routes.length} routes, ${seeds.length} valid requests to start from`);
  }

  /** Seeds with the first of their bodies that is answered well; those that have none are left out. */
  private async sound(seeds: readonly Seed[]): Promise<Seed[]> {
    const good: Seed[] = [];
    for (const { method, path, body, else: others = [] } of seeds) {
      for (const each of [body, ...others]) {
        const bytes = Buffer.from(JSON.stringify(each));
        const answer = await this.ask(method, path.replace(/\{\w+\}/, 'fuzz_scalar'), bytes);
        if (answer === null || answer.status >= 300) continue;
        good.push({ method, path, body: each });
        break;
      }
    }
    return good;
  }

  /** Registers the graphs of the corpus; their ids and names. */
  private async register(): Promise<string[]> {
    const known: string[] = [];
    for (const definition of definitions) {
      const answer = await this.plain('POST', '/v1/graphs', Buffer.from(JSON.stringify(definition)));
      const { id } = JSON.parse(textOf(answer));
      for (const reference of [id, definition.name]) this.registered.set(reference, definition);
      known.push(id, definition.name);
    }
    return known;
  }

  private ask(method: string, path: string, body: Buffer | null = null): Promise<Answer | null> {
    const headers = { ...(body && { 'content-type': 'application/json' }), ...this.options.headers };
    return this.client.send({ method, target: path, headers, body, kind: 'plain' });
  }

  private async plain(method: string, path: string, body: Buffer | null = null): Promise<Answer> {
    const answer = await this.ask(method, path, body);
    if (answer === null || answer.status >= 300)
      throw new Error(`${method} ${path} is not answered well: ${answer && textOf(answer)}`);
    return answer;
  }

  private json = async (path: string): Promise<unknown> => JSON.parse(textOf(await this.plain('GET', path)));

  private async one(index: number): Promise<void> {
    const sent = this.requests.make(this.options.seed, index);
    if (sent.headers['x-request-id'] === undefined) sent.headers['x-request-id'] = `fuzz-${index}`;
    this.inFlight.set(index, sent);
    try {
      for (const complaint of await this.complaints(sent, index % TWICE === 7))
        this.suspect(index, sent, complaint);
      this.inFlight.delete(index);
    } catch (error) {
      if (!this.target.alive()) return;
      this.inFlight.delete(index);
      this.suspect(index, sent, { rule: 'no answer', detail: String((error as Error).message) });
    }
    this.report.sent++;
    if (this.report.sent % 10_000 === 0) this.progress();
  }

  private suspect(index: number, sent: Sent, complaint: Complaint): void {
    const key = signature(sent, complaint);
    if (!this.suspects.has(key)) this.suspects.set(key, { ...complaint, index, sent });
  }

  /** Sends a request; what is wrong about its answer. */
  private async complaints(sent: Sent, twice: boolean): Promise<Complaint[]> {
    const answer = await this.client.send(sent);
    if (answer === null) {
      this.report.unsendable++;
      return [];
    }
    this.count(answer);
    const found = this.oracle.complaints(sent, answer, this.graphOf(sent));
    const { budgetMs = TIMEOUT_MS + MARGIN_MS } = this.options;
    if (answer.ms > budgetMs) found.push({ rule: 'slow', detail: `${Math.round(answer.ms)} ms` });
    if (twice && !isStateful(sent)) {
      const again = await this.client.send(sent);
      if (again !== null && differs(answer, again))
        found.push({
          rule: 'unequal',
          detail: `${textOf(answer).slice(0, 300)}\nand then ${textOf(again).slice(0, 300)}`,
        });
    }
    return found;
  }

  private graphOf({ target: path }: Sent): unknown {
    const reference = /^\/v1\/graphs\/([^/?]+)/.exec(path)?.[1];
    return reference === undefined ? undefined : this.registered.get(reference);
  }

  private count(answer: Answer): void {
    const { statuses, codes } = this.report;
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    this.report.slowestMs = Math.max(this.report.slowestMs, answer.ms);
    if (answer.status < 400) return;
    const code = /"code":"([a-z-]+)"/.exec(answer.body.toString('latin1'))?.[1] ?? 'none';
    codes[code] = (codes[code] ?? 0) + 1;
  }

  /** Asks for health from time to time, on a connection of its own. */
  private async watch(goesOn: () => boolean): Promise<void> {
    const probe = new Client(this.target.url, 1);
    const { headers = {} } = this.options;
    while (goesOn() && this.target.alive() && this.suspects.size < (this.options.enough ?? 20)) {
      const sent = { method: 'GET', target: '/health/live', headers, body: null, kind: 'health' };
      const answer = await probe.send(sent).catch(() => null);
      if (this.target.alive() && (answer?.status !== 200 || answer.ms > HEALTH_MS))
        this.suspects.set('health', {
          rule: 'health',
          detail: `${answer?.status}, ${answer?.ms} ms`,
          index: -1,
          sent,
        });
      await new Promise((done) => setTimeout(done, 250));
    }
    await probe.close();
  }

  private progress(): void {
    const mib = (this.target.memory() ?? 0) / 2 ** 20;
    this.options.log?.(`${this.report.sent} sent, ${this.suspects.size} suspects, ${mib.toFixed(0)} MiB`);
  }

  /** Looks at each suspect alone; what holds is made smaller and reported. */
  private async finish(): Promise<void> {
    const { seed, maxMemory = 1.5 * 2 ** 30 } = this.options;
    await this.bury();
    this.report.memory = this.target.memory();
    if (this.report.memory !== null && this.report.memory > maxMemory)
      this.note({ rule: 'memory', detail: `${this.report.memory} bytes at the end` });
    for (const suspect of this.suspects.values()) {
      const { rule, detail, sent, index } = suspect;
      const key = signature(sent, suspect);
      const same = (each: Sent): Promise<boolean> => this.shows(each, key, rule);
      const isFlaky = rule === 'slow' || rule === 'unequal' || rule === 'no answer';
      if (isFlaky && !(await same(sent))) continue;
      const small = rule === 'health' || rule === 'slow' ? sent : await shrunk(sent, same);
      this.report.findings.push({ rule, detail, seed, index, sent: small });
    }
    for (const line of distinct(this.target.complaints())) this.logged(line);
  }

  /** A line of the log, and the request that left it. */
  private logged(line: string): void {
    const index = Number(/"reqId":"fuzz-(\d+)"/.exec(line)?.[1] ?? -1);
    const { seed } = this.options;
    const detail = line.slice(0, 2000);
    if (index < 0) this.note({ rule: 'log', detail });
    else
      this.report.findings.push({ rule: 'log', detail, seed, index, sent: this.requests.make(seed, index) });
  }

  private note(complaint: Complaint): void {
    const sent = { method: '', target: '', headers: {}, body: null, kind: 'the whole run' };
    this.report.findings.push({ ...complaint, seed: this.options.seed, index: -1, sent });
  }

  private async shows(sent: Sent, key: string, rule: string): Promise<boolean> {
    try {
      const found = await this.complaints(sent, rule === 'unequal');
      return found.some((each) => signature(sent, each) === key);
    } catch {
      if (!this.target.alive()) await this.revive();
      return rule === 'no answer' || rule === 'death';
    }
  }

  /** After a death: finds out which of the requests in flight ends the process. */
  private async bury(): Promise<void> {
    if (this.target.alive()) return;
    const last = [...this.inFlight];
    await this.revive();
    for (const [index, sent] of last) {
      await this.client.send(sent).catch(() => null);
      await new Promise((done) => setTimeout(done, 200));
      if (this.target.alive()) continue;
      this.suspect(index, sent, { rule: 'death', detail: 'The process ends' });
      await this.revive();
    }
    this.note({
      rule: 'death',
      detail: `The process ended; in flight were ${last.map(([index]) => index).join(', ')}`,
    });
  }

  private async revive(): Promise<void> {
    await this.stop();
    this.target = await target(this.options);
    this.client = new Client(this.target.url, this.options.concurrency ?? 8);
    await this.register();
  }
}

/** What makes two complaints the same finding. */
function signature({ method, target: path }: Sent, { rule, detail }: Complaint): string {
  const kind = /^(?:500|slow|unequal|size|no answer|death)$/.test(rule) ? '' : detail;
  const route = path.replace(/\?.*/, '').replace(/^\/v1\/(graphs|ops)\/[^/]+/, '/v1/$1/_');
  return `${method} ${route.slice(0, 40)} ${rule} ${kind.replace(/[\d"'].*/s, '').slice(0, 60)}`;
}

/** Lines of the log that tell of different faults. */
function distinct(lines: readonly string[]): string[] {
  const place = (line: string): string => /"stack":"[^"]{0,200}/.exec(line)?.[0] ?? line.replace(/\d+/g, '');
  return [...new Map(lines.map((line) => [place(line), line])).values()].slice(0, 20);
}

/** Whether the answer depends on requests that came between. */
const isStateful = ({ method, target: path }: Sent): boolean =>
  method === 'DELETE' || /^\/(?:v1\/graphs(?:[/?]?$|\?)|metrics)/.test(path);

function differs(a: Answer, b: Answer): boolean {
  if (passing.has(a.status) || passing.has(b.status)) return false;
  // An id that is not sane is replaced by a new one each time.
  const essence = (answer: Answer): string =>
    `${answer.status} ${answer.headers['content-type']} ${textOf(answer).replace(/"request_id":"[^"]*"/, '')}`;
  return essence(a) !== essence(b);
}
