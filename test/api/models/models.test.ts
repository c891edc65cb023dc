import { describe, expect, it } from 'vitest';
import { specOf } from '../../../api/spec/spec.ts';
import { modelSchema, type Model } from '../../../api/models/schema.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { MOCHI_1_PROFILE } from '../../../contract/model-profile.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { startTestApi } from '../../support/services/api.ts';

describe('a client that offers what /v1/models says', () => {
  it.each(['mochi-1-preview', 'mochi-tiny'])('offers nothing that %s refuses or makes shorter', async (id) => {
    const profile = id === 'mochi-tiny' ? await loadProfile(MOCHI_TINY) : MOCHI_1_PROFILE;
    const api = await startTestApi({ profile });
    const model = (await fetch(`${api.url}/v1/models/${id}`).then((response) => response.json())) as Model;
    await api.stop();
    expect(modelSchema.parse(model)).toEqual(model);
    expect(model.example_prompts).toHaveLength(5);
    expect(model.lengths.map(({ num_frames }) => num_frames)).toContain(model.default_frames);

    for (const size of model.sizes) {
      for (const { num_frames, fps, seconds, trained } of model.lengths) {
        const asked = { prompt: 'a red circle', size, num_frames, fps };
        const { spec, warnings } = specOf(asked, { profile, aliases: [], drawSeed: () => 1 });
        expect(spec).toMatchObject({ numFrames: num_frames, fps });
        expect(warnings.some((warning) => warning.startsWith('longer'))).toBe(!trained);
        // Asked for in seconds, as "again" does, it is the same clip.
        const again = specOf(
          { prompt: 'a red circle', size, seconds: Number(seconds), fps },
          { profile, aliases: [], drawSeed: () => 1 },
        );
        expect(again.spec).toEqual(spec);
      }
    }
  });
});
