import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { openDataFolder } from '../../local/data-folder.ts';
import { progressText } from '../../local/progress-line.ts';
import { saveUnderFreeName, slugOf } from '../../local/video-file.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { Command, processesWith } from '../support/command.ts';
import { RANDOM_MODEL } from '../../tools/harness/model/model-folder.ts';

/** A profile that lets the random model make something small, in many quick steps. */
const PROFILE = {
  id: 'random',
  name: 'random weights',
  sizes: ['64x64'],
  sizeMultiple: 16,
  minWidth: 64,
  minHeight: 64,
  maxPixels: 4096,
  trainedPixels: 4096,
  defaultFrames: 7,
  trainedFrames: 7,
  maxFrames: 7,
  defaultFps: 8,
  fpsChoices: [8],
  minFps: 4,
  maxFps: 30,
  defaultSteps: 400,
  maxSteps: 400,
  defaultGuidance: 4,
  maxPromptTokens: 256,
};

let base: string;
let model: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'kinora-local-'));
  model = join(base, 'model');
  await cp(RANDOM_MODEL, model, { recursive: true });
  await writeFile(join(model, 'profile.json'), JSON.stringify(PROFILE));
});
afterAll(async () => {
  for (const pid of await processesWith(base)) process.kill(pid, 'SIGKILL');
  await rm(base, { recursive: true, force: true });
});

describe('npm run demo', () => {
  async function demo(
    name: string,
    ...prompt: string[]
  ): Promise<{ command: Command; cwd: string; temporary: string }> {
    const cwd = join(base, name, 'cwd');
    const temporary = join(base, name, 'tmp');
    await Promise.all([cwd, temporary].map((folder) => mkdir(folder, { recursive: true })));
    const env = { INIT_CWD: cwd, TMPDIR: temporary, MODEL_DIR: model };
    return { command: new Command('local/demo.js', prompt, env), cwd, temporary };
  }

  it('writes the video into the current folder, says where, and leaves nothing behind', async () => {
    const { command, cwd, temporary } = await demo('whole', 'A Blue square,', 'moving!');
    expect(await command.ended()).toBe(0);
    const [file = ''] = await readdir(cwd);
    expect(file).toMatch(/^a-blue-square-moving-seed-\d+\.mp4$/);
    const head = Buffer.alloc(12);
    const handle = await open(join(cwd, file));
    await handle.read(head, 0, 12);
    await handle.close();
    expect(head.subarray(4).toString('latin1')).toBe('ftypisom');
    expect(command.output).toContain(join(cwd, file));
    expect(command.output).toMatch(/API +http:\/\/127[^]*Temporal UI +http[^]*denoising, step \d+ of 400[^]*100 %/);
    // Said to be gone before anybody looks for it, and what there is to do instead.
    expect(command.output).toMatch(/Until the video is there:\n +API/);
    expect(command.output).toMatch(/The whole took \d+ s[^]*what it kept is deleted. `npm start`[^]*localhost:8080/);
    expect(await readdir(temporary)).toEqual([]);
    expect(await processesWith(temporary)).toEqual([]);
  });

  it('cancels the video at Ctrl-C and leaves nothing behind', async () => {
    const { command, cwd, temporary } = await demo('interrupted');
    await command.said(/denoising/);
    command.kill('SIGINT');
    expect(await command.ended()).toBe(130);
    expect(command.output).toMatch(/Prompt: a red circle moving left on a white background[^]*Cancelling/);
    expect(await readdir(cwd)).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
    expect(await processesWith(temporary)).toEqual([]);
  });
});

