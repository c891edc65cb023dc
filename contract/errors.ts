/**
 * The one table of everything that can go wrong, for users and for Temporal alike: what it is called, what it says,
 * which HTTP status it has, and whether trying again can help.
 *
 * `status` is the answer of the request that meets the error; errors of a running job reach the user inside the Video
 * object (`error.code`, `error.message`) with HTTP 200. `retryable` decides whether Temporal tries the activity again.
 */
export interface ErrorRow {
  readonly message: string;
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'permission_error'
    | 'rate_limit_error'
    | 'server_error'
    | 'service_unavailable_error';
  readonly retryable: boolean;
}

const request = (status: number, message: string): ErrorRow => ({
  message,
  status,
  type: 'invalid_request_error',
  retryable: false,
});
const job = (message: string, retryable: boolean): ErrorRow => ({
  message,
  status: 500,
  type: 'server_error',
  retryable,
});

export const ERRORS = {
  // The request.
  invalid_value: request(400, 'A field has a value that cannot be used.'),
  missing_required_parameter: request(400, 'A required field is missing.'),
  invalid_json: request(400, 'The body is not valid JSON.'),
  invalid_multipart: request(400, 'The body is not a valid multipart form.'),
  body_too_large: request(413, 'The body is too large.'),
  headers_too_large: request(431, 'The headers are too large.'),
  request_timeout: request(408, 'The request took too long to come. Send it again.'),
  unsupported_media_type: request(415, 'Send application/json or multipart/form-data.'),
  unknown_url: request(404, 'There is nothing at this address.'),
  method_not_allowed: request(405, 'This address does not take that method.'),
  invalid_api_key: {
    message: 'This API key is not known. Send a valid one as "Authorization: Bearer KEY".',
    status: 401,
    type: 'authentication_error',
    retryable: false,
  },
  permission_denied: {
    message: 'Only operators may do this: it needs the key of an admin account.',
    status: 403,
    type: 'permission_error',
    retryable: false,
  },
  rate_limit_exceeded: {
    message: 'Too much at once for this account. Try again later.',
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
  },
  queue_too_long: {
    message: 'The wait for a GPU is longer than this service promises. Try again later.',
    status: 429,
    type: 'rate_limit_error',
    retryable: true,
  },
  prompt_refused: request(400, 'The prompt is against the policy of this service.'),
  enhancer_not_configured: request(404, 'This server enhances no prompts: it has no ENHANCER_URL.'),
  enhancer_failed: {
    message: 'The service that enhances prompts gave none that can be used. Try again, or use the prompt as it is.',
    // Not 5xx: this service works, and videos are made without it.
    status: 424,
    type: 'service_unavailable_error',
    retryable: true,
  },
  model_not_found: request(404, 'This server does not serve that model.'),
  video_not_found: request(404, 'There is no video with that id.'),
  group_not_found: request(404, 'There is no group of videos with that id.'),
  video_not_ready: request(400, 'The video is not finished yet.'),
  preview_not_available: request(404, 'There is no preview of this video, or not yet.'),
  video_generation_failed: request(400, 'The video failed, so it has no content.'),
  video_not_failed: request(400, 'Only a video that has failed can be tried again.'),
  export_not_ready: request(409, 'This form of the video is being made. Ask again in a few seconds.'),
  video_expired: request(410, 'The files of this video have been removed.'),
  share_not_found: request(404, 'There is no share link with that id: it has expired, was revoked, or never was.'),
  too_many_shares: request(400, 'The video has as many share links as it can have. Revoke one first.'),
  too_many_marks: request(400, 'The account has as many stars and tags as it can have. Remove some first.'),
  deadline_unreachable: request(400, 'The video cannot be finished by the deadline.'),
  invalid_file: request(400, 'The file is not an MP4 that can be read.'),
  settings_not_found: request(400, 'The file holds no settings of a video of this service.'),
  unsupported_variant: request(400, 'This variant is not offered.'),
  unsupported_endpoint: request(404, 'This server does not support this endpoint.'),
  idempotency_conflict: request(
    409,
    'This Idempotency-Key was used with other fields. Take a new key for a new video.',
  ),
  precondition_failed: request(412, 'What the request was made conditional on does not hold.'),
  range_not_satisfiable: request(416, 'The requested range lies outside the file.'),
  service_unavailable: {
    message: 'A service behind the API does not answer. Try again shortly.',
    status: 503,
    type: 'service_unavailable_error',
    retryable: true,
  },
  encryption_key_missing: job('This was encrypted with a key that the server does not have.', true),
  internal_error: job('Something went wrong inside the server.', true),

  // The job.
  prompt_too_long: request(400, 'The prompt has more tokens than the model reads.'),
  shape_not_supported: request(400, 'The loaded model cannot make a video of this size or length.'),
  model_mismatch: job('The worker holds another model than the one that the video was asked of.', true),
  out_of_memory: job('The device ran out of memory. Ask for a smaller size or a shorter clip.', false),
  device_lost: job('The inference process ended or stopped answering.', true),
  worker_lost: job('The job ended its worker several times at the same place and was given up.', false),
  worker_shutdown: job('The worker was shut down and handed the job over.', true),
  numerical_failure: job('The model computed values that are not finite numbers.', false),
  generation_failed: job('The model failed to make the frames.', true),
  storage_failed: job('The scratch store did not keep, or give back, what was made on the device.', true),
  storage_denied: job('A store refuses what the service needs: its permissions have to be put right.', false),
  encoding_failed: job('The frames could not be encoded.', true),
  export_failed: job('This form of the video could not be made.', true),
  upload_failed: job('The finished files could not be published.', true),
  artefact_invalid: job('The encoded video did not decode to what was asked for.', true),
  timed_out: job('The job took longer than its time limit.', false),
  deadline_exceeded: job('The video was not finished by its deadline.', false),
  cancelled: job('The video was cancelled.', false),

  // The message about a job; never reaches its user.
  webhook_failed: job('The webhook could not be delivered.', true),
  webhook_gone: job('The receiver of the webhook wants no more of them.', false),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a string that is a code of the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
