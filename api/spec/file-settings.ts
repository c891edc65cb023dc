import { z } from 'zod';
import { SETTINGS_SCHEMA, SETTINGS_VERSION } from '../../contract/video-settings.ts';
import { ApiError } from '../errors/errors.ts';
import { repeatedName } from '../http/body/json.ts';
import { matching, parseFields, whole } from '../http/fields.ts';
import { type EstimateVideoFields, estimateVideoParser } from './create-schema.ts';

/** The fields of a create that a file may hold; everything else that it says under another name is left out. */
const FIELDS = [
  'prompt',
  'negative_prompt',
  'original_prompt',
  'model',
  'size',
  'seconds',
  'fps',
  'seed',
  'num_inference_steps',
  'guidance_scale',
  'guidance_start',
  'guidance_stop',
] as const satisfies (keyof EstimateVideoFields)[];

/** What a file says beside them, for people to read. */
const aboutFields = z.object({
  id: matching(/^video_[A-Za-z0-9_-]{1,100}$/, 'the id of a video'),
  created_at: whole(0, 1e11, 'Unix seconds'),
  num_frames: whole(1, 1e6, 'a whole number of frames'),
  kinora: matching(/^[\w.+-]{1,50}$/, 'a version'),
  weights: matching(/^[0-9a-f]{64}$/, 'a SHA-256 in hex'),
});

export interface FileSettings {
  fields: Pick<EstimateVideoFields, (typeof FIELDS)[number]>;
  about: z.infer<typeof aboutFields>;
}

const none = () => new ApiError('settings_not_found');

/**
 * Makes what reads the settings in a file, by the rules of a create: a stranger may have written anything into it.
 *
 * @throws ApiError `settings_not_found` where the text is something else, `invalid_value` with the field that is at fault
 */
export function fileSettingsParser(maxPromptChars: number): (comment: Buffer | null) => FileSettings {
  const parseCreate = estimateVideoParser(maxPromptChars);
  return (comment) => {
    const settings = settingsIn(comment);
    const picked = (names: readonly string[]) =>
      Object.fromEntries(names.filter((name) => Object.hasOwn(settings, name)).map((name) => [name, settings[name]]));
    try {
      return {
        fields: parseCreate(picked(FIELDS)),
        about: parseFields(aboutFields, picked(Object.keys(aboutFields.shape))),
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new ApiError(error.code, { param: error.param, message: `In the file's settings: ${error.message}` });
    }
  };
}

function settingsIn(comment: Buffer | null): Record<string, unknown> {
  if (comment === null) throw none();
  let settings: Record<string, unknown> | null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(comment);
    settings = JSON.parse(text) as typeof settings;
    // Another reader would take the other one.
    if (repeatedName(text) !== null) settings = null;
  } catch {
    settings = null;
  }
  if (typeof settings !== 'object' || settings === null || settings['schema'] !== SETTINGS_SCHEMA) throw none();
  if (settings['version'] === SETTINGS_VERSION) return settings;
  throw new ApiError('settings_not_found', {
    message: `The file's settings are of another version than ${SETTINGS_VERSION}, the one that this server reads.`,
  });
}
