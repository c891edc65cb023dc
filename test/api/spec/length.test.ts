import { describe, expect, it } from 'vitest';
import { type LengthRequest, resolveLength } from '../../../api/spec/shape.ts';
import { secondsOf } from '../../../contract/shape.ts';
import type { ApiError } from '../../../api/errors/errors.ts';
import { generatedShape } from '../../../contract/video-job.ts';
import { MOCHI_1_PROFILE as MOCHI } from '../../../contract/model-profile.ts';

const refusal = (request: LengthRequest): ApiError => {
  try {
    resolveLength(request, MOCHI);
  } catch (error) {
    return error as ApiError;
  }
  throw new Error(`${JSON.stringify(request)} was not refused`);
};

describe('the length of a video', () => {
  it.each([
    // OpenAI's own lengths and the two that people ask for most, without a frame rate.
    [{ seconds: 4 }, 120, 30],
    [{ seconds: 5 }, 150, 30],
    [{ seconds: 8 }, 160, 20],
    [{ seconds: 10 }, 160, 16],
    [{ seconds: 12 }, 144, 12],
    [{ seconds: 20 }, 160, 8],
    [{ seconds: 0.5 }, 15, 30],
    [{ seconds: 0.001 }, 1, 30],
    // Nothing asked for: the model's own.
    [{}, 163, 30],
    [{ fps: 24 }, 163, 24],
    // A frame rate that is asked for is taken as it is, and reaches beyond the trained length.
    [{ seconds: 8, fps: 30 }, 240, 30],
    [{ seconds: 10, fps: 24 }, 240, 24],
    [{ seconds: 2, fps: 23.976 }, 48, 23.976],
    // An exact count wins over seconds.
    [{ num_frames: 7, seconds: 4 }, 7, 30],
    [{ num_frames: 1 }, 1, 30],
    [{ num_frames: 241 }, 241, 30],
  ])('of %j is %i frames at %d fps', (request, numFrames, fps) => {
    expect(resolveLength(request, MOCHI)).toMatchObject({ numFrames, fps });
  });

  it('warns where the clip is longer than the model was trained on, and only there', () => {
    expect(resolveLength({ num_frames: 163 }, MOCHI).warnings).toEqual([]);
    expect(resolveLength({ seconds: 12 }, MOCHI).warnings).toEqual([]);
    expect(resolveLength({ num_frames: 169 }, MOCHI).warnings).toEqual([
      'longer than the 163 frames the model was trained on',
    ]);
  });

  it.each([
    [{ num_frames: 8 }, 'num_frames', /nearest are 7 and 13/],
    [{ num_frames: 2 }, 'num_frames', /nearest are 1 and 7/],
    [{ num_frames: 240 }, 'num_frames', /nearest are 235 and 241/],
    [{ num_frames: 247 }, 'num_frames', /at most 241 frames/],
    [{ seconds: 12, fps: 30 }, 'seconds', /360 frames.*at most 241.*at most 8\.033 seconds.*20 fps or fewer/],
    [{ seconds: 60, fps: 30 }, 'seconds', /at most 8\.033 seconds\.$/],
    [{ seconds: 25 }, 'seconds', /at most 20\.375 seconds, or for up to 30\.125 with fps 8/],
    [{ fps: 31 }, 'fps', /8 to 30/],
    [{ fps: 7.9 }, 'fps', /8 to 30/],
  ])('refuses %j, naming %s, the limit and what would fit', (request, param, message) => {
    const error = refusal(request);
    expect(error).toMatchObject({ code: 'invalid_value', status: 400, param });
    expect(error.message).toMatch(message);
  });

  it('suggests only what it accepts', () => {
    expect(resolveLength({ seconds: 8.033, fps: 30 }, MOCHI).numFrames).toBe(241);
    expect(resolveLength({ seconds: 12, fps: 20 }, MOCHI).numFrames).toBe(240);
    expect(resolveLength({ seconds: 20.375 }, MOCHI)).toMatchObject({ numFrames: 163, fps: 8 });
    expect(resolveLength({ seconds: 30.125, fps: 8 }, MOCHI).numFrames).toBe(241);
  });

  it('is never off by more than half a frame, never beyond the limit, and always inside what is generated', () => {
    for (let tenths = 1; tenths <= 200; tenths++) {
      const seconds = tenths / 10;
      for (const fps of [undefined, 8, 12, 23.976, 29.97, 30]) {
        if (fps !== undefined && Math.round(seconds * fps) > MOCHI.maxFrames) {
          expect(refusal({ seconds, fps }).param).toBe('seconds');
          continue;
        }
        const length = resolveLength({ seconds, fps }, MOCHI);
        expect(Math.abs(length.numFrames - seconds * length.fps)).toBeLessThanOrEqual(0.5 + 1e-9);
        const generated = generatedShape({ ...length, width: 16, height: 16 }).numFrames;
        expect(generated % 6).toBe(1);
        expect(generated - length.numFrames).toBeGreaterThanOrEqual(0);
        expect(generated - length.numFrames).toBeLessThan(6);
        expect(generated).toBeLessThanOrEqual(MOCHI.maxFrames);
      }
    }
  });

  it('comes back the same when the seconds of an answer are asked for again', () => {
    expect(secondsOf(162, 30)).toBe('5.4');
    for (let numFrames = 1; numFrames <= 241; numFrames++) {
      for (const fps of [8, 12, 16, 20, 24, 30]) {
        const seconds = Number(secondsOf(numFrames, fps));
        expect(resolveLength({ seconds, fps }, MOCHI).numFrames).toBe(numFrames);
      }
    }
  });
});
