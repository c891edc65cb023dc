import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { CANCEL_SIGNAL } from '../../contract/names.ts';
import { WholeService } from '../../tools/harness/services/whole-service.ts';

const REQUEST = {
  prompt: 'a green circle moving up on a black background',
  // Seconds of denoising, of which the looks at it do not miss any on a quick machine.
  size: '128x128',
  num_frames: 13,
  num_inference_steps: 80,
  seed: 5,
};

let kinora: WholeService;
/** SHA-256 of the MP4 of an undisturbed run. */
let undisturbed: string;

beforeAll(async () => {
  kinora = await WholeService.start({ CHECKPOINT_STEPS: '5', LOG_LEVEL: 'debug' });
  const { id } = await kinora.create(REQUEST);
  await kinora.completed(id);
  undisturbed = await kinora.checksum(id);
});

afterAll(() => kinora?.stop(), 60_000);

/** Starts the same video again and waits until it is at work on the device, some steps in. */
async function midway(fields: object = {}): Promise<string> {
  const { id } = await kinora.create({ ...REQUEST, ...fields });
  await kinora.until(id, ({ phase, progress }) => phase === 'denoising' && progress > 20);
  return id;
}

describe('nothing is lost and the file is the same, byte by byte, after a kill of', () => {
  it.each(['gpu-worker', 'api', 'temporal'] as const)('the %s in the middle of the denoising', async (name) => {
    const id = await midway();
    kinora.kill(name);
    await kinora.completed(id);
    expect(await kinora.checksum(id)).toBe(undisturbed);
    const starts = (await kinora.log('gpu-worker', id)).filter(({ msg }) => msg === 'Generating');
    const steps = starts.map((line) => String(line['resumedFromStep'])).join(', ');
    process.stdout.write(`${name} killed: generate began at steps ${steps}\n`);
    if (name === 'gpu-worker') expect(starts.at(-1)!['resumedFromStep']).toBeGreaterThan(0);
  });

  it('the gpu-worker in the middle of a group, of which each video is that of its seed', async () => {
    const { group } = await kinora.create({ ...REQUEST, n: 2, seed: REQUEST.seed - 1 });
    await Promise.any(group!.map((id) => kinora.until(id, ({ phase }) => phase === 'denoising')));
    kinora.kill('gpu-worker');
    await Promise.all(group!.map((id) => kinora.completed(id)));
    expect(await kinora.checksum(group![1]!)).toBe(undisturbed);
    expect(await kinora.checksum(group![0]!)).not.toBe(undisturbed);
  });

  it('the CPU worker while it encodes or uploads', async () => {
    const { id } = await kinora.create(REQUEST);
    await kinora.until(id, ({ phase }) => phase !== 'denoising' && phase !== 'queued' && phase !== 'decoding');
    await kinora.until(
      id,
      ({ phase, status }) => ['encoding', 'uploading'].includes(phase ?? '') || status === 'completed',
    );
    kinora.kill('cpu-worker');
    await kinora.completed(id);
    expect(await kinora.checksum(id)).toBe(undisturbed);
  });
});

describe('a video that is being made', () => {
  it('can be looked at, until its files are there', async () => {
    const id = await midway();
    const preview = () => fetch(`${kinora.service.apiUrl}/v1/videos/${id}/preview`);
    await kinora.until(id, ({ preview_step }) => preview_step !== null);
    const response = await preview();
    expect(response.status).toBe(200);
    const jpeg = Buffer.from(await response.arrayBuffer());
    expect([response.headers.get('content-type'), jpeg.readUInt16BE(0)]).toEqual(['image/jpeg', 0xffd8]);
    const step = Number(response.headers.get('x-preview-step'));
    expect(step).toBeGreaterThan(0);
    await kinora.completed(id);
    expect(await kinora.checksum(id)).toBe(undisturbed);
    expect((await preview()).status).toBe(404);
    expect(await kinora.scratchFiles(id)).toEqual([]);

    // Not one for each of its short steps.
    const log = await kinora.log('gpu-worker', id);
    const [first, last] = [log.find(({ msg }) => msg === 'Step')!, log.findLast(({ msg }) => msg === 'Step')!];
    const made = log.filter(({ msg }) => msg === 'Preview stored').length;
    process.stdout.write(`${made} previews in ${last.time - first.time} ms\n`);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThanOrEqual(1 + Math.ceil((last.time - first.time) / 1000));
  });
});

describe('a cancelled video', () => {
  const signalByCli = async (id: string) => {
    const cli = await findTemporalCli();
    const address = ['--address', kinora.temporalAddress];
    await promisify(execFile)(cli, ['workflow', 'signal', '--name', CANCEL_SIGNAL, '-w', id, ...address]);
  };

  it.each([
    ['POST /cancel', (id: string) => kinora.cancel(id)],
    ['temporal workflow signal', signalByCli],
  ] as const)('by %s frees the worker within one step', async (how, cancel) => {
    // Steps long enough to tell one from two.
    const id = await midway({ size: '128x128', num_frames: 37, num_inference_steps: 60 });
    const asked = Date.now();
    await cancel(id);
    const sent = Date.now();
    const video = await kinora.until(id, ({ status }) => status === 'failed');
    expect(video.error?.code).toBe('cancelled');

    const log = await kinora.log('gpu-worker', id);
    const steps = log.filter(({ msg }) => msg === 'Step');
    const stepMs = 1000 * Math.max(...steps.slice(-8).map(({ seconds }) => Number(seconds)));
    const heard = log.find(({ msg }) => msg === 'Stopping after the running step')!.time;
    const stopped = log.find(({ msg }) => msg === 'Stopped')!.time;
    const after = steps.filter(({ time }) => time > heard).length;
    process.stdout.write(
      `cancel by ${how}: sent in ${sent - asked} ms, heard of ${heard - sent} ms later, device free after ` +
        `${stopped - heard} ms more, ${after} steps of ${Math.round(stepMs)} ms done in between\n`,
    );
    expect(after).toBeLessThanOrEqual(1);
    await sleep(1_000);
    expect((await kinora.log('gpu-worker', id)).filter(({ msg }) => msg === 'Step')).toHaveLength(steps.length);
  });
});
