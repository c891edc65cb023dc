import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { apiEnv } from '../../api/config.ts';
import { parseYaml, parseYamls } from '../../tools/harness/yaml.ts';
import { describeWith } from '../support/needs/with-needs.ts';
import { type Manifest, podsOf, renderOverlay } from '../support/servers/kustomize.ts';

/** What speaks to Temporal. */
const PROCESSES = ['api', 'cpu-worker', 'gpu-worker'];
/** Of cert-manager's Secrets. */
const TLS_FILES = {
  TEMPORAL_TLS_CLIENT_CERT_PATH: 'tls.crt',
  TEMPORAL_TLS_CLIENT_KEY_PATH: 'tls.key',
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'ca.crt',
};

describeWith('kubectl')('Temporal', () => {
  it.each(['cluster', 'single-node-8xh100'])(
    'is shown a certificate by every process of the overlay %s, and has to show one',
    async (overlay) => {
      const pods = podsOf(await renderOverlay(overlay)).filter(({ name }) => PROCESSES.includes(name));
      expect(pods).toHaveLength(3);
      for (const { name, pod } of pods) {
        const { env, volumeMounts } = pod.containers[0]!;
        const settings = Object.fromEntries(env!.map((entry) => [entry.name, entry.value]));
        const mount = volumeMounts.find((found) => found.name === 'temporal-tls');
        expect([name, mount?.readOnly]).toEqual([name, true]);
        for (const [setting, file] of Object.entries(TLS_FILES)) {
          expect([name, settings[setting]]).toEqual([name, `${mount!.mountPath}/${file}`]);
        }
        expect(settings['TEMPORAL_TLS_SERVER_NAME']).toBe('temporal-frontend');
        expect(pod.volumes).toContainEqual(
          expect.objectContaining({
            name: 'temporal-tls',
            secret: expect.objectContaining({ secretName: 'kinora-temporal-tls' }),
          }),
        );
      }
    },
  );
});

describe('what the manifests of Temporal take for granted', () => {
  it('Temporal keeps a video for longer than its files are kept, and is fair', async () => {
    const { server } = parseYaml<{
      server: { config: { namespaces: { namespace: { name: string; retention: string }[] } }; dynamicConfig: object };
    }>(await temporalFile('values.yaml'));
    const [namespace] = server.config.namespaces.namespace;
    const { VIDEO_TTL_HOURS } = apiEnv.shape;
    expect(namespace!.name).toBe('kinora');
    expect(Number.parseInt(namespace!.retention, 10) * 24).toBeGreaterThan(VIDEO_TTL_HOURS.parse(undefined));
    expect(server.dynamicConfig).toHaveProperty(['matching.enableFairness'], [{ value: true }]);
  });

  it('Temporal hears nobody without a certificate of its own authority, and is asked for nothing that its chart refuses', async () => {
    const { server, web, admintools, ...more } = parseYaml<TemporalValues>(await temporalFile('values.yaml'));
    const { frontend, internode, systemWorker } = server.config.tls;
    for (const { server: listens, client } of [frontend, internode]) {
      expect(listens).toMatchObject({ requireClientAuth: true, clientCaFiles: client.rootCaFiles });
    }
    const certificates = parseYamls<Certificate>(await temporalFile('certificates.yaml'));
    const secretOf = (name: string) => certificates.find(({ spec }) => spec.secretName === name)!;
    const names = [frontend, internode, systemWorker].map(({ client }) => client.serverName);
    expect(secretOf('temporal-server-tls').spec.dnsNames).toEqual(expect.arrayContaining(names));
    for (const { additionalVolumes } of [server, web, admintools]) {
      const { secret } = additionalVolumes[0]!;
      expect(secretOf(secret.secretName)).toMatchObject({
        metadata: { namespace: 'temporal' },
        spec: { issuerRef: { name: 'temporal-ca' } },
      });
    }
    expect(secretOf('kinora-temporal-tls')).toMatchObject({
      metadata: { namespace: 'kinora' },
      spec: { usages: expect.arrayContaining(['client auth']), issuerRef: { name: 'temporal-ca' } },
    });
    // Refused by the chart, at the top and where it is not read.
    expect(more).toEqual({});
    expect(server.config).not.toHaveProperty('numHistoryShards');
    expect(server.config.persistence.numHistoryShards).toBeGreaterThan(0);
  });

  it('Temporal is reached by the API, the workers, its own pods and Prometheus, and by nobody else', async () => {
    const policies = parseYamls<Manifest>(await temporalFile('namespace.yaml')).filter(
      ({ kind }) => kind === 'NetworkPolicy',
    );
    expect(policies.map(({ metadata }) => metadata.namespace)).toEqual(policies.map(() => 'temporal'));
    const [denial, ...open] = policies.map(({ spec }) => spec);
    expect(denial).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
    const from = open.flatMap(({ ingress }) => ingress.flatMap((rule: { from: object[] }) => rule.from));
    const namespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
    expect(from).toEqual([
      { podSelector: {} },
      {
        namespaceSelector: namespace('kinora'),
        podSelector: {
          matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: PROCESSES }],
        },
      },
      { namespaceSelector: namespace('monitoring') },
    ]);
  });
});

interface TlsSide {
  server: object;
  client: { serverName: string; rootCaFiles: string[] };
}
interface Mounting {
  additionalVolumes: { secret: { secretName: string } }[];
}
interface TemporalValues {
  server: Mounting & {
    config: {
      tls: Record<'frontend' | 'internode' | 'systemWorker', TlsSide>;
      persistence: { numHistoryShards: number };
    };
  };
  web: Mounting;
  admintools: Mounting;
}
interface Certificate {
  metadata: { namespace?: string };
  spec: { secretName?: string; dnsNames?: string[]; usages?: string[] };
}

const temporalFile = (name: string) => readFile(new URL(`../../../k8s/temporal/${name}`, import.meta.url), 'utf8');
