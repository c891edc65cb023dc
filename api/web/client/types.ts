import type { Model as ApiModel } from '../../models/schema.ts';
import type { Video as ApiVideo, VideoList } from '../../jobs/video-schema.ts';

export type { AccountObject as Account } from '../../accounts/schema.ts';
export type { LengthPreset } from '../../models/schema.ts';

/** The Model object. What a server of another version may not send is optional, here and below: the page does without. */
export type Model = Omit<ApiModel, 'max_prompt_chars'> & { max_prompt_chars?: number };

/** The Video object. */
export type Video = ApiVideo & {
  queue_position?: number | null;
  deadline_at?: number | null;
  preview_step?: number | null;
  overdue?: boolean;
  account?: string | null;
  /** The page's own: when it will be done, as far as is known. */
  estimate?: Estimate | null;
};
export type Phase = Video['phase'];
export type Variant = 'video' | 'thumbnail' | 'spritesheet';

/** True once nothing of it changes by itself. */
export const isFinished = ({ status }: Video): boolean => status === 'completed' || status === 'failed';

export type VideoPage = Omit<VideoList, 'data'> & { data: Video[] };

/** Body of `POST /v1/videos`, as far as the page uses it. */
export interface CreateVideo {
  prompt: string;
  negative_prompt?: string;
  size?: string;
  num_frames?: number;
  seconds?: string;
  fps?: number;
  seed?: number;
  num_inference_steps?: number;
  guidance_scale?: number;
  guidance_start?: number;
  guidance_stop?: number;
}

/** When a video will be done, as the page tells it; Unix seconds. */
export interface Estimate {
  endsAt: number;
  /** A later end, and since when it has been heard of: it is told once it has stood for a while. */
  later: { endsAt: number; since: number } | null;
}
