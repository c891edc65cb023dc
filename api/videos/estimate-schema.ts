import { z } from 'zod';
import { videoSchema } from '../jobs/video-schema.ts';

/** What a video would take, of which nothing has been started. */
export const videoEstimateSchema = videoSchema
  .pick({
    model: true,
    size: true,
    seconds: true,
    fps: true,
    num_frames: true,
    num_inference_steps: true,
    warnings: true,
  })
  .extend({
    object: z.literal('video.estimate'),
    queue_position: z.int().min(1).nullable().meta({
      description: 'Position that it, or the last of several, would get in the queue, 1 being next; null if unknown.',
    }),
    wait_seconds: z.int().min(0).nullable().meta({
      description: 'Estimated seconds until a worker begins with it, or with the last of several; null if unknown.',
    }),
    eta_seconds: z.int().min(0).nullable().meta({
      description: 'Estimated seconds until it, or the last of several, is completed, queue included; null if unknown.',
    }),
    gpu_seconds: z.number().min(0).nullable().meta({
      description: 'Estimated GPU time of all videos: each GPU of a worker counts. 0 on a CPU; null if unknown.',
    }),
    measured: z.boolean().meta({ description: 'Whether the times rest on finished videos; else they are assumed.' }),
  })
  .meta({ id: 'VideoEstimate' });

export type VideoEstimate = z.infer<typeof videoEstimateSchema>;
