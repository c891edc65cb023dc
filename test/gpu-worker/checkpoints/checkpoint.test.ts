import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointKeeper } from '../../../gpu-worker/checkpoints/checkpoint-keeper.ts';
import {
  type Checkpoint,
  configHash,
  newestCheckpoint,
  packCheckpoint,
} from '../../../gpu-worker/checkpoints/checkpoint.ts';
import { sealOf } from '../../../gpu-worker/checkpoints/seal.ts';
import { keys } from '../../../storage/keys.ts';
import { Lease } from '../../../storage/lease.ts';
import { LocalStore } from '../../../storage/local.ts';
import type { EncryptionKey } from '../../../temporal/encryption/keys-file.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import type { VideoSpec } from '../../../contract/video-job.ts';

const log = createLogger('test', 'silent');
const spec: VideoSpec = {
  prompt: 'a red circle',
  negativePrompt: '',
  model: 'mochi-tiny',
  width: 96,
  height: 96,
  numFrames: 7,
  fps: 8,
  seed: 7,
  numInferenceSteps: 64,
  guidanceScale: 4.5,
};
const config = configHash(spec, ['weights']);
const latents = Float32Array.of(1, -0, 1e-42, Math.fround(0.1), 3.4e38);

let folder: string;
let store: LocalStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-checkpoint-'));
  store = new LocalStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (step: number): Checkpoint => ({ step, latents, seconds: step * 2 });
const [OURS, THEIRS] = ['ours', 'theirs'].map((id) => ({ id, key: Buffer.alloc(32, id) })) as [
  EncryptionKey,
  EncryptionKey,
];
const seal = sealOf([OURS], 'v');
const save = async (checkpoint: Checkpoint, of = config, by = seal) =>
  store.put(
    keys.checkpoint('v', checkpoint.step),
    await packCheckpoint(checkpoint, spec.seed, { config: of, seal: by }),
  );
const newest = (of = seal) => newestCheckpoint(store, 'v', { config, seal: of }, log);
const stored = async () => {
  const steps = [];
  for await (const { key } of store.list(keys.prefix('v'))) steps.push(Number(/(\d+)\.safetensors$/.exec(key)?.[1]));
  return steps;
};

describe('resuming', () => {
  it('gives back every bit of the newest latents, and what they have cost', async () => {
    await save(at(9));
    await save(at(10));
    const found = await newest();
    expect(found).toEqual({ step: 10, latents, seconds: 20 });
    expect(Buffer.from(found!.latents.buffer)).toEqual(Buffer.from(latents.buffer));
  });

  it('starts afresh where there is no checkpoint', async () => {
    expect(await newest()).toBeNull();
  });

  it('goes back to the one before where the newest is damaged or cut short', async () => {
    await save(at(8));
    for (const [step, spoil] of [
      [9, (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
      [10, (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)])],
      [11, () => Buffer.from('x')],
      [12, () => Buffer.alloc(0)],
    ] as const) {
      const bytes = Buffer.from(await packCheckpoint(at(step), spec.seed, { config, seal }));
      await store.put(keys.checkpoint('v', step), spoil(bytes));
    }
    expect((await newest())?.step).toBe(8);
  });

  it('never goes on with the latents of another model, seed or prompt', async () => {
    for (const other of [
      configHash(spec, ['other weights']),
      configHash({ ...spec, guidanceStop: 0.8 }, ['weights']),
      configHash({ ...spec, seed: 8 }, ['weights']),
      configHash({ ...spec, prompt: 'a blue square' }, ['weights']),
    ]) {
      expect(other).not.toBe(config);
      await save(at(10), other);
      expect(await newest()).toBeNull();
    }
  });

  it('never believes what was written without the key, or what was written for another video', async () => {
    await save(at(8));
    await save(at(9), config, sealOf([], 'v'));
    await save(at(10), config, sealOf([THEIRS], 'v'));
    await save(at(11), config, sealOf([OURS], 'another video'));
    expect((await newest())?.step).toBe(8);
    // Ours, but with other numbers and their checksum.
    const forged = Buffer.from(
      await packCheckpoint({ ...at(12), latents: latents.map((x) => -x) }, 7, { config, seal }),
    );
    const signature = /"signature":"[^"]+"/;
    const good = Buffer.from(await packCheckpoint(at(12), 7, { config, seal })).toString('latin1');
    const text = forged.toString('latin1').replace(signature, signature.exec(good)![0]);
    await store.put(keys.checkpoint('v', 12), Buffer.from(text, 'latin1'));
    expect((await newest())?.step).toBe(8);
  });

  it('goes on with what was signed before a rotation of the keys, and without keys with everything', async () => {
    await save(at(8), config, sealOf([THEIRS], 'v'));
    expect((await newest(sealOf([OURS, THEIRS], 'v')))?.step).toBe(8);
    await save(at(9), config, sealOf([], 'v'));
    expect((await newest(sealOf([], 'v')))?.step).toBe(9);
  });

  it('knows a job again however its settings are ordered', () => {
    const shuffled = Object.fromEntries(Object.entries(spec).toReversed()) as unknown as VideoSpec;
    expect(configHash(shuffled, ['weights'])).toBe(config);
  });
});

describe('keeping checkpoints', () => {
  const keeper = (options: Partial<ConstructorParameters<typeof CheckpointKeeper>[0]> = {}) => {
    const told: number[] = [];
    const kept = new CheckpointKeeper({
      store,
      videoId: 'v',
      seed: 7,
      of: { config, seal },
      everySeconds: 30,
      resumed: null,
      lease: new Lease(),
      log,
      onStored: (_, step) => told.push(step),
      ...options,
    });
    return { kept, told };
  };
  /** Offers steps of 2 s; after one of `due` it waits until `settled` says that it was dealt with. */
  const offer = async (kept: CheckpointKeeper, to: number, due: number[], settled: (step: number) => boolean) => {
    for (let step = 1; step <= to; step++) {
      kept.offer(at(step), 2, step === 64);
      while (due.includes(step) && !settled(step)) await sleep(5);
    }
  };

  it('stores one about every thirty seconds of work and the final one, and keeps the last two', async () => {
    const { kept, told } = keeper();
    const due = [15, 30, 45, 60, 64];
    await offer(kept, 64, due, (step) => told.includes(step));
    await kept.close();
    expect(told).toEqual(due);
    expect(await stored()).toEqual([60, 64]);
  });

  it('goes on without a checkpoint while the store fails, and stores the next', async () => {
    let puts = 0;
    const failing = Object.create(store, {
      put: {
        value: async (...args: Parameters<LocalStore['put']>) => {
          if (++puts <= 2) throw new Error('no space left');
          return store.put(...args);
        },
      },
    }) as LocalStore;
    const { kept, told } = keeper({ store: failing, everySteps: 2 });
    await offer(kept, 6, [2, 4, 6], (step) => (step === 6 ? told.includes(6) : puts === step / 2));
    await kept.close();
    expect(told).toEqual([6]);
  });

  it('stores the very last step at a shutdown, though it was not due, and nothing after it', async () => {
    const { kept, told } = keeper();
    kept.offer(at(3), 2, false);
    await kept.flush(AbortSignal.timeout(5_000));
    kept.offer(at(64), 2, true);
    await kept.close();
    expect(told).toEqual([3]);
    expect(await newest()).toMatchObject({ step: 3 });
  });
});
