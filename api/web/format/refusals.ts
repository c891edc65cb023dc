import type { ErrorCode } from '../../../contract/errors.ts';
import type { ApiError } from '../client/api-error.ts';
import { span } from './time.ts';

type Words = string | ((error: ApiError) => string);

const TEXT = 'The server cannot read this text: it is too long, or not all of it is text. Change it and try again.';
const SIZE = 'The model does not make videos of this size. Choose another one.';
const LENGTH = 'The model does not make videos of this length. Choose another one.';
const GUIDED_PART = 'The model cannot guide this part of the steps. Guide all of them.';
const OTHER_VERSION = 'The page and the server do not fit together any more. Reload the page and try again.';
const GONE = 'This video is not here any more: it was deleted.';

/** A value that cannot be used, by the field that it is in. */
const FIELDS: Record<string, string> = {
  prompt: TEXT,
  negative_prompt: TEXT,
  seed: 'The server cannot use this seed. Leave it empty for a random one.',
  num_inference_steps: 'The model does not take this many steps. Enter another number.',
  guidance_scale: 'The model does not take this much guidance. Enter another number.',
  guidance_start: GUIDED_PART,
  guidance_stop: GUIDED_PART,
  size: SIZE,
  width: SIZE,
  height: SIZE,
  num_frames: LENGTH,
  seconds: LENGTH,
  fps: LENGTH,
};

/** The API's own words are for those who write its clients; these are for those who use the page. */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  // For people already: the first may be in an operator's words.
  prompt_refused: ({ message }) => message,
  permission_denied: ({ message }) => message,
  invalid_value: ({ param }) => FIELDS[param ?? ''] ?? OTHER_VERSION,
  missing_required_parameter: 'Say what the video should show.',
  invalid_json: OTHER_VERSION,
  invalid_multipart: OTHER_VERSION,
  unsupported_media_type: OTHER_VERSION,
  unknown_url: OTHER_VERSION,
  method_not_allowed: OTHER_VERSION,
  unsupported_endpoint: OTHER_VERSION,
  model_not_found: OTHER_VERSION,
  body_too_large: 'This is more text than the server takes. Say it in fewer words.',
  prompt_too_long: 'This is more than the model reads. Say it in fewer words.',
  shape_not_supported: 'The model does not make videos of this size and length. Choose others.',
  invalid_api_key: 'The server did not accept your API key.',
  rate_limit_exceeded: (error) => `You have reached a limit. ${facts(error)} ${again(error)}`,
  queue_too_long: (error) => `The queue is longer than this service allows. ${again(error)}`,
  video_not_found: GONE,
  video_not_ready: 'This video is not finished yet.',
  video_generation_failed: 'This video failed, so there is nothing to load.',
  video_not_failed: 'This video needs no retry: it is being made, or is done.',
  video_expired: 'The files of this video have been removed.',
  deadline_unreachable: 'It cannot be made in that time. Choose a smaller size or a shorter length.',
  idempotency_conflict: 'This was already sent with other settings. Try again.',
  service_unavailable: 'The server is not ready. Try again in a moment.',
  encryption_key_missing: 'The server cannot read this. Tell those who run it.',
  internal_error: 'Something went wrong on the server. Try again, and tell those who run it if it stays so.',
};

/** Why the API refused, and what to do. */
export function refusal(error: ApiError): string {
  const words = WORDS[error.code as ErrorCode];
  // Something before the API, such as a proxy, knows no codes.
  if (words === undefined) return error.code === '' ? error.message : OTHER_VERSION;
  return typeof words === 'string' ? words : words(error);
}

/** What the limit is; how long to wait is said once, by the page. */
const facts = ({ message }: ApiError) => message.replace(/ ?Try again .*$/, '');

const again = ({ retryAfterS }: ApiError) =>
  `You can try again ${retryAfterS === null ? 'in a moment' : `in ${span(retryAfterS)}`}.`;
