import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProfile } from '../../platform/model/model-profile.ts';
import { MOCHI_1_PROFILE } from '../../contract/model-profile.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-profile-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe('the profile of a model folder', () => {
  it('is that of Mochi 1 where the folder has none, as the published one', async () => {
    expect(await loadProfile(folder)).toEqual(MOCHI_1_PROFILE);
  });

  it('is read from the model that ships', async () => {
    const shipped = fileURLToPath(new URL('../../../gpu-worker/models/mochi-tiny', import.meta.url));
    expect(await loadProfile(shipped)).toMatchObject({ id: 'mochi-tiny', maxPromptTokens: 256 });
  });

  it('is not guessed where the folder does not exist', async () => {
    await expect(loadProfile(join(folder, 'missing'))).rejects.toThrow(/ENOENT.*missing/);
  });

  it('names the file and the field that is wrong', async () => {
    await writeFile(join(folder, 'profile.json'), JSON.stringify({ ...MOCHI_1_PROFILE, defaultFrames: 24 }));
    await expect(loadProfile(folder)).rejects.toThrow(
      /profile\.json is not a model profile:[^]*6k \+ 1[^]*defaultFrames/,
    );
    await writeFile(join(folder, 'profile.json'), '{');
    await expect(loadProfile(folder)).rejects.toThrow(/profile\.json is not valid JSON/);
  });
});
