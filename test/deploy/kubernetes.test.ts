import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config.ts';
import { type Service, startService } from '../support/service.ts';
import { type Any, documents, root, variables, yamlFiles } from './manifests.ts';

const base = 'deploy/kubernetes';
const files = yamlFiles(base);
const isKustomization = (file: string): boolean => file.endsWith('kustomization.yaml');
const all: Any[] = files
  .filter((file) => !isKustomization(file))
  .flatMap((file) => documents(file))
  .filter((document) => !Array.isArray(document));

const ofKind = (...kinds: string[]): Any[] => all.filter(({ kind }) => kinds.includes(kind));
const workloads = ofKind('Deployment', 'StatefulSet');
const containers: [string, Any, Any][] = workloads.flatMap((workload) =>
  workload.spec.template.spec.containers.map((container: Any) => [
    `${workload.kind} ${workload.metadata.name}, ${container.name}`,
    container,
    workload.spec.template.spec,
  ]),
);
const labelsOf = (workload: Any): Record<string, string> => workload.spec.template.metadata.labels;
const matches = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
const selected = (selector: Record<string, string>): Any[] =>
  workloads.filter((workload) => matches(selector, labelsOf(workload)));
const portsOf = (workload: Any): Any[] =>
  workload.spec.template.spec.containers.flatMap(({ ports = [] }: Any) => ports);
const hasPort = (workload: Any, port: string | number): boolean =>
  portsOf(workload).some(({ name, containerPort }) => port === name || port === containerPort);

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

test('there are manifests, of every kind that an installation needs', () => {
  const kinds = new Set(all.map(({ kind }) => kind));
  for (const kind of [
    'Deployment',
    'HorizontalPodAutoscaler',
    'Ingress',
    'Namespace',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Secret',
    'Service',
    'ServiceAccount',
    'ServiceMonitor',
    'StatefulSet',
  ]) {
    expect([...kinds]).toContain(kind);
  }
  expect(containers.length).toBe(3);
});

test.each(files.filter(isKustomization))('%s names files that exist', (file) => {
  const [kustomization] = documents(file);
  const { resources = [], components = [], patches = [], configMapGenerator = [] } = kustomization;
  const paths = [
    ...resources,
    ...components,
    ...patches.map(({ path }: Any) => path),
    ...configMapGenerator.flatMap(({ envs }: Any) => envs),
  ];
  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect(existsSync(join(root, dirname(file), path)), path).toBe(true);
});

test('every file is used by a kustomization, but the example of the secrets', () => {
  const used = files.filter(isKustomization).flatMap((file) => {
    const [{ resources = [], patches = [] }] = documents(file);
    return [...resources, ...patches.map(({ path }: Any) => path)].map((path) => join(dirname(file), path));
  });
  const unused = files.filter((file) => !isKustomization(file) && !used.includes(file));
  expect(unused.map((file) => file.split('/').at(-1))).toEqual(['secret.example.yaml']);
});

test('settings are settings of the service', () => {
  const names = variables(`${base}/base/settings.env`);
  const secret = ofKind('Secret').find(({ metadata }) => metadata.name === 'gradd');
  expect(names.length).toBeGreaterThan(0);
  const known = Object.keys(configSchema.shape);
  for (const name of [...names, ...Object.keys(secret.stringData)]) expect(known).toContain(name);
});

describe.each(workloads.map((workload) => [`${workload.kind} ${workload.metadata.name}`, workload]))(
  '%s',
  (_, workload) => {
    test('its selector finds its own pods', () => {
      expect(matches(workload.spec.selector.matchLabels, labelsOf(workload))).toBe(true);
    });
    test('it runs under an account that exists, without a token', () => {
      const { spec } = workload.spec.template;
      const names = ofKind('ServiceAccount').map(({ metadata }) => metadata.name);
      expect(names).toContain(spec.serviceAccountName);
      expect(spec.automountServiceAccountToken).toBe(false);
    });
    test('it spreads pods by labels that they have', () => {
      for (const { labelSelector } of workload.spec.template.spec.topologySpreadConstraints ?? [])
        expect(matches(labelSelector.matchLabels, labelsOf(workload))).toBe(true);
    });
  },
);

