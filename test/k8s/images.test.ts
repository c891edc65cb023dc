import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { apiEnv } from '../../api/config.ts';
import { cpuWorkerEnv } from '../../activities/config.ts';
import { gpuWorkerEnv } from '../../gpu-worker/config.ts';
import { copyContext } from '../../tools/images/context.ts';
import { parseDockerfile } from '../../tools/images/dockerfile.ts';
import { RECIPES, WITHOUT } from '../../tools/images/stand-ins/stand-ins.ts';
import { baseImages, serverImages, TARGETS } from '../../tools/images/targets.ts';
import { parseYaml } from '../../tools/harness/yaml.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const PINNED = /:v?\d+\.\d+(\.\d+)?[\w.-]*$/;

interface Service {
  image: string;
  environment?: Record<string, string>;
  build?: { target: string };
  ports?: string[];
  volumes?: string[];
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
}
interface Compose {
  services: Record<string, Service>;
}

describe('an operator who builds the images', () => {
  it('gets processes that are not root, get signals through tini, and say whether they live', async () => {
    const stages = parseDockerfile(await read('Dockerfile'));
    const lineage = (name: string): typeof stages => {
      const stage = stages.find((candidate) => candidate.name === name);
      return stage ? [...lineage(stage.base), stage] : [];
    };
    for (const target of TARGETS) {
      const all = lineage(target).flatMap(({ instructions }) => instructions);
      const last = (name: string) => all.findLast((instruction) => instruction.name === name)?.text ?? '';
      expect(last('USER')).toBe('1000:1000');
      expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['tini', '--']);
      const [node, program] = JSON.parse(last('CMD')) as string[];
      expect(node).toBe('node');
      await access(join(ROOT, program!));
      expect(last('HEALTHCHECK')).toContain('CMD ["node"');
    }
  });

  it('gets the same images tomorrow: every base is pinned, the CUDA provider is that of the installed runtime', async () => {
    const stages = parseDockerfile(await read('Dockerfile'));
    const names = stages.map(({ name }) => name);
    for (const { base } of stages) expect(names.includes(base) || PINNED.test(base)).toBe(true);
    const { dependencies } = JSON.parse(await read('package.json')) as { dependencies: Record<string, string> };
    const provider = await read('k8s/images/cuda-provider.txt');
    expect(provider).toMatch(
      new RegExp(`^onnxruntime-gpu==${dependencies['onnxruntime-node']} --hash=sha256:[0-9a-f]{64}\n$`),
    );
  });

  it('sends Docker no weights, no tests, no data and no secrets of this machine', async () => {
    const to = await mkdtemp(join(tmpdir(), 'kinora-context-'));
    try {
      await copyContext(ROOT.replace(/\/$/, ''), to);
      const files = await readdir(to, { recursive: true });
      expect(files).toEqual(expect.arrayContaining(['package-lock.json', 'api/server.ts', '.npmrc', 'tsconfig.json']));
      const kept = /\.safetensors$|^test|^data|^models\/|^node_modules|^dist|\.env|keys\.json|^\.git/;
      expect(files.filter((file) => kept.test(file))).toEqual([]);
    } finally {
      await rm(to, { recursive: true, force: true });
    }
  });

  it('starts with compose what exists, pinned, with settings that the processes take, reachable from this machine only', async () => {
    const { services } = parseYaml<Compose>(await read('compose.yaml'));
    const known = new Set([apiEnv, cpuWorkerEnv, gpuWorkerEnv].flatMap(({ shape }) => Object.keys(shape)));
    for (const [name, { image, build, environment, ports = [] }] of Object.entries(services)) {
      if (build) {
        expect(TARGETS).toContain(build.target);
        expect(Object.keys(environment!).filter((setting) => !known.has(setting))).toEqual([]);
      } else if (name === 'keys') {
        expect(image).toBe(services['api']!.image);
      } else {
        expect([name, PINNED.test(image)]).toEqual([name, true]);
      }
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    for (const name of ['postgres', 'temporal', 's3', 'prometheus', 'grafana']) expect(services).toHaveProperty(name);
  });

  it('runs with compose the servers that the tests run on, Temporal set up as in production', async () => {
    const { services } = parseYaml<Compose>(await read('compose.yaml'));
    const tag = (name: string) => services[name]!.image.split(':')[1]!.replace(/^v/, '');
    const module = await read('temporal/dev-server/go.mod');
    const temporal = /go\.temporal\.io\/server v(\S+)/.exec(module)![1];
    expect(['temporal', 'temporal-schema', 'temporal-namespace'].map(tag)).toEqual([temporal, temporal, temporal]);
    expect(tag('temporal-ui')).toBe(/temporalio\/ui-server\/v2 v(\S+)/.exec(module)![1]);
    const versitygw = await read('tools/harness/servers/versitygw/go.mod');
    expect(tag('s3')).toBe(/github\.com\/versity\/versitygw v(\S+)/.exec(versitygw)![1]);

    const production = parseYaml<{ server: { dynamicConfig: object } }>(await read('k8s/temporal/values.yaml'));
    expect(parseYaml(await read('k8s/images/compose/temporal.yaml'))).toEqual(production.server.dynamicConfig);
    const retention = /--retention (\d+)h/.exec(services['temporal-namespace']!.command!.join())![1];
    expect(Number(retention)).toBeGreaterThan(apiEnv.shape.VIDEO_TTL_HOURS.parse(undefined));
    for (const name of ['api', 'cpu-worker', 'gpu-worker']) {
      expect(services[name]!.depends_on).toMatchObject({
        'temporal-namespace': { condition: 'service_completed_successfully' },
      });
    }
  });

  it('can share videos with compose, and has checkpoints that nobody else can write', async () => {
    const { services } = parseYaml<Compose>(await read('compose.yaml'));
    const keys = services['keys']!.volumes!.map((volume) => volume.split(':')[1]);
    for (const [name, setting] of [
      ['api', 'SHARE_KEYS_FILE'],
      ['gpu-worker', 'SCRATCH_KEYS_FILE'],
    ] as const) {
      const { environment, volumes, depends_on: after } = services[name]!;
      const folder = posix.dirname(environment![setting]!);
      expect(keys).toContain(folder);
      expect(volumes!.filter((volume) => volume.endsWith(`:${folder}:ro`))).toHaveLength(1);
      expect(after).toMatchObject({ keys: { condition: 'service_completed_successfully' } });
    }
  });
});

describe('a developer without a registry of images', () => {
  it('has a stand-in for each image that is named, or reads why not, and builds on every one of them', async () => {
    const name = (image: string) => image.split(':')[0]!;
    const [bases, servers] = [await baseImages(), await serverImages()];
    const made = Object.keys(RECIPES);
    expect(bases.map(name).filter((base) => !made.includes(base))).toEqual([]);
    const known = [...made, ...Object.keys(WITHOUT)];
    expect([...bases, ...servers].map(name).toSorted()).toEqual(known.toSorted());
  });
});
