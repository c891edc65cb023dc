import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/needs/with-needs.ts';
import { chaos } from '../../tools/chaos/chaos.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-chaos-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describeWith('s3')('a quarter of a minute of chaos', () => {
  it('loses no video, makes none twice, changes no frame and leaves nothing behind', async () => {
    const { TMPDIR } = process.env;
    const outcome = await chaos({
      minutes: 0.25,
      seed: 7,
      jobs: 4,
      gap: 2.5,
      only: /^(kill (gpu|cpu|inf|api|s3)|cut|s3 (500|flipped|truncated))/,
      folder,
      say: () => {},
      stop: new AbortController().signal,
    });
    const { faults, jobs, verdict } = outcome;
    process.stdout.write(`${jobs.length} videos through: ${faults.map(({ kind }) => kind).join(', ')}\n`);
    expect(faults.length).toBeGreaterThan(3);
    expect(jobs.length).toBeGreaterThanOrEqual(4);
    expect(verdict).toEqual({ lost: [], doubled: [], wrong: [], leaked: [] });
    // Else what runs in this process afterwards looks for a folder that is gone.
    expect(process.env['TMPDIR']).toBe(TMPDIR);
  });
});
