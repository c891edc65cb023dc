import { z } from 'zod';
import { MOST_VIDEOS } from '../../contract/video-group.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import { repeatedName } from '../http/body/json.ts';
import { decimal, matching, parseFields, present, requiredText, text, whole } from '../http/fields.ts';

/** Without C0 controls other than tab and newline, and without halves of surrogate pairs: they are no text. */
function isPlainText(value: string): boolean {
  for (const character of value) {
    const code = character.codePointAt(0)!;
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

/** White space, what is never drawn, and the blank pattern of Braille: nothing that a video could be made of. */
const BLANK = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

const promptText = (maxChars: number) =>
  [
    (value: string) => value.length <= maxChars && isPlainText(value),
    `text of at most ${maxChars} characters, without control characters (tab and newline are fine) or broken surrogate pairs`,
  ] as const;

/** Whether a text could be a video's prompt. */
export const isPrompt = (value: string, maxChars: number): boolean =>
  promptText(maxChars)[0](value) && !BLANK.test(value);

const MANY = `a whole number of videos from 1 to ${MOST_VIDEOS}; send several requests for more`;

/**
 * The fields of `POST /v1/videos` that are read, and the limits that no model moves; what the loaded model can do is
 * checked by `specOf`. Unknown fields are ignored, as clients of other services send some.
 */
const createVideoFields = (maxPromptChars: number) =>
  z.object({
    prompt: requiredText(...promptText(maxPromptChars), { minLength: 1, maxLength: maxPromptChars }),
    negative_prompt: text(...promptText(maxPromptChars), { maxLength: maxPromptChars }),
    original_prompt: text(...promptText(maxPromptChars), { maxLength: maxPromptChars }),
    model: text(() => true, 'the id of a model as in GET /v1/models'),
    seconds: decimal(0, 1e6, 'a number of seconds above 0, e.g. "4" or "5.4"', false),
    size: matching(
      /^(\d{1,6}[xX]\d{1,6}|(480|720|1080)[pP])$/,
      'WIDTHxHEIGHT in pixels, e.g. 848x480, or one of 480p, 720p, 1080p',
    ),
    width: whole(1, 1e6, 'a whole number of pixels'),
    height: whole(1, 1e6, 'a whole number of pixels'),
    fps: decimal(0, 1000, 'a number of frames a second above 0, e.g. 30', false),
    num_frames: whole(1, 1e6, 'a whole number of the form 6k + 1; the smallest are 1 and 7'),
    seed: whole(
      0,
      Number.MAX_SAFE_INTEGER,
      `one whole number from 0 to ${Number.MAX_SAFE_INTEGER}; leave it out for a random one`,
    ),
    num_inference_steps: whole(2, 1e6, 'a whole number of at least 2'),
    guidance_scale: decimal(0, 20, 'a number from 0 to 20'),
    guidance_start: decimal(0, 1, 'the share of the steps after which guidance begins, from 0 to 1'),
    guidance_stop: decimal(0, 1, 'the share of the steps after which guidance ends, from 0 to 1'),
    deadline_seconds: whole(1, 604_800, 'a whole number of seconds from 1 to 604800 (a week)'),
    n: whole(1, MOST_VIDEOS, MANY),
    num_outputs_per_prompt: whole(1, MOST_VIDEOS, MANY),
  });

/** The same, of which a video's prompt need not be known yet. */
const estimateVideoFields = (maxPromptChars: number) =>
  createVideoFields(maxPromptChars).extend({
    prompt: text(...promptText(maxPromptChars), { maxLength: maxPromptChars }),
  });

export type CreateVideoFields = z.infer<ReturnType<typeof createVideoFields>>;
export type EstimateVideoFields = z.infer<ReturnType<typeof estimateVideoFields>>;

const more = z
  .unknown()
  .optional()
  .meta({
    override: {
      type: ['object', 'string', 'null'],
      description: 'Further fields, as an object or its JSON; those given beside it win.',
    },
  });

/** The body of `POST /v1/videos`: the fields, and objects of fields. */
export const createVideoBody = (maxPromptChars: number) =>
  createVideoFields(maxPromptChars).extend({ extra_body: more, extra_params: more }).meta({ id: 'CreateVideo' });

/** The body of `POST /v1/videos/{id}/remix`. */
export const remixVideoBody = (maxPromptChars: number) =>
  createVideoFields(maxPromptChars).pick({ prompt: true }).meta({ id: 'RemixVideo' });

/** The body of `POST /v1/videos/estimate`. */
export const estimateVideoBody = (maxPromptChars: number) =>
  estimateVideoFields(maxPromptChars).extend({ extra_body: more, extra_params: more }).meta({ id: 'EstimateVideo' });

/** The body of `POST /v1/videos/tokens`. */
export const countTokensBody = (maxPromptChars: number) =>
  estimateVideoFields(maxPromptChars).pick({ prompt: true, negative_prompt: true }).meta({ id: 'CountTokens' });

const enhancePromptFields = (maxPromptChars: number) =>
  createVideoFields(maxPromptChars).pick({ prompt: true, model: true });

/** The body of `POST /v1/videos/enhance`. */
export const enhancePromptBody = (maxPromptChars: number) =>
  enhancePromptFields(maxPromptChars).meta({ id: 'EnhancePrompt' });

/** How many videos are asked for. @throws ApiError where the two names for it disagree */
export function videosOf({
  n,
  num_outputs_per_prompt: other,
}: Pick<CreateVideoFields, 'n' | 'num_outputs_per_prompt'>) {
  if (n !== undefined && other !== undefined && n !== other) {
    throw invalid('num_outputs_per_prompt', `num_outputs_per_prompt is another name for n, which is ${n}. Give one.`);
  }
  return n ?? other ?? 1;
}

/** Inputs that would change the video if they were not ignored, so they are refused instead. */
const MEDIA = /^(input_references?|(image|video|audio)(_reference|_url)?|images|mask|first_frame|last_frame)$/;

/**
 * Makes what checks the fields of a create request. Values in `extra_body` and `extra_params` count where the field itself
 * is absent; `null` and the empty string are the same as absent. It throws an ApiError with `param`: the first field that is
 * at fault.
 */
export function createVideoParser(maxPromptChars: number): (body: Record<string, unknown>) => CreateVideoFields {
  // Once: making it takes longer than all else that a request does here.
  const schema = createVideoFields(maxPromptChars);
  return (body) => withPrompt(schema, fieldsOf(body));
}

/** Makes what checks the fields of a prompt that is to be enhanced, as {@link createVideoParser} does. */
export function enhancePromptParser(maxPromptChars: number) {
  const schema = enhancePromptFields(maxPromptChars);
  return (body: Record<string, unknown>) => withPrompt(schema, present(body));
}

/** @throws ApiError where there is no prompt, or nothing to be seen in it */
function withPrompt<T>(schema: z.ZodType<T>, fields: Record<string, unknown>): T {
  if (fields['prompt'] === undefined) {
    throw new ApiError('missing_required_parameter', {
      param: 'prompt',
      message: 'prompt is missing: say what the video should show.',
    });
  }
  assertVisible(fields['prompt']);
  return parseFields(schema, fields);
}

/** Makes what checks the fields of an estimate, as {@link createVideoParser} does; it needs no prompt. */
export function estimateVideoParser(maxPromptChars: number): (body: Record<string, unknown>) => EstimateVideoFields {
  const schema = estimateVideoFields(maxPromptChars);
  return (body) => {
    const fields = fieldsOf(body);
    assertVisible(fields['prompt']);
    return parseFields(schema, fields);
  };
}

/** The fields that a body has, wherever in it. @throws ApiError for those that ask for what cannot be done */
function fieldsOf(body: Record<string, unknown>): Record<string, unknown> {
  const fields = {
    ...present(extra(body, 'extra_params')),
    ...present(extra(body, 'extra_body')),
    ...present(body),
  };
  for (const name of Object.keys(fields)) {
    if (MEDIA.test(name)) {
      throw invalid(name, `${name} cannot be used: this server makes videos from text only. Leave it out.`);
    }
  }
  return fields;
}

function assertVisible(prompt: unknown): void {
  if (typeof prompt === 'string' && BLANK.test(prompt)) {
    throw invalid('prompt', 'prompt has nothing that can be seen: say what the video should show.');
  }
}

/** An object of further fields, native or as a JSON string. */
function extra(body: Record<string, unknown>, name: 'extra_body' | 'extra_params'): Record<string, unknown> {
  const given = body[name] ?? '';
  const value = typeof given === 'string' && given !== '' ? parseJson(given, name) : given;
  if (value === '' || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid(name, `${name} must be an object of fields, or such an object as a JSON string.`);
  }
  if (Object.hasOwn(value, '__proto__')) throw invalid('__proto__', '__proto__ is not a field; leave it out.');
  return value as Record<string, unknown>;
}

function parseJson(json: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid(name, `${name} is not valid JSON; it must be an object of fields, e.g. {"seed": 7}.`);
  }
  if (repeatedName(json) !== null) throw invalid(name, `${name} has a field more than once; give it once.`);
  return value;
}
