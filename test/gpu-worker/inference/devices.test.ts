import { fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DeviceLostError, Mochi, type PassTiming } from '../../../gpu-worker/families/mochi/index.ts';
import { isAlive } from '../../../platform/process/process-alive.ts';
import { RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';
import { INFERENCE_ENTRY } from '../../../gpu-worker/families/mochi/mochi.ts';

const params = {
  prompt: 'A red fox runs over the snowy field.',
  width: 96,
  height: 64,
  numFrames: 13,
  numInferenceSteps: 6,
  seed: 11,
};
const tiling = {
  tileSampleMinHeight: 96,
  tileSampleMinWidth: 96,
  tileSampleStrideHeight: 64,
  tileSampleStrideWidth: 64,
};

async function render(model: Mochi, more: object = {}): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of model.generate({ ...params, ...more })) hash.update(chunk.data);
  return hash.digest('hex');
}

async function renderOn(devices: string[], more: object): Promise<string> {
  const model = await Mochi.load(RANDOM_MODEL, { devices, tiling });
  try {
    return await render(model, more);
  } finally {
    await model.close();
  }
}

describe('a pair of devices', () => {
  it('makes the same video, bit by bit, as one device, and runs the two passes of a step at the same time', async () => {
    // Large enough for a pass to take longer than a busy machine needs to give both processes their turn.
    const large = { width: 160, height: 128, numFrames: 25, numInferenceSteps: 4 };
    const passes: PassTiming[] = [];
    const onPass = (pass: PassTiming) => passes.push(pass);
    const alone = await renderOn(['cpu'], large);
    const together = await renderOn(['cpu', 'cpu'], { ...large, onPass });

    expect(together).toBe(alone);
    expect(passes).toHaveLength(2 * large.numInferenceSteps);
    const cond = passes.filter(({ what }) => what === 'cond');
    const uncond = passes.filter(({ what }) => what === 'uncond');
    expect(new Set(cond.map(({ device }) => device))).toEqual(new Set(['0:cpu']));
    expect(new Set(uncond.map(({ device }) => device))).toEqual(new Set(['1:cpu']));
    const overlapping = cond.filter((a, i) => a.startedAt < uncond[i]!.endedAt && uncond[i]!.startedAt < a.endedAt);
    process.stdout.write(`passes that overlapped in time: ${overlapping.length} of ${cond.length}\n`);
    // None, were they made in turn; how many depends on what else the machine does.
    expect(overlapping.length).toBeGreaterThan(0);
  });

  it('is refused with a third device, which would stand idle', async () => {
    await expect(Mochi.load(RANDOM_MODEL, { devices: ['cpu', 'cpu', 'cpu'] })).rejects.toThrow(
      /devices: give one, or two/,
    );
  });
});

describe('a worker that is killed', () => {
  it('takes its inference process with it in the middle of a run, so that the device is free for the next', async () => {
    const program = fileURLToPath(new URL('../../support/model/long-decode.js', import.meta.url));
    const atWork = async () => {
      const parent = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
      return { parent, lines, pid: Number((await lines.next()).value) };
    };
    const [orphan, undisturbed] = await Promise.all([atWork(), atWork()]);
    await sleep(1_500); // they are deep in a run by now
    let ranToItsEnd = false;
    void undisturbed.lines.next().then(() => (ranToItsEnd = true));
    expect(isAlive(orphan.pid)).toBe(true);
    orphan.parent.kill('SIGKILL');
    while (isAlive(orphan.pid)) await sleep(100);
    // sooner than the run would have ended
    expect(ranToItsEnd).toBe(false);
    undisturbed.parent.kill('SIGKILL');
  });

  it('in the moment that it starts an inference process leaves none behind', async () => {
    const { pid: gone } = spawn(process.execPath, ['--version']);
    // Its own parent is this process by the time that it checks, as it is the system's first where the worker has died.
    const child = fork(fileURLToPath(INFERENCE_ENTRY), [String(gone)], { execArgv: [] });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });
});

describe('a generation', () => {
  it('skips the unconditional pass at guidance 1, which halves its cost', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    const passes: PassTiming[] = [];
    try {
      await render(model, { guidanceScale: 1, onPass: (pass: PassTiming) => passes.push(pass) });
    } finally {
      await model.close();
    }
    expect(passes.map(({ what }) => what)).toEqual(Array.from({ length: params.numInferenceSteps }, () => 'cond'));
  });

  it('is guided on the asked part of its steps alone, resumed in the middle of them too', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    const interval = { guidanceStart: 0.2, guidanceStop: 0.7 };
    const passes: string[] = [];
    let saved: Float32Array | undefined;
    try {
      const whole = await render(model, {
        ...interval,
        onPass: ({ what }: PassTiming) => passes.push(what),
        onProgress: (progress: { phase: string; step?: number; latents?: Float32Array }) => {
          if (progress.step === 3) saved = progress.latents;
        },
      });
      // Of six steps diffusers' guiders would guide the second to the fourth.
      const guided = ['cond', 'uncond'];
      expect(passes).toEqual(['cond', ...guided, ...guided, ...guided, 'cond', 'cond']);
      expect(await render(model, { ...interval, latents: saved, startStep: 3 })).toBe(whole);
      expect(await render(model, { guidanceStart: 0, guidanceStop: 1 })).toBe(await render(model));
      await expect(render(model, { guidanceStart: 0.5, guidanceStop: 0.5 })).rejects.toThrow(
        /guidanceStop is 0.5: give/,
      );
    } finally {
      await model.close();
    }
  });

  it('goes on from saved latents to the very same video', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    try {
      let saved: Float32Array | undefined;
      const whole = await render(model, {
        onProgress: (progress: { phase: string; step?: number; latents?: Float32Array }) => {
          if (progress.step === 4) saved = progress.latents;
        },
      });
      expect(await render(model, { latents: saved, startStep: 4 })).toBe(whole);
      expect(await render(model, { seed: 12 })).not.toBe(whole);
    } finally {
      await model.close();
    }
  });

  it('stops between two steps when it is aborted', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    const abort = new AbortController();
    let steps = 0;
    try {
      const run = render(model, {
        signal: abort.signal,
        onProgress: ({ phase }: { phase: string }) => {
          if (phase === 'denoising' && ++steps === 2) abort.abort(new Error('stop now'));
        },
      });
      await expect(run).rejects.toThrow('stop now');
      expect(steps).toBe(2);
      expect(model.healthy).toBe(true);
    } finally {
      await model.close();
    }
  });

  it('fails at once when its process is killed, and works again after a restart', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    try {
      const run = render(model, {
        onProgress: ({ phase }: { phase: string }) => {
          if (phase === 'denoising') process.kill(model.devices.pids[0]!, 'SIGKILL');
        },
      });
      await expect(run).rejects.toThrow(DeviceLostError);
      expect(model.healthy).toBe(false);
      await model.restart();
      expect(await render(model)).toMatch(/^[0-9a-f]{64}$/);
    } finally {
      await model.close();
    }
  });

  it('names the parameter that the model cannot honour', async () => {
    const model = await Mochi.load(RANDOM_MODEL);
    try {
      await expect(render(model, { width: 100 })).rejects.toThrow('width is 100: give a multiple of 16');
      await expect(render(model, { numFrames: 12 })).rejects.toThrow('numFrames is 12: give 6k + 1');
      await expect(render(model, { numInferenceSteps: 1 })).rejects.toThrow('numInferenceSteps is 1: give 2 or more');
      await expect(render(model, { seed: -1 })).rejects.toThrow(/seed is -1/);
    } finally {
      await model.close();
    }
  });
});
