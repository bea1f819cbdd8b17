import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config.ts';
import { statusOf } from '../../src/problems.ts';
import { type Service, startService } from '../support/service.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(root, file), 'utf8');

let service: Service;
let text = '';
beforeAll(async () => {
  service = await startService();
  await service.evaluate({ expression: '1' });
  text = (await service.get('/metrics')).text;
});
afterAll(() => service.close());

/** A metric as `/metrics` has it. */
interface Family {
  type: string;
  help: string;
  labels: string[];
}

function families(): Map<string, Family> {
  const found = new Map<string, Family>();
  for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    const type = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(text)?.[1] ?? '';
    const line = new RegExp(`^${name}(?:_count)?(?:{(.*)})? `, 'm').exec(text);
    const labels = [...(line?.[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label as string);
    found.set(name, { type, help, labels });
  }
  return found;
}

/** The names that a query may use: families, and the parts of histograms. */
function queryable(): Set<string> {
  const names = [...families()].flatMap(([name, { type }]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name],
  );
  return new Set(names);
}

const namesIn = (query: string): string[] => query.match(/\b(?:gradd|nodejs|process)_\w+/g) ?? [];

/** Label matchers and groupings may only use what a metric has. */
function labelsIn(query: string): [metric: string, label: string][] {
  return [...query.matchAll(/\b(gradd_\w+){([^}]*)}/g)].flatMap(([, metric = '', matchers = '']) =>
    [...matchers.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, label]): [string, string] => [
      metric,
      label as string,
    ]),
  );
}

/** Labels that Prometheus itself gives. */
const given = new Set(['job', 'instance', 'le']);

function checkQuery(query: string): void {
  const known = queryable();
  const names = namesIn(query);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  for (const [metric, label] of labelsIn(query)) {
    const family = families().get(metric) ?? families().get(metric.replace(/_(bucket|sum|count)$/, ''));
    expect(given.has(label) || family?.labels.includes(label), `${metric}{${label}}`).toBe(true);
  }
  for (const [, code] of query.matchAll(/code="([^"]+)"/g)) expect(statusOf).toHaveProperty(code as string);
  expect(query.split('(').length, query).toBe(query.split(')').length);
}

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string }[];
}

test('the dashboard asks for metrics that there are', () => {
  const { panels, uid, templating } = JSON.parse(read('deploy/grafana/dashboard.json'));
  expect(uid).toBe('gradd');
  const variables = templating.list.map(({ name }: { name: string }) => name);
  expect(variables).toEqual(['datasource', 'job', 'instance']);
  const drawn = (panels as Panel[]).filter(({ type }) => type !== 'row');
  expect(drawn.length).toBeGreaterThan(20);
  for (const { title, targets = [] } of drawn) {
    expect(targets.length, title).toBeGreaterThan(0);
    for (const { expr } of targets) {
      expect(namesIn(expr).length, title).toBeGreaterThan(0);
      checkQuery(expr);
    }
  }
});

test('panels have ids of their own and do not lie on one another', () => {
  const panels: Panel[] = JSON.parse(read('deploy/grafana/dashboard.json')).panels;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
});

test('every metric of the service is in the dashboard', () => {
  const dashboard = read('deploy/grafana/dashboard.json');
  const own = [...families().keys()].filter((name) => name.startsWith('gradd_'));
  expect(own.filter((name) => !dashboard.includes(name))).toEqual([]);
});

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string };
}

test('every alert asks for what there is, and says what to do', () => {
  const rules: Rule[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(
    ({ rules }: { rules: Rule[] }) => rules,
  );
  expect(rules.length).toBeGreaterThan(5);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, expr, for: time, labels, annotations } of rules) {
    expect(alert).toMatch(/^Gradd[A-Z]\w+$/);
    expect(time, alert).toMatch(/^\d+[mh]$/);
    expect(['info', 'warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary.length, alert).toBeGreaterThan(60);
    if (alert !== 'GraddDown') expect(namesIn(expr).length, alert).toBeGreaterThan(0);
    checkQuery(expr);
    // A setting that a summary names must be one.
    const settings = annotations.summary.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    expect(settings.filter((name) => !(name in configSchema.shape))).toEqual([]);
  }
});

test('Prometheus is told of the service and of the rules', () => {
  const { scrape_configs: jobs, rule_files: files } = parse(read('deploy/prometheus/prometheus.yml'));
  expect(files).toEqual(['alerts.yml']);
  expect(jobs).toMatchObject([{ job_name: 'gradd', static_configs: [{ targets: ['gradd:8080'] }] }]);
});

test('the documentation has a row for each metric, and no other', () => {
  const rows = read('docs/observability.md').matchAll(/^\| `(gradd_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm);
  const written = [...rows].map(([, name, type, labels = '', help]) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    help,
  }));
  const own = [...families()]
    .filter(([name]) => name.startsWith('gradd_'))
    .map(([name, { type, help, labels }]) => ({ name, type, labels, help }));
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }): number =>
    String(a.name) < String(b.name) ? -1 : 1;
  expect(written.sort(byName)).toEqual(own.sort(byName));
});
