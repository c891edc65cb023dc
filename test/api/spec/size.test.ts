import { describe, expect, it } from 'vitest';
import type { ApiError } from '../../../api/errors/errors.ts';
import { resolveSize, type SizeRequest } from '../../../api/spec/shape.ts';
import { type ModelProfile, MOCHI_1_PROFILE as MOCHI } from '../../../contract/model-profile.ts';

const SMALL: ModelProfile = {
  ...MOCHI,
  id: 'small',
  sizes: ['192x128', '128x192'],
  minWidth: 64,
  minHeight: 64,
  maxPixels: 256 * 192,
  trainedPixels: 192 * 128,
};

const refusal = (request: SizeRequest, profile: ModelProfile): ApiError => {
  try {
    resolveSize(request, profile);
  } catch (error) {
    return error as ApiError;
  }
  throw new Error(`${JSON.stringify(request)} was not refused`);
};

describe('the size of a video', () => {
  it.each([
    [{}, 848, 480],
    [{ size: '848x480' }, 848, 480],
    [{ size: '480x848' }, 480, 848],
    [{ size: '640X480' }, 640, 480],
    [{ size: '480p' }, 848, 480],
    [{ size: '720p' }, 1280, 720],
    [{ size: '1080p' }, 1920, 1080],
    [{ size: '1080x1920' }, 1080, 1920],
    [{ width: 512, height: 512 }, 512, 512],
    [{ size: '720p', width: 1280, height: 720 }, 1280, 720],
  ])('of %j is %ix%i', (request, width, height) => {
    expect(resolveSize(request, MOCHI)).toMatchObject({ width, height });
  });

  it('warns above the size that the model was trained on, and only there', () => {
    expect(resolveSize({ size: '480x848' }, MOCHI).warnings).toEqual([]);
    expect(resolveSize({ size: '1080p' }, MOCHI).warnings).toEqual([
      'larger than the 848x480 pixels the model was trained on',
    ]);
  });

  it.each([
    [{ size: '850x480' }, MOCHI, 'size', /multiples of 16\. The nearest is 848x480/],
    [{ width: 640, height: 500 }, MOCHI, 'height', /nearest is 640x496/],
    [{ size: '1080p' }, SMALL, 'size', /1920x1080 is 2073600 pixels, too many for small\. It makes 192x128, 128x192/],
    [{ size: '3840x2160' }, MOCHI, 'size', /too many/],
    [{ size: '32x32' }, MOCHI, 'size', /too small.*from 256x256/],
    [{ size: '848x480', width: 640 }, MOCHI, 'width', /disagrees with size 848x480/],
    [{ size: '848x480', width: 848, height: 512 }, MOCHI, 'height', /disagrees/],
    [{ width: 848 }, MOCHI, 'height', /give both/],
    [{ height: 480 }, MOCHI, 'width', /give both/],
  ])('refuses %j, naming the field, the limit and what would fit', (request, profile, param, message) => {
    const error = refusal(request, profile);
    expect(error).toMatchObject({ code: 'invalid_value', param });
    expect(error.message).toMatch(message);
  });

  it('suggests only sizes that it accepts', () => {
    for (const [width, height] of [
      [850, 480],
      [257, 257],
      [1919, 1085],
      [300, 6960],
    ] as const) {
      const { message } = refusal({ width, height }, MOCHI);
      const [, size] = /The nearest is (\d+x\d+)/.exec(message) ?? [];
      expect(() => resolveSize({ size: size! }, MOCHI)).not.toThrow();
    }
  });
});
