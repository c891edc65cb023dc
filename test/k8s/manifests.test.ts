import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { cpuWorkerEnv } from '../../activities/config.ts';
import { apiEnv } from '../../api/config.ts';
import { queueMetrics } from '../../api/metrics/queue-metrics.ts';
import type { JobQueue } from '../../api/queue/job-queue.ts';
import { Registry } from 'prom-client';
import { gpuWorkerEnv } from '../../gpu-worker/config.ts';
import { GpuWorkerMetrics } from '../../gpu-worker/metrics/gpu-worker-metrics.ts';
import { hubEnv } from '../../gpu-worker/models/pull/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import {
  type Container,
  type Manifest,
  type PodSpec,
  podsOf,
  renderOverlay,
  renderWith,
} from '../support/servers/kustomize.ts';
import { describeWith } from '../support/needs/with-needs.ts';

const OVERLAYS = ['cluster', 'single-node-8xh100', 'local'] as const;
const SCHEMAS = { api: apiEnv, 'cpu-worker': cpuWorkerEnv, 'gpu-worker': gpuWorkerEnv } as const;
/** Beyond SHUTDOWN_GRACE, what a worker needs to end. */
const FORCE_AFTER_S = 2;

for (const overlay of OVERLAYS)
  describeWith('kubectl')(`the overlay ${overlay}`, () => {
    let manifests: Manifest[];
    beforeAll(async () => {
      manifests = await renderOverlay(overlay);
    });

    const all = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
    const deployment = (name: string) => all('Deployment').find(({ metadata }) => metadata.name === name)!;
    const containerOf = (name: string): Container => deployment(name).spec.template.spec.containers[0];
    /** What the process would find in its environment. */
    const environment = (name: string): Record<string, string> => {
      const { env = [], envFrom = [] } = containerOf(name);
      const maps = envFrom.map(({ configMapRef }) =>
        all('ConfigMap').find((map) => map.metadata.name === configMapRef?.name),
      );
      return Object.assign({}, ...maps.map((map) => map?.data), Object.fromEntries(env.map((e) => [e.name, e.value])));
    };

    it('gives every process settings that it takes, and a secret nowhere', () => {
      for (const [name, schema] of Object.entries(SCHEMAS)) {
        const env = environment(name);
        expect(() => readConfig(schema, env)).not.toThrow();
        const known = new Set(Object.values(SCHEMAS).flatMap(({ shape }) => Object.keys(shape)));
        const foreign = Object.keys(env).filter((key) => !known.has(key));
        expect(foreign.filter((key) => !['HOME', 'CUDA_CACHE_PATH'].includes(key))).toEqual([]);
      }
      expect(all('Secret')).toEqual([]);
      expect(JSON.stringify(all('ConfigMap'))).not.toMatch(/SECRET|TOKEN|PASSWORD|API_KEY"/);
    });

    it('lets nothing run as root, write to its image, gain rights or speak to Kubernetes', () => {
      for (const { name, pod } of podsOf(manifests)) {
        expect([name, pod.automountServiceAccountToken]).toEqual([name, false]);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        expect(pod.volumes.filter(({ hostPath }) => hostPath !== undefined)).toEqual([]);
        for (const { securityContext, resources, image } of [...pod.containers, ...(pod.initContainers ?? [])]) {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(resources.requests).toHaveProperty('cpu');
          expect(resources.limits).toHaveProperty('memory');
          expect(image).toMatch(/:(?!latest)[\w.-]+$/);
        }
      }
    });

    it('probes every server, and gives a GPU worker the minutes that loading takes before it is killed for it', () => {
      for (const { metadata, spec } of all('Deployment')) {
        const [container] = spec.template.spec.containers as Container[];
        for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
          expect([metadata.name, probe, container![probe] !== undefined]).toEqual([metadata.name, probe, true]);
        }
      }
      const { startupProbe, readinessProbe, livenessProbe } = containerOf('gpu-worker');
      const loading = startupProbe!.periodSeconds * startupProbe!.failureThreshold;
      expect(startupProbe!.httpGet!.path).toBe('/readyz');
      expect(loading).toBeGreaterThan(readConfig(gpuWorkerEnv, environment('gpu-worker')).LOAD_DEADLINE);
      expect(deployment('gpu-worker').spec.progressDeadlineSeconds).toBeGreaterThan(loading);
      expect(readinessProbe!.httpGet!.path).toBe('/readyz');
      // A worker that is not ready for a moment must not be killed.
      expect(livenessProbe!.httpGet!.path).toBe('/healthz');
    });

    it('waits longer than a process drains before it kills it', () => {
      for (const name of ['cpu-worker', 'gpu-worker'] as const) {
        const { SHUTDOWN_GRACE } = readConfig(SCHEMAS[name], environment(name));
        const { terminationGracePeriodSeconds } = deployment(name).spec.template.spec;
        expect(terminationGracePeriodSeconds).toBeGreaterThan(SHUTDOWN_GRACE + FORCE_AFTER_S);
      }
      const { API_SHUTDOWN_GRACE_MS } = readConfig(apiEnv, environment('api'));
      const drain = containerOf('api').lifecycle!.preStop.sleep.seconds + API_SHUTDOWN_GRACE_MS / 1000;
      expect(deployment('api').spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(drain);
    });

    it('lets only the pull write weights, and lets a disruption take one pod of a kind at a time', () => {
      for (const { name, pod } of podsOf(manifests)) {
        const mounts = [...pod.containers, ...(pod.initContainers ?? [])].flatMap(({ volumeMounts }) => volumeMounts);
        const writable = mounts.filter((mount) => mount.name === 'weights' && !mount.readOnly);
        expect([name, writable.length > 0]).toEqual([name, name.startsWith('weights')]);
      }
      for (const name of Object.keys(SCHEMAS)) {
        const budget = all('PodDisruptionBudget').find(({ metadata }) => metadata.name === name)!;
        expect(budget.spec.maxUnavailable).toBe(1);
        expect(budget.spec.selector).toEqual(deployment(name).spec.selector);
      }
    });

    it('lets pods reach and be reached by nothing that is not named', () => {
      const policies = all('NetworkPolicy');
      const denial = policies.find(({ metadata }) => metadata.name === 'default-deny')!;
      expect(denial.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      const open = policies.flatMap(({ spec }) => [...(spec.egress ?? []), ...(spec.ingress ?? [])]);
      for (const rule of open) expect(rule.to ?? rule.from).toBeDefined();
    });
  });

describeWith('kubectl')('the GPUs', () => {
  const gpus = async (overlay: string) => {
    const manifests = await renderOverlay(overlay);
    const { spec } = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'gpu-worker')!;
    const { requests, limits } = spec.template.spec.containers[0].resources;
    const others = podsOf(manifests).filter(({ name }) => name !== 'gpu-worker');
    expect(JSON.stringify(others)).not.toContain('nvidia.com/gpu');
    return { manifests, spec, requests, limits };
  };

  it('of a machine with eight are all used, a pair by each of four workers, and none more by a rollout', async () => {
    const { spec, requests, limits } = await gpus('single-node-8xh100');
    expect(spec.replicas * Number(limits['nvidia.com/gpu'])).toBe(8);
    // Guaranteed, whole cores: what the kubelet needs to keep cores, memory and GPUs together.
    expect(requests).toEqual(limits);
    expect(limits.cpu).toMatch(/^\d+$/);
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(spec.template.spec.tolerations).toEqual([
      { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    ]);
  });

  it('are not taken from busy workers because the queue is empty', async () => {
    const { manifests, spec } = await gpus('cluster');
    const { spec: scaling } = manifests.find(({ kind }) => kind === 'ScaledObject')!;
    expect(spec).not.toHaveProperty('replicas');
    expect(scaling.minReplicaCount).toBeGreaterThanOrEqual(1);
    expect(scaling.advanced.scalingModifiers.formula).toBe('queued + busy');
    expect(scaling.triggers.map(({ name }: { name: string }) => name)).toEqual(['queued', 'busy']);
    const [line, busy] = scaling.triggers.map(({ metadata }: { metadata: { query: string } }) => {
      return /kinora_\w+/.exec(metadata.query)![0];
    });
    const ofApi = new Registry();
    queueMetrics(ofApi, {} as JobQueue);
    expect(ofApi.getSingleMetric(line)).toBeDefined();
    expect(new GpuWorkerMetrics(new Registry()).registry.getSingleMetric(busy)).toBeDefined();
    // KEDA is no pod of Kinora's: Temporal, which its network policy and its certificates guard, would not hear it.
    expect(scaling.triggers.map(({ type }: { type: string }) => type)).toEqual(['prometheus', 'prometheus']);
    const { scaleDown } = scaling.advanced.horizontalPodAutoscalerConfig.behavior;
    expect(scaleDown.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: 600 }]);
    expect(scaleDown.stabilizationWindowSeconds).toBeGreaterThanOrEqual(1800);
  });

  it('are not asked for on a laptop, which has the images that were built on it', async () => {
    const { limits, spec, manifests } = await gpus('local');
    const images = podsOf(manifests).flatMap(({ pod }) => [...pod.containers, ...(pod.initContainers ?? [])]);
    const own = images.map(({ image }) => image).filter((image) => image.includes('kinora'));
    expect([...new Set(own)].toSorted()).toEqual([
      'kinora-api:dev',
      'kinora-cpu-worker:dev',
      'kinora-gpu-worker-on-cpu:dev',
    ]);
    expect(limits).not.toHaveProperty('nvidia.com/gpu');
    expect(spec.template.spec).not.toHaveProperty('nodeSelector');
  });
});

