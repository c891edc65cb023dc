import type { Request, RequestHandler, Response } from 'express';
import { InvalidMp4Error, readMp4Comment } from '../../media/mp4-settings.ts';
import { ApiError } from '../errors/errors.ts';
import { bodyChunks } from '../http/body/body-chunks.ts';
import { readFormFile } from '../http/body/form-file.ts';
import { BODY_TIMES } from '../http/body/read-bytes.ts';
import { type FileSettings, fileSettingsParser } from '../spec/file-settings.ts';
import { specOf } from '../spec/spec.ts';
import type { VideosDeps } from './deps.ts';
import type { VideoSettingsObject } from './settings-schema.ts';

/** A form's boundaries and heads, beside its file. */
const FORM_BYTES = 64 * 1024;

/**
 * `POST /videos/settings`: what made a video, from its MP4: the body itself, or the field `file` of a form. The file is read
 * as it comes and not kept, but for its settings.
 */
export function readSettingsHandler(deps: Pick<VideosDeps, 'limits' | 'profile' | 'aliases'>): RequestHandler {
  const parse = fileSettingsParser(deps.limits.promptChars);
  return async (req, res) => {
    const settings = parse(await commentOf(req, res, deps.limits));
    res.setHeader('cache-control', 'no-store');
    res.json(settingsObject(settings, deps));
  };
}

async function commentOf(
  req: Request,
  res: Response,
  { fileBytes, bodyTimes = BODY_TIMES }: VideosDeps['limits'],
): Promise<Buffer | null> {
  const type = req.is(['video/mp4', 'multipart/form-data']);
  if (!type) {
    throw new ApiError('unsupported_media_type', {
      message: 'Send the MP4 as video/mp4, or as the field file of multipart/form-data.',
    });
  }
  // Only now: a client that waits to be asked for its body sends none that is refused by its head.
  if (req.get('expect') !== undefined) res.writeContinue();
  try {
    return type === 'video/mp4'
      ? await readMp4Comment(bodyChunks(req, fileBytes, bodyTimes))
      : await readFormFile(
          bodyChunks(req, fileBytes + FORM_BYTES, bodyTimes),
          req.get('content-type')!,
          'file',
          readMp4Comment,
        );
  } catch (error) {
    if (!(error instanceof InvalidMp4Error)) throw error;
    throw new ApiError('invalid_file', { param: 'file', message: `The file ${error.message}.` });
  }
}

function settingsObject(
  { fields, about }: FileSettings,
  options: Pick<VideosDeps, 'profile' | 'aliases'>,
): VideoSettingsObject {
  return {
    object: 'video.settings',
    fields,
    id: about.id ?? null,
    created_at: about.created_at ?? null,
    num_frames: about.num_frames ?? null,
    kinora_version: about.kinora ?? null,
    weights: about.weights ?? null,
    warnings: warningsOf(fields, options),
  };
}

/** What a create with these fields would say, or be refused with, by the model that is served. */
function warningsOf(
  { prompt = '', ...fields }: FileSettings['fields'],
  options: Pick<VideosDeps, 'profile' | 'aliases'>,
): string[] {
  try {
    return specOf({ prompt, ...fields }, { ...options, drawSeed: () => 0 }).warnings;
  } catch (error) {
    if (error instanceof ApiError) return [error.message];
    throw error;
  }
}
