import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probe } from '../../platform/http/probe.ts';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { patientFetch } from '../../tools/harness/client/patient-fetch.ts';
import { PATIENCE_MS, pauses, until } from '../../tools/harness/patience.ts';
import { Command, processesWith } from '../support/command.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SHAPE = { size: '64x64', num_frames: 7, num_inference_steps: 4 };
const hasIpv6 = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === '::1'));

let base: string;
beforeAll(async () => (base = await mkdtemp(join(tmpdir(), 'kinora-start-'))));
afterAll(async () => {
  for (const pid of await processesWith(base)) process.kill(pid, 'SIGKILL');
  await rm(base, { recursive: true, force: true });
});

async function settings(name: string): Promise<Record<string, string>> {
  const [api, temporal, ui] = await freePorts(3);
  return {
    API_PORT: `${api}`,
    TEMPORAL_PORT: `${temporal}`,
    TEMPORAL_UI_PORT: `${ui}`,
    API_STANDBY: 'false',
    DATA_DIR: join(base, name),
  };
}

async function allEnded(marker: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
    const left = await processesWith(marker);
    if (left.length === 0) return;
    if (Date.now() > end) throw new Error(`still there: ${left.join(', ')}`);
  }
}

/** Makes a video over HTTP; the size of its file. A service that was up once may be starting again. */
async function makeVideo(apiUrl: string): Promise<number> {
  await until(() => probe(`${apiUrl}/readyz`));
  const created = await patientFetch(`${apiUrl}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red circle', ...SHAPE }),
  });
  if (!created.ok) throw new Error(await created.text());
  const { id } = (await created.json()) as { id: string };
  for (;;) {
    const video = (await (await patientFetch(`${apiUrl}/v1/videos/${id}`)).json()) as {
      status: string;
      error: unknown;
    };
    if (video.status === 'failed') throw new Error(JSON.stringify(video.error));
    if (video.status === 'completed') break;
    await sleep(200);
  }
  return (await (await fetch(`${apiUrl}/v1/videos/${id}/content`)).arrayBuffer()).byteLength;
}

describe('npm start', () => {
  /** As a person types it; told from the tests' own npm. */
  async function npmStart(name: string): Promise<ChildProcess> {
    const own = Object.entries(process.env).filter(([key]) => !key.startsWith('npm_'));
    const child = spawn('npm', ['start'], {
      cwd: ROOT,
      env: { ...Object.fromEntries(own), ...(await settings(name)) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const output of [child.stdout, child.stderr]) output.resume();
    return child;
  }

  it.each([
    ['SIGTERM', 1],
    ['SIGINT', 1],
    ['SIGHUP', 2],
    ['SIGKILL', 2],
  ] as const)('leaves nothing running after a %s to npm while %d processes of it are there', async (signal, count) => {
    const name = `signal-${signal}`;
    const npm = await npmStart(name);
    const marker = join(base, name);
    while ((await processesWith(marker)).length < count) await sleep(5);
    npm.kill(signal);
    await once(npm, 'exit');
    await allEnded(marker);
  });

  it('ends although npm was gone before its first line', async () => {
    const env = {
      ...process.env,
      ...(await settings('orphan')),
      npm_lifecycle_event: 'start',
      npm_lifecycle_script: 'x',
    };
    // The shell, which stands for npm, starts it and ends at once.
    const shell = spawn('sh', ['-c', `"${process.execPath}" local/setup.mjs dist/local/start.js &`], {
      cwd: ROOT,
      env,
      stdio: 'ignore',
      detached: true,
    });
    await once(shell, 'exit');
    await allEnded(join(base, 'orphan'));
  });
});

describe('a service whose processes are killed again and again while they start', () => {
  it('goes on, says what it sees, and makes videos in the end', async () => {
    const env = await settings('killed');
    const command = new Command('local/start.js', [], env);
    // Otherwise nobody would learn what it waits for.
    const late = setTimeout(() => process.stderr.write(`late: ${command.output}\n`), 200_000);
    const killed = async (program: string) => {
      for (let kills = 0; kills < 3; kills++) {
        const pids = () => processesWith(program, env['DATA_DIR']!);
        while ((await pids()).length === 0) await sleep(20);
        for (const pid of await pids()) process.kill(pid, 'SIGKILL');
        await sleep(100);
      }
    };
    await Promise.all(['api/server.js', 'activities/worker.js', 'gpu-worker/worker.js', 'start-dev'].map(killed));
    await command.said(/Kinora is up/);
    expect(command.output).toMatch(/gpu-worker ended by itself \(SIGKILL; log: .*\)\. Starting it again in 0\.5 s/);
    expect(command.output).toMatch(/Temporal's (dev )?server .*Starting it again in 0\.5 s/);
    expect(await makeVideo(`http://127.0.0.1:${env['API_PORT']}`)).toBeGreaterThan(1_000);
    command.kill('SIGTERM');
    expect(await command.ended()).toBe(0);
    clearTimeout(late);
  });
});

