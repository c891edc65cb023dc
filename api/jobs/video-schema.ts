import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];
const seconds = (description: string) => z.int().meta({ description: `${description}, in unix seconds.` });

/** The only four; a fifth would hang clients that poll for the last two. */
export const videoStatusSchema = z.enum(['queued', 'in_progress', 'completed', 'failed']);

/** What a job is doing, for people. */
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

/** OpenAI's Video: its thirteen keys, always all of them, and what helps beyond them. */
export const videoSchema = z
  .strictObject({
    id: z.string().meta({ description: 'Also the id of its Temporal workflow.', example: 'video_019aa1b2c3d4e5' }),
    object: z.literal('video'),
    status: videoStatusSchema,
    progress: z.int().min(0).max(100).meta({ description: 'Percent; never falls, and 100 only when completed.' }),
    prompt: z.string(),
    model: z.string(),
    size: z.string().meta({ description: 'Width x height in pixels.', example: '848x480' }),
    seconds: z.string().meta({ description: 'Real length.', example: '5.4' }),
    created_at: seconds('When it was asked for'),
    completed_at: seconds('When it was completed').nullable(),
    expires_at: seconds('When its files will be removed').nullable(),
    error: z
      .strictObject({ code: z.enum(codes), message: z.string() })
      .nullable()
      .meta({ description: 'Why it failed; null unless it did.' }),
    remixed_from_video_id: z.null(),

    account: z
      .string()
      .nullable()
      .meta({ description: 'Id of the account whose video it is, told to admins; null for everyone else.' }),
    phase: phaseSchema.meta({ description: 'What the job is doing.' }),
    step: z.int().nullable().meta({ description: 'Denoising steps finished; null while no worker has said.' }),
    steps: z.int().nullable().meta({ description: 'Denoising steps in all; null while no worker has said.' }),
    preview_step: z.int().nullable().meta({
      description: 'Step that the newest preview shows; null while there is none, and once the frames are made.',
    }),
    queue_position: z
      .int()
      .min(1)
      .nullable()
      .meta({ description: '1 is the next to begin; null unless queued, or if unknown.' }),
    eta_seconds: z.int().min(0).nullable().meta({
      description: 'Estimated seconds until it is completed: the wait, and all of the work; null if unknown.',
    }),
    deadline_at: seconds('When it is given up').nullable(),
    overdue: z
      .boolean()
      .meta({ description: 'Unfinished after twice the time that was expected when it was asked for.' }),
    seed: z.int().meta({ description: 'The seed that was used, also where none was asked for.' }),
    fps: z.number(),
    num_frames: z.int(),
    num_inference_steps: z.int(),
    guidance_scale: z.number(),
    guidance_start: z.number().meta({ description: 'Share of the steps after which guidance begins.' }),
    guidance_stop: z.number().meta({ description: 'Share of the steps after which guidance ends.' }),
    negative_prompt: z.string().nullable(),
    inference_time_s: z.number().nullable().meta({ description: 'Seconds of work on the device.' }),
    peak_memory_mb: z.number().nullable().meta({ description: 'Largest memory of the inference processes, in MB.' }),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Video' });

export type Video = z.infer<typeof videoSchema>;
export type VideoStatusName = z.infer<typeof videoStatusSchema>;
export type Phase = z.infer<typeof phaseSchema>;

/** A page of videos. */
export const videoListSchema = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(videoSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().meta({ description: 'Give it as `after` to get the next page.' }),
    has_more: z.boolean(),
  })
  .meta({ id: 'VideoList' });

export type VideoList = z.infer<typeof videoListSchema>;

/** The list that has these videos and no more. */
export const videoList = (data: Video[], hasMore: boolean): VideoList => ({
  object: 'list',
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});

/** Answer of a delete. */
export const videoDeletedSchema = z
  .strictObject({ id: z.string(), object: z.literal('video.deleted'), deleted: z.literal(true) })
  .meta({ id: 'VideoDeleted' });
