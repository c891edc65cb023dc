import type { GenerateVideoInput, Stage } from '../contract/video-job.ts';
import { ERRORS, type ErrorCode } from '../contract/errors.ts';

/** Markdown that Temporal's Web UI shows with a video while it is made: where it stands, whose it is, where to see more. */
export function runningDetails(stage: Stage, input: GenerateVideoInput, overdue: boolean): string {
  const more =
    stage === 'generating' ? '\n\nPhase, step and seconds left: the heartbeat under *Pending Activities*.' : '';
  return `**${stage}**${overdue ? ', **overdue**' : ''}\n\n${ownerAndShape(input)}${more}`;
}

/**
 * The same once it has failed: why, and how it is made again. A request that cannot be met is not worth another try.
 *
 * @param during the stage that it failed in
 */
export function failedDetails(
  input: GenerateVideoInput,
  during: Stage,
  { code, message }: { code: ErrorCode; message: string },
): string {
  const why = code === 'cancelled' ? '**cancelled**' : `**failed** while ${during}: \`${code}\`, ${message}`;
  const again =
    ERRORS[code].type === 'invalid_request_error'
      ? ''
      : `\n\nTo make it again, from its last checkpoint: \`POST /v1/videos/${input.videoId}/retry\`, or\n\n` +
        '```\n' +
        `temporal workflow reset --workflow-id ${input.videoId} --type FirstWorkflowTask --reason again\n` +
        '```';
  return `${why}\n\n${ownerAndShape(input)}${again}`;
}

/** What a video is, without what it shows. */
export function describeShape({ spec }: GenerateVideoInput): string {
  return `${spec.width}x${spec.height}, ${spec.numFrames} frames at ${spec.fps} fps, seed ${spec.seed}`;
}

const ownerAndShape = (input: GenerateVideoInput) =>
  `account ${input.accountId} · model ${input.spec.model} · ${describeShape(input)}, ${input.spec.numInferenceSteps} steps`;