describe('a service in a place with a difficult name, on an address of IPv6', () => {
  (hasIpv6 ? it : it.skip)('makes a video, and keeps what it has to itself', async () => {
    const env: Record<string, string> = { ...(await settings('a #1? 100%25 é')), API_HOST: '::1' };
    const command = new Command('local/start.js', [], env);
    const [, apiUrl = ''] = await command.said(/Page +(http:\S+)[^]*Ctrl-C/);
    expect(apiUrl).toBe(`http://[::1]:${env['API_PORT']}`);
    expect(await makeVideo(apiUrl)).toBeGreaterThan(1_000);
    const folder = env['DATA_DIR']!;
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'temporal.db'))).mode & 0o077).toBe(0);
    expect((await readdir(folder)).toSorted()).toEqual(expect.arrayContaining(['artefacts', 'lock', 'temporal.db']));
    command.kill('SIGTERM');
    expect(await command.ended()).toBe(0);

    // What it had is there again.
    const again = new Command('local/start.js', [], { ...env, API_HOST: '[::1]' });
    await again.said(/Kinora is up/);
    const { data } = (await (await fetch(`${apiUrl}/v1/videos`)).json()) as { data: { status: string }[] };
    expect(data.map(({ status }) => status)).toEqual(['completed']);
    again.kill('SIGTERM');
    expect(await again.ended()).toBe(0);
    expect(await readFile(join(folder, 'logs', 'api.log'), 'utf8')).toContain('Listening');
  });
});

describe('a service of a user whom the system does not know, who has no home, a strict umask and other customs', () => {
  (process.getuid?.() === 0 && process.platform === 'linux' ? it : it.skip)('makes a video', async () => {
    const place = join(base, 'stranger');
    await chmod(base, 0o755);
    await mkdir(place);
    await chmod(place, 0o777);
    // Where it can be run by that user, too.
    const cli = join(place, 'temporal');
    await cp(await findTemporalCli(), cli);
    await chmod(cli, 0o755);
    const [api, temporal, ui] = await freePorts(3);
    const env = {
      PATH: process.env['PATH'],
      TEMPORAL_CLI: cli,
      LC_ALL: 'tr_TR.UTF-8',
      TZ: 'Asia/Kathmandu',
      TMPDIR: place,
      DATA_DIR: join(place, 'data'),
      API_PORT: `${api}`,
      TEMPORAL_PORT: `${temporal}`,
      TEMPORAL_UI_PORT: `${ui}`,
      API_STANDBY: 'false',
    };
    const start = `umask 077; exec "${process.execPath}" dist/local/start.js`;
    const child = spawn('setpriv', ['--reuid', '54321', '--regid', '54321', '--clear-groups', 'sh', '-c', start], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    while (!output.includes('Kinora is up')) {
      if (child.exitCode !== null) throw new Error(output);
      await sleep(100);
    }
    expect(await makeVideo(`http://127.0.0.1:${api}`)).toBeGreaterThan(1_000);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('settings that cannot be used', () => {
  const refused = async (change: Record<string, string>) => {
    const command = new Command('local/start.js', [], { ...(await settings('refused')), ...change });
    expect(await command.ended()).toBe(78);
    expect(command.output).not.toMatch(/\n {4}at /);
    return command.output;
  };

  it.each([
    [{ DATA_DIR: '/proc/x' }, /DATA_DIR=\/proc\/x cannot be used: ENOENT.* Set DATA_DIR to a folder that .* may write/],
    [{ DATA_DIR: '/dev/null/x' }, /DATA_DIR=\/dev\/null\/x cannot be used: ENOTDIR/],
    [{ SCRATCH_URL: 'file:///proc/x' }, /SCRATCH_URL=\/proc\/x cannot be used/],
    [{ ARTEFACTS_URL: 'file:///proc/x/y' }, /ARTEFACTS_URL=\/proc\/x\/y cannot be used/],
    [{ SCRATCH_URL: 'file:///tmp/a#b' }, /SCRATCH_URL=file:\/\/\/tmp\/a#.*: must have # as %23/],
    [{ TEMP_DIR: '/proc/x' }, /TEMP_DIR=\/proc\/x cannot be used/],
    [{ API_HOST: '192.0.2.1' }, /API_HOST=192\.0\.2\.1 is no address of this machine/],
    [{ API_HOST: 'a b' }, /API_HOST=a b: must be an IP address or a host name/],
    [{ TEMPORAL_PORT: '21999', TEMPORAL_UI_PORT: '21999' }, /TEMPORAL_PORT and TEMPORAL_UI_PORT are both 21999/],
    [{ API_PORT: '21998', TEMPORAL_PORT: '21998' }, /API_PORT and TEMPORAL_PORT are both 21998/],
  ])('are named, with what to do: %j', async (change: Record<string, string>, message) => {
    expect(await refused(change)).toMatch(message);
  });
});
