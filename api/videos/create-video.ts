import { randomInt } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { VideosDeps } from './deps.ts';
import { accountOf, viewerOf } from '../accounts/viewer.ts';
import { invalid } from '../errors/errors.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import { jobClass } from '../../contract/cost/job-class.ts';
import { checkModel, specOf } from '../spec/spec.ts';
import { createVideoParser } from '../spec/create-schema.ts';
import type { Video } from '../jobs/video-schema.ts';
import { unavailable } from '../jobs/temporal.ts';
import type { Admission } from '../admission/admission.ts';
import {
  claim,
  claimOf,
  idempotencyKey,
  keyedRequest,
  type KeyedRequest,
  sameFields,
  type KeyClaim,
  KeyInUse,
} from '../admission/idempotency.ts';
import { createdAtOf, newVideoId } from '../jobs/video-object.ts';
import { sendVideo } from './send-video.ts';

/** Seeds that are drawn: 32 bits are easy to copy by hand. */
const drawSeed = () => randomInt(2 ** 32);
/** Times that a request with a key may find that another one came first. */
const MOST_CLAIMS = 5;

/** A video as it is asked for. */
interface AskedVideo extends Pick<GenerateVideoInput, 'spec' | 'warnings' | 'remixedFrom'> {
  /** Of the request: with the same idempotency key they are to be the same. */
  fields: object;
  deadlineS: number | undefined;
}

/** Reads a request for a video. @throws ApiError */
type Ask = (req: Request, res: Response) => AskedVideo | Promise<AskedVideo>;

/** `POST /videos`: from fields to a job. The body has been read. */
export function createVideoHandler(deps: VideosDeps, admission: Admission): RequestHandler {
  const { profile, limits, aliases } = deps;
  const parse = createVideoParser(limits.promptChars);
  return startHandler(deps, admission, (req) => {
    const fields = parse(req.body as Record<string, unknown>);
    return { ...specOf(fields, { profile, aliases, drawSeed }), fields, deadlineS: fields.deadline_seconds };
  });
}

/**
 * `POST /videos/{id}/remix`: the same video with another prompt, its seed and settings kept. The body has been read.
 *
 * Other fields are refused, since a create that ignored them would make another video.
 */
export function remixVideoHandler(deps: VideosDeps, admission: Admission): RequestHandler {
  const { videos, profile, limits, aliases } = deps;
  const parse = createVideoParser(limits.promptChars);
  return startHandler(deps, admission, async (req, res) => {
    const { prompt, ...others } = parse(req.body as Record<string, unknown>);
    for (const name of Object.keys(others)) {
      throw invalid(name, `${name} stays as it is in a remix. Leave it out, or create a video with it instead.`);
    }
    const { input } = await videos.get(String(req.params['id']), viewerOf(res));
    checkModel(input.spec.model, profile, aliases);
    const remixedFrom = input.videoId;
    const { spec, warnings } = input;
    return { spec: { ...spec, prompt }, warnings, remixedFrom, fields: { prompt, remixedFrom }, deadlineS: undefined };
  });
}

/** Starts the video that a request asks for, or finds the one that its idempotency key stands for. */
function startHandler(deps: VideosDeps, admission: Admission, ask: Ask): RequestHandler {
  const { log, temporal, videos, profile, keepHours } = deps;
  const create: RequestHandler = async (req, res) => {
    const key = idempotencyKey(req.get('idempotency-key'));
    const { spec, warnings, remixedFrom, fields, deadlineS } = await ask(req, res);
    const { id: accountId } = accountOf(res);
    const request = key === null ? null : keyedRequest(accountId, key, fields);

    /** @throws KeyInUse */
    const start = async (known: KeyClaim | null) => {
      const videoId = known?.videoId ?? newVideoId();
      const asked: GenerateVideoInput = known?.input ?? {
        videoId,
        accountId,
        spec,
        warnings,
        createdAt: createdAtOf(videoId),
        keepS: keepHours * 3600,
        jobClass: jobClass(spec, profile),
        ...(remixedFrom !== undefined && { remixedFrom }),
        ...(request && { request: { key: request.key, digest: request.digest } }),
      };
      const { video } = await admission.admit(asked, { deadlineS }, async (input) => {
        const claimed = request && (await claim(temporal, request, videoId));
        if (claimed && claimed.videoId !== videoId) throw new KeyInUse(claimed);
        return await videos.create(input);
      });
      const requestId = res.getHeader('x-request-id');
      log.info({ requestId, videoId, account: accountId, prompt: spec.prompt }, 'Video asked for');
      return video;
    };
    sendVideo(res, request === null ? await start(null) : await onlyOnce(request, start));
  };

  /** A key that comes again gets its video, whatever the queue and the limits are by now. */
  const onlyOnce = async (request: KeyedRequest, start: (known: KeyClaim | null) => Promise<Video>) => {
    let known = await claimOf(temporal, request);
    for (let claims = 0; claims < MOST_CLAIMS; claims++) {
      const video = known && (await videos.started(known.videoId));
      if (video) return video;
      try {
        return await start(known);
      } catch (error) {
        if (!(error instanceof KeyInUse)) throw error;
        known = sameFields(error.claim, request);
      }
    }
    throw unavailable('Many requests with this key are under way.');
  };

  return (req, res, next) => admission.handle(accountOf(res).id, async () => create(req, res, next));
}
