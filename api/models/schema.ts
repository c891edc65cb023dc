import { z } from 'zod';

/** A length that the model generates exactly, given by `num_frames` and `fps`. */
const lengthPresetSchema = z
  .strictObject({
    num_frames: z.int().meta({ description: 'Of the form 6k + 1.' }),
    fps: z.number(),
    seconds: z.string().meta({ description: 'Duration of the video, as in the Video object.', example: '5.433' }),
    trained: z.boolean().meta({ description: 'False for lengths beyond those of training.' }),
  })
  .meta({ id: 'LengthPreset' });

/** OpenAI's Model, with the settings that it supports. */
export const modelSchema = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    owned_by: z.literal('kinora'),
    name: z.string(),
    sizes: z.array(z.string()).meta({ description: 'Presets, WIDTHxHEIGHT in pixels; the first is the default.' }),
    size_multiple: z.int(),
    min_width: z.int(),
    min_height: z.int(),
    max_pixels: z.int(),
    trained_pixels: z.int().meta({ description: 'Largest width × height in training.' }),
    lengths: z.array(lengthPresetSchema).meta({ description: 'Presets, shortest first.' }),
    default_frames: z.int(),
    trained_frames: z.int(),
    max_frames: z.int(),
    default_fps: z.number(),
    fps_choices: z.array(z.number()),
    min_fps: z.number(),
    max_fps: z.number(),
    default_steps: z.int(),
    max_steps: z.int(),
    default_guidance: z.number(),
    max_prompt_chars: z.int().meta({ description: 'Longest prompt or negative prompt, in UTF-16 code units.' }),
    example_prompts: z.array(z.string()).meta({ description: 'Prompts that show what the model is good at.' }),
  })
  .meta({ id: 'Model' });

export type Model = z.infer<typeof modelSchema>;
export type LengthPreset = z.infer<typeof lengthPresetSchema>;

/** Response of `GET /v1/models`. */
export const modelListSchema = z.strictObject({ object: z.literal('list'), data: z.array(modelSchema) });