describe('npm start', () => {
  let env: Record<string, string>;
  let running: Command;
  beforeAll(async () => {
    const [api, temporal, ui] = await freePorts(3);
    const DATA_DIR = join(base, 'data');
    env = { API_PORT: `${api}`, TEMPORAL_PORT: `${temporal}`, TEMPORAL_UI_PORT: `${ui}`, DATA_DIR, MODEL_DIR: model };
    running = new Command('local/start.js', [], env);
    await running.said(/Kinora is up/);
  });

  const refused = async (change: Record<string, string>) => {
    const command = new Command('local/start.js', [], { ...env, ...change });
    expect(await command.ended()).not.toBe(0);
    expect(command.output).not.toMatch(/\n {4}at /);
    return command.output;
  };

  it('says which port is busy and which setting moves it', async () => {
    expect(await refused({ DATA_DIR: join(base, 'other') })).toContain(
      `Port ${env['API_PORT']} on 127.0.0.1, wanted for the API, is in use. Stop what uses it, or set API_PORT to another port.`,
    );
  });

  it('does not let a second copy spoil its database', async () => {
    const [api, temporal, ui] = await freePorts(3);
    expect(await refused({ API_PORT: `${api}`, TEMPORAL_PORT: `${temporal}`, TEMPORAL_UI_PORT: `${ui}` })).toMatch(
      /data is in use by another copy of the service \(process \d+\).* set DATA_DIR/,
    );
  });

  it.each([
    ['a port', { API_PORT: '80a' }, /API_PORT=80a: must be a port/],
    ['a model', { MODEL_DIR: '/nowhere' }, /MODEL_DIR=\/nowhere is not a model in diffusers' layout/],
  ])('says so of %s that cannot be used', async (_what, change: Record<string, string>, message) => {
    expect(await refused(change)).toMatch(message);
  });

  it('starts a process again that died', async () => {
    const [worker] = await processesWith('dist/activities/worker.js', env['DATA_DIR']!);
    process.kill(worker!, 'SIGKILL');
    await running.said(/cpu-worker ended by itself \(SIGKILL; log: .*cpu-worker.log\). Starting it again in 0\.25 s/);
  });

  it('killed at once, leaves no process behind, and starts again on what it had', async () => {
    running.kill('SIGKILL');
    await running.ended();
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
      const left = await processesWith(env['DATA_DIR']!);
      if (left.length === 0) break;
      if (Date.now() > end) throw new Error(`still there: ${left.join(', ')}`);
    }
    running = new Command('local/start.js', [], env);
    await running.said(/Kinora is up/);
  });

  it('stops everything at SIGTERM', async () => {
    running.kill('SIGTERM');
    expect(await running.ended()).toBe(0);
    expect(running.output).toMatch(/Stopping …\nStopped\.\n$/);
    expect(await processesWith(env['DATA_DIR']!)).toEqual([]);
    expect(await readdir(env['DATA_DIR']!)).not.toContain('lock');
  });
});

describe('the data folder', () => {
  const open = (folder: string) => openDataFolder(folder, () => {});

  it('is refused to a copy that starts in the very moment in which another takes it', async () => {
    const folder = join(base, 'taken');
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => open(folder)));
    const refusals = outcomes.filter(({ status }) => status === 'rejected');
    expect(refusals).toHaveLength(4);
    expect(String((refusals[0] as PromiseRejectedResult).reason)).toMatch(/is in use by another copy of the service/);
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.release();
    await (await open(folder)).release();
  });

  it('is not lost to a killed copy whose number is another process by now', async () => {
    const folder = join(base, 'left');
    await mkdir(folder);
    await writeFile(join(folder, 'lock'), String(process.ppid));
    await (await open(folder)).release();
  });
});

describe('a process of the service', () => {
  it('ends too when the service was killed in the moment that it started it', async () => {
    const watch = new URL('../../local/end-with-parent.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--import', watch, '-e', 'setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });
});

describe('a progress line', () => {
  it.each([
    [{ progress: 0, phase: 'queued', step: null, steps: null, eta_seconds: null }, /^\[-{30}\] {3}0 % {2}queued$/],
    [
      { progress: 50, phase: 'denoising', step: 7, steps: 24, eta_seconds: 12 },
      /^\[#{15}-{15}\] {2}50 % {2}denoising, step 7 of 24, about 12 s left$/,
    ],
    [
      { progress: 2, phase: 'encoding_text', step: 0, steps: 24, eta_seconds: 600 },
      /encoding text, about 10 min left$/,
    ],
  ])('tells phase, step and time left: %j', (video, line) => {
    expect(progressText(video)).toMatch(line);
  });
});

describe('a video file', () => {
  it.each([
    ['a red circle, moving left!', 'a-red-circle-moving-left'],
    ['../../etc/passwd', 'etc-passwd'],
    ['Größe 2 日本', 'größe-2-日本'],
    ['!?', 'video'],
    ['word '.repeat(40), Array(12).fill('word').join('-').slice(0, 60).replace(/-$/, '')],
  ])('is named after its prompt: %j', (prompt, slug) => {
    expect(slugOf(prompt)).toBe(slug);
  });

  it('never takes the place of another, nor stays behind half written', async () => {
    const folder = await mkdtemp(join(base, 'files-'));
    const save = () => saveUnderFreeName(folder, 'clip', (path) => writeFile(path, 'x'));
    expect(await Promise.all([save(), save(), save()])).toHaveLength(3);
    await expect(saveUnderFreeName(folder, 'clip', () => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
    expect((await readdir(folder)).toSorted()).toEqual(['clip-2.mp4', 'clip-3.mp4', 'clip.mp4']);
  });
});