describe.each(containers)('%s', (_, container, pod) => {
  test('is unprivileged, on a file system that cannot be written, and bounded', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources.requests).toHaveProperty('cpu');
    expect(container.resources.requests).toHaveProperty('memory');
    expect(container.resources.limits).toHaveProperty('memory');
  });

  test('has an image with a version', () => {
    expect(container.image).toMatch(/:(?!latest)\d[\w.-]*$/);
  });

  test('mounts volumes that the pod has', () => {
    const owner = workloads.find(({ spec }) => spec.template.spec === pod);
    const claims = (owner.spec.volumeClaimTemplates ?? []).map(({ metadata }: Any) => metadata.name);
    const names = [...pod.volumes.map(({ name }: Any) => name), ...claims];
    expect(container.volumeMounts.map(({ name }: Any) => name).sort()).toEqual(names.sort());
  });

  test('is probed at ports that it has, by routes that there are', async () => {
    const ports = container.ports.map(({ name }: Any) => name);
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    for (const { httpGet, tcpSocket, exec } of probes.filter(Boolean)) {
      if (!exec) expect(ports).toContain((httpGet ?? tcpSocket).port);
      if (httpGet) expect((await service.get(httpGet.path)).status).toBe(200);
    }
  });
});

test('a pod is given the time that the service takes to end', () => {
  const settings = readFileSync(join(root, base, 'base/settings.env'), 'utf8');
  const timeout = Number(/^SHUTDOWN_TIMEOUT_MS=(\d+)$/m.exec(settings)?.[1]);
  const pods = containers.filter(([, { name }]) => name === 'gradd');
  expect(pods.length).toBe(2);
  for (const [, container, pod] of pods) {
    const pause = container.lifecycle.preStop.sleep.seconds;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pause + timeout / 1000);
  }
});

test.each(ofKind('Service').map((each) => [each.metadata.name, each]))('service %s', (_, { spec }) => {
  const found = selected(spec.selector);
  expect(found.length).toBeGreaterThan(0);
  for (const { targetPort } of spec.ports)
    expect(found.every((workload) => hasPort(workload, targetPort))).toBe(true);
});

test.each(ofKind('NetworkPolicy').map((each) => [each.metadata.name, each]))('policy %s', (_, { spec }) => {
  const found = selected(spec.podSelector.matchLabels);
  expect(found.length).toBeGreaterThan(0);
  for (const { ports } of spec.ingress ?? [])
    for (const { port } of ports) expect(found.every((workload) => hasPort(workload, port))).toBe(true);
  for (const { to, ports } of spec.egress ?? []) {
    const targets = to
      .filter(({ namespaceSelector }: Any) => !namespaceSelector)
      .flatMap(({ podSelector }: Any) => selected(podSelector.matchLabels));
    for (const target of targets) expect(ports.every(({ port }: Any) => hasPort(target, port))).toBe(true);
  }
});

test('the store is reached from the service only, and the service reaches nothing else', () => {
  const [store] = ofKind('NetworkPolicy').filter(({ metadata }) => metadata.name === 'gradd-valkey');
  expect(store.spec.policyTypes).toEqual(['Ingress', 'Egress']);
  expect(store.spec.egress).toBeUndefined();
  expect(store.spec.ingress.flatMap(({ from }: Any) => from)).toEqual([
    { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'gradd' } } },
  ]);
});

test('the autoscaler and the budget are for the deployment', () => {
  const [deployment] = ofKind('Deployment');
  const [autoscaler] = ofKind('HorizontalPodAutoscaler');
  const { kind, name } = autoscaler.spec.scaleTargetRef;
  expect([kind, name]).toEqual([deployment.kind, deployment.metadata.name]);
  // Else each application of the manifests would undo what the autoscaler did.
  expect(deployment.spec.replicas).toBeUndefined();
  const [budget] = ofKind('PodDisruptionBudget');
  expect(selected(budget.spec.selector.matchLabels)).toContain(deployment);
});

test('the ingress and the monitor ask ports that the service has, and routes that there are', async () => {
  const ports = ofKind('Service').flatMap(({ spec }) => spec.ports.map(({ name }: Any) => name));
  const [ingress] = ofKind('Ingress');
  for (const { path, backend } of ingress.spec.rules[0].http.paths) {
    expect(ports).toContain(backend.service.port.name);
    const real = path === '/v1' ? '/v1/ops' : path === '/problems' ? '/problems/overloaded' : path;
    expect((await service.get(real)).status, path).toBeLessThan(400);
  }
  const [monitor] = ofKind('ServiceMonitor');
  const found = ofKind('Service').filter(({ metadata }) =>
    matches(monitor.spec.selector.matchLabels, metadata.labels ?? {}),
  );
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['gradd']);
  for (const { port, path } of monitor.spec.endpoints) {
    expect(ports).toContain(port);
    expect((await service.get(path)).status).toBe(200);
  }
});
