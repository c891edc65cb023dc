import { randomInt } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { AppDeps } from '../app-deps.ts';
import { accountOf } from '../accounts/viewer.ts';
import type { GenerateVideoInput } from '../../workflows/contract.ts';
import { jobClass } from '../../workflows/cost/job-class.ts';
import { assertPromised, assertReachable, withPlan } from '../queue/admission.ts';
import { specOf } from '../mapping/spec.ts';
import { createVideoParser } from '../schemas/create-video.ts';
import { idempotencyKey, rememberedInput } from '../videos/idempotency.ts';
import { CreationTurns } from '../videos/turns.ts';
import { newVideoId } from '../videos/video-id.ts';
import { sendVideo } from './send-video.ts';

/** Seeds that are drawn: 32 bits are easy to copy by hand. */
const drawSeed = () => randomInt(2 ** 32);

/** `POST /videos`: from fields to a job. The body has been read. */
export function createVideoHandler(deps: AppDeps): RequestHandler {
  const { log, temporal, videos, queue, usage, policy, profile, limits, aliases, keepHours } = deps;
  const parse = createVideoParser(limits.promptChars);
  const turns = new CreationTurns();
  const create: RequestHandler = async (req, res) => {
    const key = idempotencyKey(req.get('idempotency-key'));
    const fields = parse(req.body as Record<string, unknown>);
    const { spec, warnings } = specOf(fields, { profile, aliases, drawSeed });
    const account = accountOf(res);
    await policy.check({ ...spec, accountId: account.id });
    const createdAt = Date.now();
    const asked: GenerateVideoInput = {
      videoId: newVideoId(createdAt),
      accountId: account.id,
      spec,
      warnings,
      createdAt: Math.floor(createdAt / 1000),
      keepS: keepHours * 3600,
      jobClass: jobClass(spec, profile),
    };
    const meant = key === null ? asked : await rememberedInput(temporal, key, fields, asked);
    // Whose key comes again gets its video, whatever the line and the limits are by now.
    const started = meant === asked ? null : await videos.find(meant.videoId);
    if (started !== null) {
      sendVideo(res, started);
      return;
    }
    const video = await turns.take(account.id, async () => {
      await queue.refreshed();
      const input = withPlan(meant, fields.deadline_seconds, queue.quote(meant));
      assertReachable(input);
      assertPromised(input, limits.queueWaitS);
      return await usage.admit(account, input.videoId, () => videos.create(input));
    });
    const requestId = res.getHeader('x-request-id');
    log.info({ requestId, videoId: meant.videoId, account: account.id, prompt: spec.prompt }, 'Video asked for');
    sendVideo(res, video);
  };
  return (req, res, next) => turns.admit(accountOf(res).id, async () => create(req, res, next));
}
