import { z } from 'zod';
import { isFrameCount } from './shape.ts';
import { architectureSchema, MOCHI_1_ARCHITECTURE } from './architecture.ts';

const frames = z.int().min(1).refine(isFrameCount, 'must be 6k + 1');
const size = z.string().regex(/^[1-9]\d*x[1-9]\d*$/);

const rgb = z.tuple([z.number(), z.number(), z.number()]);

/**
 * Colours of the sampler's latents, roughly: `latents · factors + bias` is red, green and blue from -1 to 1. For a model
 * folder, `tools/preview-colours/fit.ts` finds them by least squares.
 */
const latentRgbSchema = z.object({
  /** For each channel of the latents. */
  factors: z.array(rgb).min(1),
  bias: rgb,
});
export type LatentRgb = z.infer<typeof latentRgbSchema>;

/**
 * What a model can be asked for. A model folder may hold it as `profile.json`; the published Mochi 1 folder has none
 * and gets {@link MOCHI_1_PROFILE}. The API refuses by name what lies outside it, before any work is queued.
 */
export const modelProfileSchema = z.object({
  /** Served name, e.g. `mochi-tiny`. */
  id: z.string().min(1),
  name: z.string().min(1),
  /** Presets `WxH`; the first is the default. */
  sizes: z.array(size).min(1),
  /** Width and height must be multiples of it, in pixels. */
  sizeMultiple: z.int().multipleOf(16),
  minWidth: z.int().min(16),
  minHeight: z.int().min(16),
  /** Largest width × height that is served. */
  maxPixels: z.int(),
  /** Largest width × height seen in training; above it a warning is given. */
  trainedPixels: z.int(),
  defaultFrames: frames,
  trainedFrames: frames,
  maxFrames: frames,
  defaultFps: z.number(),
  /** Tried in this order when no fps is asked for: the first that keeps the clip within `trainedFrames`. */
  fpsChoices: z.array(z.number()).min(1),
  minFps: z.number(),
  maxFps: z.number(),
  defaultSteps: z.int().min(2),
  maxSteps: z.int(),
  defaultGuidance: z.number(),
  /** `max_sequence_length` of the text encoder, `</s>` included. */
  maxPromptTokens: z.int(),
  /** Prompts that show people what the model is good at. */
  examplePrompts: z.array(z.string().min(1)).default([]),
  /** How previews are made; a model without it has none. */
  latentRgb: latentRgbSchema.optional(),
  /** How large the model is: what a video's time is estimated from. */
  architecture: architectureSchema.default(MOCHI_1_ARCHITECTURE),
});

export type ModelProfile = z.infer<typeof modelProfileSchema>;

/** Mochi 1 as published: 848x480, 30 frames a second, trained up to 163 frames. */
export const MOCHI_1_PROFILE: ModelProfile = {
  id: 'mochi-1-preview',
  name: 'Mochi 1',
  sizes: ['848x480', '480x848', '1280x720', '720x1280', '1920x1080', '1080x1920'],
  sizeMultiple: 16,
  minWidth: 256,
  minHeight: 256,
  maxPixels: 1920 * 1088,
  trainedPixels: 848 * 480,
  defaultFrames: 163,
  trainedFrames: 163,
  maxFrames: 241,
  defaultFps: 30,
  fpsChoices: [30, 24, 20, 16, 12, 8],
  minFps: 8,
  maxFps: 30,
  defaultSteps: 64,
  maxSteps: 200,
  defaultGuidance: 4.5,
  maxPromptTokens: 256,
  examplePrompts: [
    'A paper boat drifts down a rain-filled gutter at dusk, street lamps glittering in the water, close-up, shallow focus.',
    'A red fox trots through fresh snow in a birch forest, soft morning light, the camera follows at its side.',
    'Macro shot of a watchmaker placing a tiny brass gear with tweezers, warm lamp light, dust floating in the air.',
    'Waves roll onto a black sand beach under heavy clouds, filmed from a drone that slowly rises.',
    'A street musician plays the accordion on a bridge in autumn, leaves blowing past, handheld camera.',
  ],
  // Published with ComfyUI, for the same normalised latents.
  latentRgb: {
    factors: [
      [-0.0069, -0.0045, 0.0018],
      [0.0154, -0.0692, -0.0274],
      [0.0333, 0.0019, 0.0206],
      [-0.139, 0.0628, 0.1678],
      [-0.0725, 0.0134, -0.1898],
      [0.0074, -0.027, -0.0209],
      [-0.0176, -0.0277, -0.0221],
      [0.5294, 0.5204, 0.3852],
      [-0.0326, -0.0446, -0.0143],
      [-0.0659, 0.0153, -0.0153],
      [0.0185, -0.0217, 0.0014],
      [-0.0396, -0.0495, -0.0281],
    ],
    bias: [-0.094, -0.1418, -0.1453],
  },
  architecture: MOCHI_1_ARCHITECTURE,
};
