import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { GenerateVideoInput, VideoSpec } from '../../contract/video-job.ts';
import type { GenerateResult, GenerateVideoResult } from '../../contract/results.ts';
import { GENERATE_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import { TINY_SPEC } from '../harness/model/tiny-spec.ts';

/** One that takes seconds, so that it is caught in its middle, and two that take a moment. */
export const SPECS: readonly VideoSpec[] = [
  {
    ...TINY_SPEC,
    prompt: 'a red circle moving left',
    width: 128,
    height: 128,
    numFrames: 13,
    seed: 1,
    numInferenceSteps: 200,
  },
  { ...TINY_SPEC, prompt: 'a blue square moving up', seed: 2, numInferenceSteps: 4 },
  { ...TINY_SPEC, prompt: 'a yellow star growing', seed: 3, numInferenceSteps: 8 },
];
const [LONG, ...SHORT] = SPECS as [VideoSpec, ...VideoSpec[]];

/** What is asked for: first some long ones, then short ones. */
export const specsOf = (jobs: number, long: number): VideoSpec[] =>
  Array.from({ length: jobs }, (_, i) => (i < long ? LONG : SHORT[i % SHORT.length]!));

/** Whether a worker's log line is about a long one. */
export const isLong = (line: Record<string, unknown>): boolean => line['steps'] === LONG.numInferenceSteps;

/** What came out of a job: equal for equal specs, whatever happened in between. */
export interface Made {
  framesSha256: string;
  /** Of the files what does not tell which video it is. */
  files: string;
}

export interface Job {
  id: string;
  spec: VideoSpec;
  handle: WorkflowHandle;
}

export async function submit(client: Client, spec: VideoSpec): Promise<Job> {
  const id = `video_${randomUUID()}`;
  const input: GenerateVideoInput = { videoId: id, accountId: 'a', spec, warnings: [], createdAt: 0 };
  const options = { workflowId: id, taskQueue: TASK_QUEUES.cpu, args: [input] };
  return { id, spec, handle: await client.workflow.start(GENERATE_VIDEO, options) };
}

/** @throws what the job failed with */
export async function made({ handle }: Job): Promise<Made> {
  const { artefacts } = (await handle.result()) as GenerateVideoResult;
  const { events } = await handle.fetchHistory();
  const scheduled = events?.find((e) => e.activityTaskScheduledEventAttributes?.activityType?.name === 'generate');
  const completed = events?.find(
    (e) => Number(e.activityTaskCompletedEventAttributes?.scheduledEventId) === Number(scheduled?.eventId),
  );
  const [payload] = completed?.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
  const { framesSha256 } = defaultPayloadConverter.fromPayload<GenerateResult>(payload!);
  const { video, thumbnail, spritesheet } = artefacts;
  return { framesSha256, files: [video.bytes, thumbnail.sha256, spritesheet.sha256].join() };
}
