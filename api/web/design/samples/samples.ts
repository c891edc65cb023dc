import type { Account, Model, Video } from '../../client/types.ts';

const NOW = Math.floor(Date.now() / 1000);

export const PROMPTS = {
  star: 'A yellow star grows on a black background, slowly, as if it were breathing',
  square: 'A cyan square bounces on a navy background',
  ball: 'An orange ball rises on a black background and does not come back',
  triangle: 'A purple triangle swings on a gray background',
};
/** Of the files in `files/`. */
const SIZES = { star: '160x96', square: '160x96', ball: '128x128', triangle: '96x160' };
type Picture = keyof typeof PROMPTS;

/**
 * A finished video; `change` makes something else of it.
 *
 * @param state no other sample with this picture has it
 */
export const video = (picture: Picture, state: string, change: Partial<Video> = {}): Video => ({
  id: `${picture}_${state}`,
  object: 'video',
  status: 'completed',
  progress: 100,
  prompt: PROMPTS[picture],
  model: 'mochi-tiny',
  size: SIZES[picture],
  seconds: '2.083',
  created_at: NOW - 60 * (5 + 7 * state.length),
  completed_at: NOW - 60,
  expires_at: NOW + 30 * 86_400,
  error: null,
  remixed_from_video_id: null,
  group_id: null,
  group_index: null,
  account: null,
  starred: false,
  tags: [],
  phase: 'completed',
  step: null,
  steps: null,
  preview_step: null,
  queue_position: null,
  deadline_at: null,
  overdue: false,
  seed: 20 + state.length,
  fps: 12,
  num_frames: 25,
  num_inference_steps: 64,
  guidance_scale: 4.5,
  guidance_start: 0,
  guidance_stop: 1,
  negative_prompt: null,
  original_prompt: null,
  inference_time_s: 9.9,
  peak_memory_mb: 479,
  eta_seconds: null,
  warnings: [],
  ...change,
});

const left = (seconds: number) => ({ estimate: { endsAt: NOW + seconds, later: null } });
export const queued: Partial<Video> = {
  status: 'queued',
  phase: 'queued',
  progress: 0,
  queue_position: 3,
  completed_at: null,
  ...left(600),
};
export const denoising: Partial<Video> = {
  status: 'in_progress',
  phase: 'denoising',
  progress: 58,
  step: 38,
  steps: 64,
  completed_at: null,
  ...left(3000),
};
export const failed = (code: NonNullable<Video['error']>['code'], message: string): Partial<Video> => ({
  status: 'failed',
  phase: 'failed',
  progress: 58,
  error: { code, message },
});

export const MODEL: Model = {
  id: 'mochi-tiny',
  object: 'model',
  created: NOW,
  owned_by: 'kinora',
  name: 'Mochi 1',
  sizes: ['848x480', '480x848', '640x640'],
  size_multiple: 16,
  min_width: 64,
  min_height: 64,
  max_pixels: 500_000,
  trained_pixels: 407_040,
  lengths: [
    { num_frames: 37, fps: 30, seconds: '1.233', trained: true },
    { num_frames: 85, fps: 30, seconds: '2.833', trained: true },
    { num_frames: 163, fps: 30, seconds: '5.433', trained: true },
    { num_frames: 247, fps: 30, seconds: '8.233', trained: false },
  ],
  default_frames: 85,
  trained_frames: 163,
  max_frames: 247,
  default_fps: 30,
  fps_choices: [30, 24],
  min_fps: 4,
  max_fps: 30,
  default_steps: 64,
  max_steps: 200,
  default_guidance: 4.5,
  max_prompt_chars: 4000,
  example_prompts: Object.values(PROMPTS),
};

export const ACCOUNT: Account = {
  object: 'account',
  id: 'studio',
  admin: true,
  auth: 'key',
  limits: { queued: 20, running: 4, requests_per_minute: 60 },
  usage: { queued: 1, running: 1 },
  share_links: true,
  prompt_enhancer: true,
  temporal_ui_url: 'http://localhost:8233/namespaces/default',
};

export const ignore = () => {};
