import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';
import type { Video } from './video-schema.ts';

/** A video, what was asked for, and where its files are once it is completed. */
export interface VideoRecord {
  /** The newest run of its workflow. */
  runId: string;
  input: GenerateVideoInput;
  video: Video;
  result: GenerateVideoResult | null;
}
