import type { AccountObject } from '../../accounts/schema.ts';
import type { Model as ApiModel } from '../../models/schema.ts';
import type { Video as ApiVideo, VideoList } from '../../jobs/video-schema.ts';

export type Account = AccountObject & { share_links?: boolean; prompt_enhancer?: boolean };
export type { LengthPreset } from '../../models/schema.ts';
export type { EnhancedPrompt } from '../../prompts/enhance-schema.ts';
export type { PromptTokens } from '../../prompts/tokens-schema.ts';
export type { VideoEstimate } from '../../videos/estimate-schema.ts';

/** The Model object. Fields that another version of the server may not send are optional, here and below. */
export type Model = Omit<ApiModel, 'max_prompt_chars'> & { max_prompt_chars?: number };

/** The Video object. */
export type Video = Omit<ApiVideo, 'original_prompt' | 'starred' | 'tags'> & {
  original_prompt?: string | null;
  queue_position?: number | null;
  deadline_at?: number | null;
  preview_step?: number | null;
  overdue?: boolean;
  group_id?: string | null;
  group_index?: number | null;
  account?: string | null;
  starred?: boolean;
  tags?: string[];
  /** The page's own; null if unknown. */
  estimate?: Estimate | null;
};
export type Phase = Video['phase'];
export type Variant = 'video' | 'thumbnail' | 'spritesheet' | Export;
/** What is made of a finished video when it is first asked for. */
export type Export = 'webm' | 'gif' | 'frames';

/** True once the video does not change by itself. */
export const isFinished = ({ status }: Video): boolean => status === 'completed' || status === 'failed';

export type VideoPage = Omit<VideoList, 'data'> & { data: Video[] };

/** Body of `POST /v1/videos`: the fields that the page uses. */
export interface CreateVideo {
  prompt: string;
  negative_prompt?: string;
  original_prompt?: string;
  size?: string;
  num_frames?: number;
  seconds?: string;
  fps?: number;
  seed?: number;
  num_inference_steps?: number;
  guidance_scale?: number;
  guidance_start?: number;
  guidance_stop?: number;
  /** Videos that are made of it, each with its own seed. @default 1 */
  n?: number;
}

/** What made a video: the video itself, or what its file says. */
export type MadeWith = Partial<
  Pick<
    Video,
    | 'prompt'
    | 'negative_prompt'
    | 'original_prompt'
    | 'size'
    | 'num_frames'
    | 'fps'
    | 'seed'
    | 'num_inference_steps'
    | 'guidance_scale'
    | 'guidance_start'
    | 'guidance_stop'
  >
> & { seconds?: string | number };

/** Answer of `POST /v1/videos/settings`. */
export interface FileSettings {
  fields: MadeWith;
  warnings: string[];
}

/** A tag, and how many videos have it. */
export interface VideoTag {
  tag: string;
  videos: number;
}

/** A link under which anyone can watch a video. */
export interface VideoShare {
  id: string;
  url: string;
  /** Unix seconds. */
  expires_at: number;
  show_prompt: boolean;
}

/** When a video is expected to be finished, Unix seconds. */
export interface Estimate {
  endsAt: number;
  /** A later end, and since when the server has reported it: it is adopted if it lasts. */
  later: { endsAt: number; since: number } | null;
}