/** What the scheduler needs for a pod, in thousandths of a core. */
function requested({ containers, initContainers = [] }: PodSpec): number {
  const cpu = ({ resources }: Container) => {
    const value = resources.requests?.['cpu'] ?? '0';
    return value.endsWith('m') ? Number.parseInt(value, 10) : 1000 * Number(value);
  };
  const together = containers.map(cpu).reduce((sum, one) => sum + one, 0);
  return Math.max(together, ...initContainers.map(cpu));
}

describeWith('kubectl')('a laptop of two cores', () => {
  /** What kind's own pods ask for: API server, etcd, controllers, scheduler, network, two of DNS. */
  const SYSTEM = 950;

  it('has room for every pod of the local overlay, and for one more of a kind while that is rolled out', async () => {
    const manifests = await renderOverlay('local');
    const pods = podsOf(manifests).map(({ name, kind, pod }) => {
      const { spec } = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!;
      const surge =
        kind === 'Deployment' && spec.strategy.type !== 'Recreate' ? spec.strategy.rollingUpdate.maxSurge : 0;
      return { name, always: requested(pod) * (spec.replicas ?? 1), surge: requested(pod) * surge };
    });
    expect(pods.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['api', 'cpu-worker', 'gpu-worker', 'temporal']),
    );
    const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
    expect(sum(pods.map(({ always }) => always)) + Math.max(...pods.map(({ surge }) => surge))).toBeLessThanOrEqual(
      2000 - SYSTEM,
    );
  });
});

