import { z } from 'zod';

/** A length that the model makes exactly, as it may be asked for: `num_frames` with `fps`. */
const lengthPresetSchema = z
  .strictObject({
    num_frames: z.int().meta({ description: 'Of the form 6k + 1.' }),
    fps: z.number(),
    seconds: z.string().meta({ description: 'Real length, as in the Video object.', example: '5.433' }),
    trained: z.boolean().meta({ description: 'False for clips longer than any that the model was trained on.' }),
  })
  .meta({ id: 'LengthPreset' });

/** OpenAI's Model, and what can be asked of it. */
export const modelSchema = z
  .strictObject({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    owned_by: z.literal('kinora'),
    name: z.string(),
    sizes: z.array(z.string()).meta({ description: 'Presets, width x height in pixels; the first is the default.' }),
    size_multiple: z.int(),
    min_width: z.int(),
    min_height: z.int(),
    max_pixels: z.int(),
    trained_pixels: z.int().meta({ description: 'Largest width × height seen in training.' }),
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
    max_prompt_chars: z
      .int()
      .meta({ description: 'Longest prompt, and longest negative prompt, in UTF-16 code units.' }),
    example_prompts: z.array(z.string()).meta({ description: 'Prompts that show what the model is good at.' }),
  })
  .meta({ id: 'Model' });

export type Model = z.infer<typeof modelSchema>;
export type LengthPreset = z.infer<typeof lengthPresetSchema>;

/** Answer of `GET /v1/models`. */
export const modelListSchema = z.strictObject({ object: z.literal('list'), data: z.array(modelSchema) });
