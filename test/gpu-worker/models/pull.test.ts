import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { progressText } from '../../../gpu-worker/models/pull/progress.ts';
import { pull } from '../../../gpu-worker/models/pull/pull.ts';
import { Command } from '../../support/command.ts';
import { COMMIT, type HubServer, startHub } from '../../support/servers/hub-server.ts';
import { RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';

const NAME = 'genmo/mochi-1-preview';
const VAE = 'vae/diffusion_pytorch_model.safetensors';
const SHARD = 'transformer/diffusion_pytorch_model-00001-of-00002.safetensors';

/** As the published repository: Genmo's own layout beside diffusers', and the VAE in both precisions. */
const BESIDE = {
  'dit.safetensors': Buffer.alloc(100),
  'assets/grid.gif': Buffer.alloc(10),
  'vae/diffusion_pytorch_model.bf16.safetensors': Buffer.alloc(64, 7),
  'README.md': Buffer.from('# Mochi 1\n'),
};

describe('npm run models:pull', () => {
  let base: string;
  let dir: string;
  let hub: HubServer;
  const commands: Command[] = [];
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'kinora-pull-'));
    dir = join(base, 'mochi');
    hub = await startHub(RANDOM_MODEL, BESIDE);
  });
  afterEach(async () => {
    for (const command of commands.splice(0)) command.kill('SIGKILL');
    await hub?.stop();
    await rm(base, { recursive: true, force: true });
  });

  const start = (...args: string[]) => {
    const command = new Command(
      'gpu-worker/models/pull-command.js',
      [NAME, '--to', dir, '--variant', 'float32', ...args],
      { HF_ENDPOINT: hub.endpoint },
    );
    commands.push(command);
    return command;
  };
  const run = async (...args: string[]) => {
    const command = start(...args);
    return { code: await command.ended(), output: command.output };
  };
  const same = async (path: string) =>
    (await readFile(join(dir, path))).equals(await readFile(join(RANDOM_MODEL, path)));

  it('brings a model from a mirror, of each component one precision, pinned to its commit, and checks that it fits', async () => {
    const { code, output } = await run();
    expect(output).toContain('Complete: MODEL_DIR=');
    expect(code).toBe(0);
    expect(output).toMatch(/1\.\d MB of 1\.\d MB \(100 %\)/);
    const files = (await readdir(dir, { recursive: true })).filter((path) => path.includes('.'));
    expect(files).toEqual(expect.arrayContaining([VAE, SHARD, 'tokenizer/spiece.model', 'README.md', 'pulled.json']));
    expect(files.filter((path) => /dit|gif|bf16|unfinished/.test(path))).toEqual([]);
    expect(JSON.parse(await readFile(join(dir, 'pulled.json'), 'utf8'))).toMatchObject({ commit: COMMIT });
    expect(hub.asked.every((line) => !line.includes('/resolve/main/'))).toBe(true);
  });

  it('survives ten broken connections, a server that knows no ranges, and a file that arrived corrupted', async () => {
    let broken = 0;
    hub.mischief = ({ path, from }) => {
      if (path === VAE && broken < 10)
        return broken++ === 4 ? { ignoresRange: true, cutAfter: 200_000 } : { cutAfter: 50_000 };
      if (path === SHARD && from === 0 && hub.requests.filter((asked) => asked.path === SHARD).length === 1) {
        return { corrupted: true };
      }
      return path === 'vae/config.json' && broken === 0 ? { status: 503 } : undefined;
    };
    const { code, output } = await run();
    expect(code).toBe(0);
    expect(output).toMatch(/vae\/diffusion_pytorch_model\.safetensors: broke off at byte 50000 of 1324870/);
    expect(output).toMatch(/00001-of-00002\.safetensors: arrived corrupted/);
    expect(await same(VAE)).toBe(true);
    expect(await same(SHARD)).toBe(true);
    const starts = hub.requests.filter(({ path }) => path === VAE).map(({ from }) => from);
    expect(starts.slice(0, 5)).toEqual([0, 50_000, 100_000, 150_000, 200_000]);
    expect(starts.length).toBe(11);
  });

  it('goes on where a killed pull was, with the commit that it began with', async () => {
    hub.mischief = ({ path }) => (path === VAE ? { stallsAfter: 700_000 } : undefined);
    const command = start();
    while (!(await readdir(join(dir, 'transformer')).catch(() => [] as string[])).length) await pause();
    const unfinished = join(dir, '.unfinished');
    const arrived = async () =>
      (await readdir(unfinished).catch(() => [])).some((name) => name.startsWith('vae--diff'));
    while (!(await arrived()) || hub.bytesSent() < 1_000_000) await pause();
    await pause();
    command.kill('SIGKILL');
    await command.ended();

    hub.mischief = undefined;
    hub.moveMain('d'.repeat(40));
    hub.requests.length = 0;
    expect((await run()).code).toBe(0);
    const again = hub.requests.filter(({ path }) => path === VAE);
    expect(again).toHaveLength(1);
    expect(again[0]!.from).toBeGreaterThan(0);
    expect(hub.asked.at(-1)).not.toContain('d'.repeat(40));
    expect(await same(VAE)).toBe(true);
    expect(JSON.parse(await readFile(join(dir, 'pulled.json'), 'utf8'))).toMatchObject({ commit: COMMIT });
  });

  it('fetches again only what was spoilt, and offline says what that is', async () => {
    expect((await run()).code).toBe(0);
    const bytes = await readFile(join(dir, VAE));
    bytes[1_000_000]! ^= 1;
    await writeFile(join(dir, VAE), bytes);
    hub.asked.length = 0;

    const offline = await run('--offline');
    expect(offline).toMatchObject({ code: 1 });
    expect(offline.output).toMatch(/lacks[^]*vae\/diffusion_pytorch_model\.safetensors/);
    expect(hub.asked).toEqual([]);

    hub.requests.length = 0;
    expect((await run()).code).toBe(0);
    expect(hub.requests.map(({ path }) => path)).toEqual([VAE]);
    hub.asked.length = 0;
    expect((await run('--offline')).code).toBe(0);
    expect(hub.asked).toEqual([]);
  });

  it('moves to another commit when told to, and leaves nothing of the old one among the new files', async () => {
    expect((await run()).code).toBe(0);
    expect(await readdir(dir)).toContain('README.md');
    const next = 'd'.repeat(40);
    hub.moveMain(next, ['README.md']);
    hub.requests.length = 0;
    expect((await run('--revision', next)).code).toBe(0);
    expect(hub.requests).toEqual([]);
    expect(await readdir(dir)).not.toContain('README.md');
    expect(JSON.parse(await readFile(join(dir, 'pulled.json'), 'utf8'))).toMatchObject({ commit: next });
  });

  it('refuses what would fill the disk before it fetches anything', async () => {
    hub.claimedSizes[VAE] = 2 ** 52;
    const { code, output } = await run();
    expect(code).toBe(1);
    expect(output).toMatch(/4503\.6 TB are to be fetched.*only .* free/);
    expect(hub.requests).toEqual([]);
  });

  it.each([
    ['a large file', VAE, { lfs: { oid: '/../../../victim', size: 5, pointerSize: 134 } }],
    ['a large file, with a scheme', VAE, { lfs: { oid: 'sha256:/../../../victim', size: 5, pointerSize: 134 } }],
    ['a small one', 'vae/config.json', { oid: '/../../../victim' }],
    ['no checksum at all', 'vae/config.json', { oid: null }],
    ['the name of another file', 'vae/config.json', { path: 'vae/../../victim.json' }],
    ['a name in another folder', 'vae/config.json', { path: 'vae/..\\\\victim.json' }],
    ['a negative size', 'vae/config.json', { size: -5 }],
  ])('touches nothing outside its folder where a mirror lies: %s', async (_what, path, claims) => {
    const victims = ['victim', 'victim.json'].map((name) => join(base, name));
    for (const victim of victims) await writeFile(victim, 'precious');
    hub.claimed[path] = claims;
    const { code, output } = await run();
    expect(code).toBe(1);
    expect(output).not.toMatch(/\n\s+at /);
    for (const victim of victims) expect(await readFile(victim, 'utf8')).toBe('precious');
    expect((await readdir(base)).toSorted()).toEqual(expect.arrayContaining(['victim', 'victim.json']));
  });

  it('deletes nothing outside a folder whose manifest says so', async () => {
    expect((await run()).code).toBe(0);
    const victim = join(base, 'victim');
    await writeFile(victim, 'precious');
    const manifest = join(dir, 'pulled.json');
    const pulled = JSON.parse(await readFile(manifest, 'utf8')) as { files: object[] };
    pulled.files.push({ path: '../victim', size: 8, checksum: { kind: 'git', value: '0'.repeat(40) } });
    await writeFile(manifest, JSON.stringify(pulled));
    hub.moveMain('d'.repeat(40));
    const { code, output } = await run('--revision', 'd'.repeat(40));
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringMatching(/pulled\.json is not readable/) });
    expect(await readFile(victim, 'utf8')).toBe('precious');
  });

  it('gives a silent connection up, and after many that bring nothing says how to go on', async () => {
    hub.mischief = ({ path, from }) => (path === VAE && from === 0 ? { stallsAfter: 1_000 } : undefined);
    const lines: string[] = [];
    const out = { isTTY: false, write: (line: string) => lines.push(line) } as unknown as typeof process.stdout;
    const options = { repository: NAME, revision: undefined, dir, variant: 'float32' as const, out, stallMs: 200 };
    const config = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: undefined, HF_HUB_OFFLINE: false };
    await pull({ ...options, hub: config });
    expect(lines.join('')).toMatch(/broke off at byte 1000 of 1324870.*no byte for 0\.2 s/);
    expect(await same(VAE)).toBe(true);
  });

  it('says at once what no further attempt can help: a token that is missing, a folder that cannot be made', async () => {
    const options = { repository: NAME, revision: undefined, variant: 'float32' as const, out: process.stdout };
    const config = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: undefined, HF_HUB_OFFLINE: false };
    hub.mischief = () => ({ status: 403 });
    await expect(pull({ ...options, dir, hub: config })).rejects.toThrow(/the hub answers 403: set HF_TOKEN/);
    const inFile = join(dir, 'pulled.json', 'models');
    await expect(pull({ ...options, dir: inFile, hub: config })).rejects.toThrow(/models cannot be made: ENOTDIR/);
  });

  it.each([
    [['--revision', 'nowhere'], /has no genmo\/mochi-1-preview at nowhere/],
    [['--variant', 'int4'], /Unknown variant int4/],
  ])('says what it cannot do: %j', async (args, message) => {
    const { code, output } = await run(...args);
    expect(code).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/\n\s+at /);
  });

  it('tells bytes, rate and time left', () => {
    expect(progressText(12.3e9, 31.4e9, 85e6)).toBe('12.3 GB of 31.4 GB (39 %), 85.0 MB/s, about 4 min left');
    expect(progressText(5e5, 1e6, 0)).toBe('500.0 kB of 1.0 MB (50 %), waiting');
  });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
