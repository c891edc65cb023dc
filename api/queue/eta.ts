import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { PendingActivity } from '../jobs/job-state.ts';
import type { Estimator } from './estimator.ts';

/** Share of the time between the frames and the published files that comes after the encoding. */
const UPLOAD_SHARE = 0.3;

/** Seconds until a job that is being made is completed; null while nobody can tell. */
export function remainingS(
  estimator: Estimator,
  { spec }: GenerateVideoInput,
  { type, startedAt, heartbeat }: PendingActivity,
): number | null {
  const publishS = estimator.publishS(spec);
  const elapsedS = startedAt === null ? 0 : Math.max(0, Date.now() - startedAt) / 1000;
  switch (type) {
    case 'generate': {
      const deviceS = heartbeat?.etaSeconds ?? leftOf(estimator.estimate(spec, null)?.deviceS, elapsedS);
      return deviceS === null ? null : deviceS + publishS;
    }
    case 'encode':
      return Math.max(UPLOAD_SHARE * publishS, publishS - elapsedS);
    case 'upload':
      return Math.max(0, UPLOAD_SHARE * publishS - elapsedS);
    default:
      return null;
  }
}

const leftOf = (whole: number | undefined, elapsed: number) =>
  whole === undefined ? null : Math.max(0, whole - elapsed);
