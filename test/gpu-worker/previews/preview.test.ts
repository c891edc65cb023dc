import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import { type DenoisingProgress, type GenerateProgress, Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import { latentPicture } from '../../../gpu-worker/previews/latent-picture.ts';
import { PreviewKeeper, type PreviewKeeperOptions } from '../../../gpu-worker/previews/preview-keeper.ts';
import { keys } from '../../../storage/keys.ts';
import { Lease } from '../../../storage/lease.ts';
import { LocalStore } from '../../../storage/local.ts';
import { commentOf } from '../../../media/jpeg-comment.ts';
import { readVideo } from '../../../media/video-reader.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import type { ObjectInfo } from '../../../storage/object-store.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import type { LatentRgb } from '../../../contract/model-profile.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';

const SIZE = 96;
const FRAMES = 13;
const STEPS = 12;

let folder: string;
let latentRgb: LatentRgb;
const steps: DenoisingProgress[] = [];
const chunks: Uint8Array[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-preview-'));
  latentRgb = (await loadProfile(MOCHI_TINY)).latentRgb!;
  const model = await Mochi.load(MOCHI_TINY, { devices: ['cpu'] });
  const frames = model.generate({
    prompt: 'a yellow square moving right on a navy background',
    seed: 3,
    width: SIZE,
    height: SIZE,
    numFrames: FRAMES,
    numInferenceSteps: STEPS,
    guidanceScale: 3,
    onProgress: (progress: GenerateProgress) => {
      if (progress.phase === 'denoising') steps.push(progress);
    },
  });
  for await (const { data } of frames) chunks.push(data);
  await model.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Mean colours of 8x8 pixels of the frames that the middle latent frame stands for, `[12, 12, 3]`. */
function finished(): Float64Array {
  const rgb = Buffer.concat(chunks);
  const side = SIZE / 8;
  const means = new Float64Array(side * side * 3);
  for (let frame = 1; frame <= 6; frame++) {
    for (let i = 0; i < SIZE * SIZE * 3; i++) {
      const [y, x, k] = [Math.floor(i / 3 / SIZE), Math.floor(i / 3) % SIZE, i % 3];
      means[((y >> 3) * side + (x >> 3)) * 3 + k]! += rgb[frame * SIZE * SIZE * 3 + i]! / 384;
    }
  }
  return means;
}

/** Mean difference of a step's picture from the finished one, in levels of 255. */
function distance(step: DenoisingProgress, target: Float64Array): number {
  const { data } = latentPicture(step, latentRgb);
  return data.reduce((sum, value, i) => sum + Math.abs(value - target[i]!), 0) / data.length;
}

describe('a preview', () => {
  it('shows what the finished video shows, long before it is finished', () => {
    const target = finished();
    const distances = steps.map((step) => distance(step, target));
    const noisy = steps.map((step) => distance({ ...step, noise: 0 }, target));
    process.stdout.write(`difference from the finished frames: ${distances.map((d) => d.toFixed(1)).join(', ')}\n`);
    expect(distances.at(-1)).toBeLessThan(5);
    const half = STEPS / 2 - 1;
    expect(distances[half]).toBeLessThan(25);
    // The latents themselves are mostly noise at that time.
    expect(distances[half]).toBeLessThan(noisy[half]! / 3);
  });

  it('is a small JPEG that says which step it shows', async () => {
    const store = new LocalStore(join(folder, 'jpeg'));
    const told = await new Promise<number>((resolve) => {
      keeper({ store, onStored: resolve }).offer(steps[4]!);
    });
    expect(told).toBe(5);
    const { info, body } = await store.get(keys.preview('video_1'));
    expect(info).toMatchObject({ contentType: 'image/jpeg' });
    const jpeg = await buffer(body);
    expect(jpeg.length).toBeLessThan(20_000);
    expect(commentOf(jpeg)).toBe('step 5');
    const path = join(folder, 'preview.jpg');
    await store.getToFile(info.key, path);
    const size = await readVideo(path, async ({ stream: { codecpar } }) => [codecpar.width, codecpar.height]);
    expect(size).toEqual([256, 256]);
  });
});

/** A store that answers only when it is told to, or fails. */
class SlowStore extends LocalStore {
  puts = 0;
  answer: Promise<void> = Promise.resolve();
  onDelete: (key: string) => void = () => {};

  override async put(key: string, body: Uint8Array): Promise<ObjectInfo> {
    this.puts++;
    await this.answer;
    // Whatever is aborted meanwhile: a server that has the bytes keeps them.
    return await super.put(key, body);
  }

  override async delete(key: string): Promise<void> {
    await super.delete(key);
    this.onDelete(key);
  }
}

const keeper = (options: Partial<PreviewKeeperOptions> & Pick<PreviewKeeperOptions, 'store'>) =>
  new PreviewKeeper({
    videoId: 'video_1',
    latentRgb,
    everySeconds: 0.3,
    onStored: () => {},
    lease: new Lease(),
    log: createLogger('test', 'silent'),
    ...options,
  });

describe('previews never hold up or fail a job', () => {
  it('made of a few steps of a fast model only, the first at once', async () => {
    const stored: number[] = [];
    const store = new SlowStore(join(folder, 'fast'));
    const fast = keeper({ store, onStored: (step) => stored.push(step) });
    const until = performance.now() + 1000;
    for (let step = 1; performance.now() < until; step++) {
      fast.offer({ ...steps[0]!, step });
      await sleep(10);
    }
    await fast.close();
    expect(stored[0]).toBe(1);
    expect(store.puts).toBeGreaterThan(1);
    expect(store.puts).toBeLessThanOrEqual(4);
  });

  it('given up where the store fails, and made again when it works', async () => {
    const store = new SlowStore(join(folder, 'failing'));
    store.answer = Promise.reject(new Error('disk full'));
    store.answer.catch(() => {});
    const stored: number[] = [];
    const failing = keeper({ store, everySeconds: 0.01, onStored: (step) => stored.push(step) });
    failing.offer(steps[0]!);
    // A picture of latents that are not even there.
    failing.offer({ ...steps[1]!, latents: undefined as unknown as Float32Array });
    await sleep(300);
    failing.offer({ ...steps[1]!, latents: undefined as unknown as Float32Array });
    await sleep(100);
    expect(stored).toEqual([]);
    store.answer = Promise.resolve();
    // One that is still in the making keeps the next out.
    for (const end = Date.now() + PATIENCE_MS; stored.length === 0 && Date.now() < end; await sleep(20))
      failing.offer(steps[2]!);
    expect(new Set(stored)).toEqual(new Set([3]));
    await failing.close();
  });

  it('left behind where the store does not answer at the end of the job, and deleted where it lands later', async () => {
    const store = new SlowStore(join(folder, 'hanging'));
    let answer = () => {};
    store.answer = new Promise((resolve) => (answer = resolve));
    const stored: number[] = [];
    const lease = new Lease();
    const hanging = keeper({ store, lease, onStored: (step) => stored.push(step) });
    hanging.offer(steps[0]!);
    await sleep(350);
    hanging.offer(steps[1]!);
    // The store answers only after that.
    await hanging.close();
    lease.release();
    expect([stored, store.puts]).toEqual([[], 1]);
    // The video may be published by now, and its scratch files deleted.
    const deleted = new Promise<string>((resolve) => (store.onDelete = resolve));
    answer();
    expect(await deleted).toBe(keys.preview('video_1'));
    expect([stored, await store.head(keys.preview('video_1'))]).toEqual([[], null]);
  });

  it('not made where they are turned off, or the model has no colours for them', async () => {
    const store = new SlowStore(join(folder, 'off'));
    keeper({ store, everySeconds: 0 }).offer(steps[0]!);
    keeper({ store, latentRgb: undefined }).offer(steps[0]!);
    await sleep(200);
    expect(store.puts).toBe(0);
  });
});
