import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
const seconds = (description: string) => z.int().meta({ description: `${description}, in Unix seconds.` });

/** Exactly these four: a fifth would hang clients that poll for the last two. */
export const videoStatusSchema = z.enum(['queued', 'in_progress', 'completed', 'failed']);

/** The step of the pipeline, for display. */
const phaseSchema = z.enum([
  'queued',
  'validating',
  'loading',
  'encoding_text',
  'denoising',
  'decoding',
  'encoding',
  'uploading',
  'cancelling',
  'completed',
  'failed',
]);

/** OpenAI's Video: its thirteen keys, always present, and more. */
export const videoSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Also the id of its workflow in Temporal.', example: 'video_019aa1b2c3d4e5' }),
    object: z.literal('video'),
    status: videoStatusSchema,
    progress: z.int().min(0).max(100).meta({ description: 'Percent. Never decreases; 100 only if completed.' }),
    prompt: z.string(),
    model: z.string(),
    size: z.string().meta({ description: 'WIDTHxHEIGHT in pixels.', example: '848x480' }),
    seconds: z.string().meta({ description: 'Duration of the video.', example: '5.4' }),
    created_at: seconds('When it was created'),
    completed_at: seconds('When it was completed').nullable(),
    expires_at: seconds('When its files will be removed').nullable(),
    error: z
      .strictObject({ code: z.enum(codes), message: z.string() })
      .nullable()
      .meta({ description: 'Why it failed; null if it did not.' }),
    remixed_from_video_id: z.string().nullable().meta({ description: 'Id of the video that it is a remix of.' }),

    group_id: z.string().nullable().meta({
      description: 'Id of the group of videos that one request asked for; null for a single one.',
    }),
    group_index: z.int().min(0).nullable().meta({ description: 'Its place in that group, from 0 on.' }),
    account: z.string().nullable().meta({ description: 'Id of its account, for admins; null for other users.' }),
    starred: z.boolean().meta({ description: 'Whether it has a star.' }),
    tags: z.array(z.string()).meta({ description: 'Its tags, in alphabetical order.' }),
    phase: phaseSchema.meta({ description: 'Current phase of the pipeline.' }),
    step: z.int().nullable().meta({ description: 'Finished denoising steps; null until a worker reports them.' }),
    steps: z.int().nullable().meta({ description: 'Total denoising steps; null until a worker reports them.' }),
    preview_step: z.int().nullable().meta({
      description: 'Denoising step of the newest preview; null if there is none, and once denoising is finished.',
    }),
    queue_position: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: 'Position in the queue, 1 being next; null if not queued, or unknown.' }),
    eta_seconds: z.int().min(0).nullable().meta({
      description: 'Estimated seconds until it is completed, queue included; null if unknown.',
    }),
    deadline_at: seconds('When it is stopped if still unfinished').nullable(),
    overdue: z
      .boolean()
      .meta({ description: 'Still unfinished after twice the time that was estimated when it was created.' }),
    seed: z.int().meta({ description: 'The seed, chosen at random if the request had none.' }),
    fps: z.number(),
    num_frames: z.int(),
    num_inference_steps: z.int(),
    guidance_scale: z.number(),
    guidance_start: z.number().meta({ description: 'Fraction of the steps after which guidance begins.' }),
    guidance_stop: z.number().meta({ description: 'Fraction of the steps after which guidance ends.' }),
    negative_prompt: z.string().nullable(),
    original_prompt: z
      .string()
      .nullable()
      .meta({ description: 'What the user wrote, of which the prompt is another wording; null for no other.' }),
    inference_time_s: z.number().nullable().meta({ description: 'Seconds of inference on the GPU.' }),
    peak_memory_mb: z.number().nullable().meta({ description: 'Peak memory of the inference processes, in MB.' }),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Video' });

export type Video = z.infer<typeof videoSchema>;
export type VideoStatusName = z.infer<typeof videoStatusSchema>;
export type Phase = z.infer<typeof phaseSchema>;

/** Answer of a create: the video, or the first one of several. */
export const createdVideoSchema = videoSchema
  .extend({
    group: z
      .array(z.string())
      .optional()
      .meta({ description: 'Ids of all videos of the group, in order; absent for a single video.' }),
  })
  .meta({ id: 'CreatedVideo' });

export type CreatedVideo = z.infer<typeof createdVideoSchema>;

/** A page of videos. */
export const videoListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(videoSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().meta({ description: 'Pass as `after` to get the next page.' }),
    has_more: z.boolean(),
  })
  .meta({ id: 'VideoList' });

export type VideoList = z.infer<typeof videoListSchema>;

/** A list of these videos. */
export const videoList = (data: Video[], hasMore: boolean): VideoList => ({
  object: 'list',
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});

/** Response of a delete. */
export const videoDeletedSchema = z
  .strictObject({ id: z.string(), object: z.literal('video.deleted'), deleted: z.literal(true) })
  .meta({ id: 'VideoDeleted' });
