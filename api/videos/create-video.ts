import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { VideosDeps } from './deps.ts';
import { countAsMore } from '../accounts/request-rate.ts';
import { accountOf, viewerOf } from '../accounts/viewer.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import { jobClass } from '../../contract/cost/job-class.ts';
import { checkModel, seedAfter, specOf } from '../spec/spec.ts';
import { createVideoParser, videosOf } from '../spec/create-schema.ts';
import { unavailable } from '../jobs/temporal.ts';
import type { Admission, Jobs } from '../admission/admission.ts';
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
import { createdAtOf, madeAt, newVideoIds, type VideoRecord } from '../jobs/video-object.ts';
import { sendCreated } from './send-video.ts';

/** Seeds that are drawn: 32 bits are easy to copy by hand. */
const drawSeed = () => randomInt(2 ** 32);
/** Times that a request with a key may find that another one came first. */
const MOST_CLAIMS = 5;

/** Looks for a request with the same key that may hold what this one lacks, and the time between two, in ms. */
const CLAIM_LOOKS = 3;
const CLAIM_LOOK_MS = 150;

/** A video as it is asked for, or several. */
interface AskedVideo extends Pick<GenerateVideoInput, 'spec' | 'warnings' | 'remixedFrom' | 'originalPrompt'> {
  /** Of the request: with the same idempotency key they are to be the same. */
  fields: object;
  deadlineS: number | undefined;
  /** Seeds of the others that are asked for at the same time; each is a video of its own. */
  otherSeeds: number[];
}

/** Reads a request for a video. @throws ApiError */
type Ask = (req: Request, res: Response) => AskedVideo | Promise<AskedVideo>;

/** `POST /videos`: from fields to a job. The body has been read. */
export function createVideoHandler(deps: VideosDeps, admission: Admission): RequestHandler {
  const { profile, limits, aliases } = deps;
  const parse = createVideoParser(limits.promptChars);
  return startHandler(deps, admission, (req) => {
    const fields = parse(req.body as Record<string, unknown>);
    const { spec, warnings } = specOf(fields, { profile, aliases, drawSeed });
    const otherSeeds = Array.from({ length: videosOf(fields) - 1 }, (_, i) =>
      fields.seed === undefined ? drawSeed() : seedAfter(spec.seed, i + 1),
    );
    const { original_prompt: original, deadline_seconds: deadlineS } = fields;
    const originalPrompt = original === fields.prompt ? undefined : original;
    return { spec, warnings, fields, deadlineS, otherSeeds, ...(originalPrompt !== undefined && { originalPrompt }) };
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
    const fields = { prompt, remixedFrom };
    return { spec: { ...spec, prompt }, warnings, remixedFrom, fields, deadlineS: undefined, otherSeeds: [] };
  });
}

/** Starts the videos that a request asks for, or finds those that its idempotency key stands for. */
function startHandler(deps: VideosDeps, admission: Admission, ask: Ask): RequestHandler {
  const { log, temporal, videos, starts, profile, keepHours } = deps;
  const create: RequestHandler = async (req, res) => {
    const key = idempotencyKey(req.get('idempotency-key'));
    const { spec, warnings, remixedFrom, originalPrompt, fields, deadlineS, otherSeeds } = await ask(req, res);
    const { id: accountId } = accountOf(res);
    const request = key === null ? null : keyedRequest(accountId, key, fields);

    const jobsOf = (known: KeyClaim | null): Jobs => {
      if (known?.input) return [known.input];
      const now = known === null ? Date.now() : madeAt(known.videoId);
      const [newId, ...otherIds] = newVideoIds(1 + otherSeeds.length, now);
      const videoId = known?.videoId ?? newId;
      const shared = {
        accountId,
        warnings,
        createdAt: createdAtOf(videoId),
        keepS: keepHours * 3600,
        jobClass: jobClass(spec, profile),
        ...(remixedFrom !== undefined && { remixedFrom }),
        ...(originalPrompt !== undefined && { originalPrompt }),
      };
      return [
        { videoId, spec, ...shared, ...(request && { request: { key: request.key, digest: request.digest } }) },
        ...otherIds.map((id, i) => ({ videoId: id, spec: { ...spec, seed: otherSeeds[i]! }, ...shared })),
      ];
    };
    /** @throws KeyInUse */
    const start = async (known: KeyClaim | null) => {
      await countAsMore(res, otherSeeds.length);
      const asked = jobsOf(known);
      const [{ videoId }] = asked;
      const [first] = await admission.admit(asked, { deadlineS }, async (inputs) => {
        const claimed = request && (await claim(temporal, request, videoId));
        if (claimed && claimed.videoId !== videoId) throw new KeyInUse(claimed);
        return await starts.createAll(inputs);
      });
      const about = { videoId, ...(asked.length > 1 && { videos: asked.length }), account: accountId };
      log.info({ requestId: res.getHeader('x-request-id'), ...about, prompt: spec.prompt }, 'Video asked for');
      return first!;
    };
    sendCreated(res, request === null ? await start(null) : await onlyOnce(request, start, otherSeeds.length > 0));
  };

  /** A key that comes again gets its videos, whatever the queue and the limits are by now. */
  const onlyOnce = async (
    request: KeyedRequest,
    start: (known: KeyClaim | null) => Promise<VideoRecord>,
    isGroup: boolean,
  ) => {
    let known = await claimOf(temporal, request);
    for (let claims = 0; claims < MOST_CLAIMS; claims++) {
      const first = known && (await starts.started(known.videoId));
      if (first) {
        await starts.startOthers(first);
        return await videos.marked(first);
      }
      try {
        return await start(known);
      } catch (error) {
        const inUse = error instanceof KeyInUse ? error.claim : null;
        const found = inUse ?? (isGroup && isFull(error) ? await claimedMeanwhile(request) : null);
        if (found === null) throw error;
        known = sameFields(found, request);
      }
    }
    throw unavailable('Many requests with this key are under way.');
  };

  /** The slots of a group that is refused may be held by a request with the same key, which notes it once it has all of them. */
  const claimedMeanwhile = async (request: KeyedRequest): Promise<KeyClaim | null> => {
    for (let look = 0; look < CLAIM_LOOKS; look++) {
      const found = await claimOf(temporal, request);
      if (found !== null) return found;
      await sleep(CLAIM_LOOK_MS);
    }
    return null;
  };

  return (req, res, next) => admission.handle(accountOf(res).id, async () => create(req, res, next));
}

const isFull = (error: unknown) => error instanceof ApiError && error.code === 'rate_limit_exceeded';
