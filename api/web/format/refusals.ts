import type { ErrorCode } from '../../../contract/errors.ts';
import type { ApiError } from '../client/api-error.ts';
import { span } from './time.ts';

type Text = string | ((error: ApiError) => string);

const TEXT = 'The server cannot read this text: it is too long, or contains something that is not text. Edit it.';
const SIZE = 'The model does not support this size. Choose another one.';
const LENGTH = 'The model does not support this length. Choose another one.';
const GUIDED_STEPS = 'The model cannot guide these steps only. Guide all steps.';
const OTHER_VERSION = 'This page and the server are of different versions. Reload the page and try again.';
const DELETED = 'This video was deleted.';

/** Invalid values, by field. */
const FIELDS: Record<string, string> = {
  prompt: TEXT,
  negative_prompt: TEXT,
  original_prompt: TEXT,
  seed: 'The server cannot use this seed. Leave it empty for a random one.',
  num_inference_steps: 'The model does not support this number of steps. Enter another one.',
  guidance_scale: 'The model does not support this guidance. Enter another number.',
  guidance_start: GUIDED_STEPS,
  guidance_stop: GUIDED_STEPS,
  size: SIZE,
  width: SIZE,
  height: SIZE,
  num_frames: LENGTH,
  seconds: LENGTH,
  fps: LENGTH,
};

/** The page's own texts: the API's messages are written for developers. */
const TEXTS: Partial<Record<ErrorCode, Text>> = {
  // The reason may be the operator's own.
  prompt_refused: ({ message }) => message,
  permission_denied: ({ message }) => message,
  invalid_value: ({ param }) => FIELDS[param ?? ''] ?? OTHER_VERSION,
  missing_required_parameter: 'Describe what the video should show.',
  invalid_json: OTHER_VERSION,
  invalid_multipart: OTHER_VERSION,
  unsupported_media_type: OTHER_VERSION,
  unknown_url: OTHER_VERSION,
  method_not_allowed: OTHER_VERSION,
  unsupported_endpoint: OTHER_VERSION,
  model_not_found: OTHER_VERSION,
  enhancer_not_configured: 'This server enhances no prompts.',
  enhancer_failed: 'There is no suggestion now. Try again, or use the prompt as it is.',
  body_too_large: 'The text is longer than the server accepts. Shorten it.',
  prompt_too_long: 'The prompt is longer than the model reads. Shorten it.',
  shape_not_supported: 'The model does not support this size and length together. Choose others.',
  invalid_api_key: 'The server did not accept your API key.',
  rate_limit_exceeded: (error) => `You have reached a limit. ${withoutWait(error)} ${wait(error)}`,
  queue_too_long: (error) => `The queue is full. ${wait(error)}`,
  video_not_found: DELETED,
  video_not_ready: 'This video is not finished yet.',
  video_generation_failed: 'This video failed, so it has no files.',
  video_not_failed: 'This video needs no retry: it is in progress or finished.',
  video_expired: 'The files of this video have been removed.',
  invalid_file: 'This file is not an MP4 that can be read.',
  settings_not_found: 'This file does not say what made it.',
  share_not_found: 'This link has ended already.',
  too_many_shares: 'This video has as many links as it can have. Revoke one first.',
  export_not_ready: 'It is being made. Try again in a few seconds.',
  export_failed: 'It could not be made from this video.',
  group_not_found: DELETED,
  deadline_unreachable: 'It cannot be finished by then. Choose a smaller size or a shorter length.',
  idempotency_conflict: 'This was already sent with other settings. Try again.',
  service_unavailable: 'The server is not ready. Try again in a moment.',
  encryption_key_missing: 'The server cannot decrypt this. Tell its operator.',
  internal_error: 'Something went wrong on the server. Try again, and tell its operator if it keeps happening.',
};

/** Why the API refused a request, and what to do. */
export function refusal(error: ApiError): string {
  const text = TEXTS[error.code as ErrorCode];
  // An answer of something else, such as a proxy, has no code.
  if (text === undefined) return error.code === '' ? error.message : OTHER_VERSION;
  return typeof text === 'string' ? text : text(error);
}

/** The limit in the API's words, without its own advice to wait. */
const withoutWait = ({ message }: ApiError) => message.replace(/ ?Try again .*$/, '');

const wait = ({ retryAfterS }: ApiError) =>
  `Try again ${retryAfterS === null ? 'in a moment' : `in ${span(retryAfterS)}`}.`;
