import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rollout } from '../../tools/rollout/rollout.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-rollout-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a new version that is rolled out while six videos are made', () => {
  it('costs no video, no step and no pixel, and the old version ends when its own jobs have', async () => {
    const figures = await rollout({ folder, jobs: 6, long: 1, workers: 1, versioned: true, say: () => {} });
    expect(figures).toMatchObject({ completed: figures.jobs, faults: [], handedOver: 1, redone: 0 });
    expect(figures.byNewGpusAlone).toBeGreaterThan(0);
  });
});
