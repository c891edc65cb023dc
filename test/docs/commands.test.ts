import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { commandsOf, documents, ROOT } from '../support/documents.ts';

const run = promisify(execFile);
const pages = await documents();
const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Commands by how they begin, and the test that does the same. The longest beginning counts. */
const RUN_BY: Record<string, string> = {
  'npm run demo': 'test/local/local.test.ts',
  'npm start': 'test/local/start.test.ts',
  'node local/setup.mjs': 'test/local/setup.test.ts',
  'npm run build': 'test/local/setup.test.ts',
  'API_KEYS_FILE=keys.json API_HOST=0.0.0.0 npm start': 'test/api/accounts/keys.test.ts',
  'ENCRYPTION_KEYS_FILE=encryption.json npm start': 'test/temporal/encryption/encryption.test.ts',
  'temporal workflow show -w $VIDEO --codec-endpoint': 'test/temporal/encryption/encryption.test.ts',
  'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 npm start': 'test/temporal/tracing.test.ts',
  'curl -s localhost:8080': 'test/docs/readme-examples.test.ts',
  'curl -sN localhost:8080': 'test/docs/readme-examples.test.ts',
  'curl -sOJ localhost:8080': 'test/docs/readme-examples.test.ts',
  'curl -s -X POST localhost:8080': 'test/docs/readme-examples.test.ts',
  'curl -sF file=': 'test/api/videos/settings-file.test.ts',
  'npm run models:pull': 'test/gpu-worker/models/pull.test.ts',
  'npm run parity': 'test/tools/parity.test.ts',
  'npm run load': 'test/api/load.test.ts',
  'npm run check:search': 'test/tools/search.test.ts',
  'npm run chaos': 'test/tools/chaos.test.ts',
  'npm run check:hostile': 'test/tools/hostile.test.ts',
  'npm run check:canary': 'test/tools/canary.test.ts',
  'npm run check:nightly': 'test/tools/nightly.test.ts',
  'npm run check:cuda': 'test/tools/cuda/placement.test.ts',
  'npm run bench:gpu': 'test/tools/bench/gpu.test.ts',
  'npm run bench:bundle': 'test/tools/bench/gpu-bundle.test.ts',
  'sh run.sh': 'test/tools/bench/gpu-bundle.test.ts',
  'npm run check:aiperf': 'test/api/clients.test.ts',
  'npm run check:schemathesis': 'test/api/fuzz.test.ts',
  'npm run rollout': 'test/tools/rollout.test.ts',
  // This file.
  'npm run keys --': 'test/docs/commands.test.ts',
  'npm run encryption-keys --': 'test/docs/commands.test.ts',
  'npm run models:check -- models/': 'test/docs/commands.test.ts',
  'temporal workflow signal --name cancel': 'test/docs/operating.test.ts',
  'npm run docs': 'test/docs/made-pages.test.ts',
};

/** Pages whose commands are run as they stand, block by block, and what does so. */
const RUN_WHOLE: Record<string, string> = { 'docs/operating.md': 'test/docs/operating.test.ts' };