describeWith('kubectl')('the component for versions', () => {
  it('tells Temporal of each kind of worker by itself, with the version that the images have', async () => {
    const manifests = await renderWith('cluster', 'versions');
    const builds = ['cpu-worker', 'gpu-worker'].map((name) => {
      const { spec } = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)!;
      const { labels } = spec.template.metadata;
      const { env, image } = podsOf(manifests).find((pod) => pod.name === name)!.pod.containers[0]!;
      const valueOf = (variable: string) => env!.find((entry) => entry.name === variable)!;
      expect(image).toMatch(new RegExp(`:${labels['app.kubernetes.io/version']}$`));
      expect(valueOf('TEMPORAL_WORKER_BUILD_ID')).toHaveProperty(
        'valueFrom.fieldRef.fieldPath',
        "metadata.labels['app.kubernetes.io/version']",
      );
      return valueOf('TEMPORAL_DEPLOYMENT_NAME').value;
    });
    expect(builds).toEqual(['kinora-cpu', 'kinora-gpu']);
  });
});

describeWith('kubectl')('what the manifests take for granted', () => {
  it('strangers reach the page and the API, not what is for the cluster', async () => {
    const ingress = (await renderOverlay('cluster')).find(({ kind }) => kind === 'Ingress')!;
    const { paths } = ingress.spec.rules[0].http as { paths: { path: string; pathType: string }[] };
    const reaches = (asked: string) =>
      paths.some(({ path, pathType }) => asked === path || (pathType === 'Prefix' && asked.startsWith(`${path}/`)));
    const page = await readFile(new URL('../../../api/web/index.html', import.meta.url), 'utf8');
    const linked = [...page.matchAll(/href="(\/[^"]+)"/g)].map(([, path]) => path!);
    for (const path of [
      '/',
      '/v1/videos',
      '/share/1.video_x',
      '/assets/index.js',
      '/docs',
      '/openapi.json',
      ...linked,
    ]) {
      expect([path, reaches(path)]).toEqual([path, true]);
    }
    for (const path of ['/metrics', '/healthz', '/readyz']) expect([path, reaches(path)]).toEqual([path, false]);
  });

  it('the pull gets settings that it takes', async () => {
    const manifests = await renderOverlay('cluster');
    const { data } = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('kinora-weights'),
    )!;
    const job = podsOf(manifests).find(({ name }) => name === 'weights')!;
    for (const name of job.pod.containers[0]!.args!.join().match(/(?<=\$\()\w+/g)!) expect(data).toHaveProperty(name);
    expect(
      Object.keys(data!)
        .filter((name) => name.startsWith('HF_'))
        .every((name) => name in hubEnv.shape),
    ).toBe(true);
  });
});
