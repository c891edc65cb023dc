import { z } from 'zod';
import { videoSchema } from '../jobs/video-schema.ts';

const { shape } = videoSchema;

/** What made a video, as its file says. */
export const videoSettingsSchema = z
  .strictObject({
    object: z.literal('video.settings'),
    fields: z
      .strictObject({
        prompt: shape.prompt,
        negative_prompt: z.string(),
        original_prompt: z.string(),
        model: shape.model,
        size: shape.size,
        seconds: z.number(),
        fps: shape.fps,
        seed: shape.seed,
        num_inference_steps: shape.num_inference_steps,
        guidance_scale: shape.guidance_scale,
        guidance_start: shape.guidance_start,
        guidance_stop: shape.guidance_stop,
      })
      .partial()
      .meta({ description: 'What to send to `POST /v1/videos` for the same video; only what the file has.' }),
    id: z.string().nullable().meta({ description: 'Id of the video.' }),
    created_at: shape.created_at.nullable(),
    num_frames: z.int().nullable(),
    kinora_version: z.string().nullable().meta({ description: 'Version of Kinora that wrote the file.' }),
    weights: z.string().nullable().meta({ description: "SHA-256 that tells the model's weights from others." }),
    warnings: z
      .array(z.string())
      .meta({ description: 'Why a create with these fields would be refused here or make another video.' }),
  })
  .meta({ id: 'VideoSettings' });

export type VideoSettingsObject = z.infer<typeof videoSettingsSchema>;
