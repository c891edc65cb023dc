import type { RequestHandler } from 'express';
import { gpusOf } from '../../contract/cost/cost-model.ts';
import { jobClass } from '../../contract/cost/job-class.ts';
import { secondsOf } from '../../contract/shape.ts';
import type { GenerateVideoInput, VideoSpec } from '../../contract/video-job.ts';
import { accountOf } from '../accounts/viewer.ts';
import type { Admission } from '../admission/admission.ts';
import { createdAtOf, newVideoIds, roundedS } from '../jobs/video-object.ts';
import type { Forecast } from '../queue/job-queue.ts';
import { estimateVideoParser, videosOf } from '../spec/create-schema.ts';
import { specOf } from '../spec/spec.ts';
import type { VideosDeps } from './deps.ts';
import type { VideoEstimate } from './estimate-schema.ts';

/**
 * `POST /videos/estimate`: what a create with the same fields would be answered with now, of its time and place or of why it
 * is refused. The body has been read.
 */
export function estimateVideoHandler(deps: VideosDeps, admission: Admission): RequestHandler {
  const { profile, limits, aliases } = deps;
  const parse = estimateVideoParser(limits.promptChars);
  const estimate: RequestHandler = async (req, res) => {
    const fields = parse(req.body as Record<string, unknown>);
    const asked = { ...fields, prompt: fields.prompt ?? '' };
    const { spec, warnings } = specOf(asked, { profile, aliases, drawSeed: () => 0 });
    const jobs = newVideoIds(videosOf(fields)).map((videoId) => ({
      videoId,
      accountId: accountOf(res).id,
      spec,
      warnings,
      createdAt: createdAtOf(videoId),
      jobClass: jobClass(spec, profile),
    })) as [GenerateVideoInput];
    const forecasts = await admission.forecasts(jobs, { deadlineS: fields.deadline_seconds });
    res.setHeader('cache-control', 'no-store');
    res.json(estimateObject(spec, warnings, forecasts ?? []));
  };
  return (req, res, next) => admission.handle(accountOf(res).id, async () => estimate(req, res, next));
}

/** @param forecasts of each of the videos; none while nothing is known of the queue */
function estimateObject(spec: VideoSpec, warnings: string[], forecasts: Forecast[]): VideoEstimate {
  const last = forecasts.toSorted((a, b) => (a.doneInS ?? Infinity) - (b.doneInS ?? Infinity)).at(-1);
  const { position = null, waitS = null, doneInS = null, kind = null, work = null, measured = false } = last ?? {};
  const gpuS = kind === null || work === null ? null : forecasts.length * gpusOf(kind) * work.deviceS;
  return {
    object: 'video.estimate',
    model: spec.model,
    size: `${spec.width}x${spec.height}`,
    seconds: secondsOf(spec.numFrames, spec.fps),
    fps: spec.fps,
    num_frames: spec.numFrames,
    num_inference_steps: spec.numInferenceSteps,
    queue_position: position,
    wait_seconds: waitS === null ? null : roundedS(waitS),
    eta_seconds: doneInS === null ? null : roundedS(doneInS),
    gpu_seconds: gpuS === null ? null : Math.round(10 * gpuS) / 10,
    measured,
    warnings,
  };
}