/** Commands that no test runs, by how they begin, and why. */
const NOT_RUN: Record<string, string> = {
  'npm test': 'it is what runs this',
  'npm run test:slow': 'it is what runs this',
  'npm run test:postgres': 'it takes half an hour, every night',
  'KINORA_TEST_TEMPORAL=postgres npm run': 'npm run test:postgres does, every night',
  'npx vitest run': 'it is what runs this',
  '.ci/run': 'it runs this',
  'npm run lint': 'CI runs it beside the tests',
  'npm run format': 'CI runs its check, beside the tests',
  'npx tsc -p .': 'it compiles the tests',
  'npx vite api/web': 'a server for work on the page, which nothing else depends on',
  'npm run screenshots': 'it changes the pictures of the README',
  'npm run check:page': 'it measures a machine that does nothing else',
  'npm run record:histories': 'it changes the histories that test/workflows/replay.test.ts replays',
  'npm run soak': 'it takes 45 minutes, every night',
  'npm run bench': 'it takes 40 minutes of a machine that does nothing else',
  'MODEL_DIR=models/mochi-1-preview DEVICES=cuda:0,cuda:1 npm start': 'it needs two GPUs and 30 GB of weights',
  'npm rebuild onnxruntime-node': 'it fetches some hundred megabytes, and needs a GPU to be of use',
  'npm run check:alerts': 'it takes ten minutes; test/k8s/alerts.test.ts has promtool play the same faults',
  'npm run check:images': 'it takes many minutes, every night; test/k8s/images.test.ts holds what it reads',
  'npm run check:k8s': 'CI runs it beside the tests, where its programs are in the cache',
  'npm run check:cluster': 'it takes up to an hour as root, every night; test/tools/cluster.test.ts holds its parts',
  docker: '`npm run check:images` builds and runs the same, with a container engine',
  kubectl: 'it needs a cluster with nodes; `npm run check:k8s` applies the same manifests to an API server',
  kustomize: 'it needs a registry of your own',
  'k8s/': 'they need a cluster; `npm run check:k8s` runs them against an API server',
  'temporal workflow count -q': 'it needs two versions of workers; test/tools/rollout.test.ts has them',
  'temporal workflow update-options': 'it needs two versions of workers; test/tools/rollout.test.ts has them',
  'npx -p @bufbuild/buf': 'it makes a file that is committed, when ONNX has a new version',
  'export OMP_WAIT_POLICY': 'training takes five hours',
  python: 'training takes five hours',
  'cd ': 'training takes five hours',
  'node dist/tools/judge/judge.js': 'it belongs to training',
  'node dist/tools/preview-colours/fit.js': 'it belongs to training',
};

const all = pages
  .filter(({ path }) => RUN_WHOLE[path] === undefined)
  .flatMap(({ path, text }) => commandsOf(text).map((command) => ({ path, command })));
const known = { ...RUN_BY, ...NOT_RUN };
const beginnings = Object.keys(known).toSorted((a, b) => b.length - a.length);
const beginningOf = (command: string) => beginnings.find((one) => command.startsWith(one));

describe('a command in the documents', () => {
  it('is run by a test, or listed with the reason why none runs it', () => {
    expect(all.filter(({ command }) => beginningOf(command) === undefined)).toEqual([]);
  });

  it('is listed only while a page has it, and with a test that is there', () => {
    const used = new Set(all.map(({ command }) => beginningOf(command)));
    expect(beginnings.filter((one) => !used.has(one))).toEqual([]);
    const files = [...Object.values(RUN_BY), ...Object.values(RUN_WHOLE)];
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('calls a script that there is', () => {
    const called = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, script]) => ({ path, script: script! })),
    );
    expect(called.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });
});

describe('the commands that make keys and check weights', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kinora-docs-'));
    await cp(MOCHI_TINY, join(folder, 'models/mochi-1-preview'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('do what the pages say, as they stand', async () => {
    const here = [...new Set(all.map(({ command }) => command))].filter((command) =>
      /^npm run (keys|encryption-keys|models:check) -- /.test(command),
    );
    const said: Record<string, string> = {};
    for (const command of here) {
      const [, script, args] = /^npm run (\S+) -- (.*)$/.exec(command)!;
      const program = join(ROOT, scripts[script!]!.split(' ').pop()!);
      const { stdout } = await run('sh', ['-c', `exec "$0" "$1" ${args}`, process.execPath, program], {
        cwd: folder,
        env: { ...process.env, INIT_CWD: folder },
      });
      said[command] = stdout;
    }
    expect(here.length).toBeGreaterThanOrEqual(6);
    expect(said['npm run keys -- add alice --file keys.json']).toMatch(/kin_/);
    expect(said['npm run keys -- secret']).toMatch(/^whsec_/);
    expect(said['npm run models:check -- models/mochi-1-preview']).toContain('fits');
    expect(JSON.parse(await readFile(join(folder, 'encryption.json'), 'utf8'))).toMatchObject({ keys: [{}] });
  });
});
