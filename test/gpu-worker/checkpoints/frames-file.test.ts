import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finishedFrames, recordFrames, storeFrames } from '../../../gpu-worker/checkpoints/frames-file.ts';
import type { FrameChunk } from '../../../gpu-worker/families/mochi/index.ts';
import { sealOf } from '../../../gpu-worker/checkpoints/seal.ts';
import { keys } from '../../../storage/keys.ts';
import { Lease } from '../../../storage/lease.ts';
import { LocalStore } from '../../../storage/local.ts';
import { forEachLosslessFrame } from '../../../media/lossless-reader.ts';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import type { GenerateResult } from '../../../contract/results.ts';

/** 30x20 is generated as 32x32. */
const input = { videoId: 'v', spec: { width: 30, height: 20, numFrames: 5, fps: 8 } } as GenerateVideoInput;
const signal = new AbortController().signal;
const KEY = { id: 'a', key: Buffer.alloc(32, 1) };
const seal = sealOf([KEY], 'v');
const lease = new Lease();

let folder: string;
let store: LocalStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-frames-'));
  store = new LocalStore(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const chunk = (first: number, frames: number): FrameChunk => ({
  first,
  frames,
  width: 32,
  height: 32,
  data: Uint8Array.from({ length: frames * 32 * 32 * 3 }, (_, i) => (i * 7 + first) % 251),
});
async function* clip(): AsyncGenerator<FrameChunk, void, void> {
  yield chunk(0, 1);
  expect(await store.head(keys.frames('v'))).toBeNull();
  yield chunk(1, 6);
}

describe('the file of lossless frames', () => {
  it('holds every frame as it was decoded, and is not to be seen before it is whole', async () => {
    const { sha256, frames, etag } = await storeFrames(store, input, clip(), signal);
    expect(frames).toBe(7);
    expect((await store.head(keys.frames('v')))?.etag).toBe(etag);
    const file = join(folder, 'frames.mkv');
    await store.getToFile(keys.frames('v'), file);
    expect(await forEachLosslessFrame(file, () => {})).toMatchObject({ width: 32, height: 32, frames: 7, sha256 });
  });

  it('leaves nothing behind where the device is lost halfway', async () => {
    const failing = async function* () {
      yield chunk(0, 1);
      throw new Error('device lost');
    };
    await expect(storeFrames(store, input, failing(), signal)).rejects.toThrow('device lost');
    expect(await store.head(keys.frames('v'))).toBeNull();
  });

  it('says why the store did not take it', async () => {
    const full = Object.create(store, {
      put: { value: () => Promise.reject(new Error('no space left')) },
    }) as LocalStore;
    await expect(storeFrames(full, input, clip(), signal)).rejects.toThrow('no space left');
  });

  it('is not made a second time after a crash between finishing and reporting, if a worker with our key says so', async () => {
    expect(await finishedFrames(store, 'v', 'config', seal)).toBeNull();
    const { etag, sha256 } = await storeFrames(store, input, clip(), signal);
    const result = { framesKey: keys.frames('v'), framesSha256: sha256, numFrames: 7 } as GenerateResult;
    await recordFrames(store, 'v', { config: 'config', etag, result }, { seal, lease });
    expect(await finishedFrames(store, 'v', 'config', seal)).toEqual(result);
    expect(await finishedFrames(store, 'v', 'another model', seal)).toBeNull();
    expect(await finishedFrames(store, 'v', 'config', sealOf([{ id: 'b', key: Buffer.alloc(32, 2) }], 'v'))).toBeNull();
    await recordFrames(store, 'v', { config: 'config', etag, result }, { seal: sealOf([KEY], 'another video'), lease });
    expect(await finishedFrames(store, 'v', 'config', seal)).toBeNull();
    await recordFrames(store, 'v', { config: 'config', etag, result }, { seal: sealOf([], 'v'), lease });
    expect(await finishedFrames(store, 'v', 'config', seal)).toBeNull();
    await recordFrames(store, 'v', { config: 'config', etag, result }, { seal, lease });
    await store.put(keys.frames('v'), Buffer.from('something else'));
    expect(await finishedFrames(store, 'v', 'config', seal)).toBeNull();
  });
});
