import { type Client, WorkflowIdReusePolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { GenerateVideoInput, Stage, VideoMemo, VideoSpec } from '../contract/video-job.ts';
import { GENERATE_VIDEO, TASK_QUEUES, attributeKey } from '../contract/names.ts';
import { secondsOf } from '../contract/shape.ts';
import { wordEntries } from './word-entries.ts';

export const STAGE = attributeKey('Stage');
export const IDEMPOTENCY_KEY = attributeKey('IdempotencyKey');

/**
 * Starts the video's workflow.
 *
 * @param again also where an earlier run of it has failed
 * @returns the id of its run
 * @throws WorkflowExecutionAlreadyStartedError
 */
export async function startVideo(client: Client, input: GenerateVideoInput, again = false): Promise<string> {
  const { model, width, height, prompt } = input.spec;
  const words = wordEntries(client, prompt);
  const { firstExecutionRunId } = await client.workflow.start(GENERATE_VIDEO, {
    taskQueue: TASK_QUEUES.cpu,
    workflowId: input.videoId,
    workflowIdReusePolicy: again
      ? WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
      : WorkflowIdReusePolicy.REJECT_DUPLICATE,
    args: [input],
    memo: { input } satisfies VideoMemo,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: attributeKey('AccountId'), value: input.accountId },
      { key: attributeKey('Model'), value: model },
      { key: attributeKey('Size'), value: `${width}x${height}` },
      { key: STAGE, value: 'queued' satisfies Stage },
      { key: attributeKey('CreatedAt'), value: new Date(input.createdAt * 1000) },
      ...(input.request ? [{ key: IDEMPOTENCY_KEY, value: input.request.key }] : []),
      ...(input.group ? [{ key: attributeKey('GroupId'), value: input.group.id }] : []),
      ...(words.length > 0 ? [{ key: attributeKey('Words'), value: words }] : []),
    ]),
    // Its activities inherit it: each account gets its turn.
    priority: { fairnessKey: input.accountId },
    staticSummary: summaryOf(input.spec),
  });
  return firstExecutionRunId;
}

/** Temporal refuses summaries of more than 400 bytes, encryption included. */
const MAX_BYTES = 200;

/** One line for operators, shown by Temporal's Web UI: size, length, and how the prompt begins. */
export function summaryOf({ width, height, numFrames, fps, prompt }: VideoSpec): string {
  const facts = `${width}x${height}, ${secondsOf(numFrames, fps)} s: `;
  const line = prompt.replace(/\s+/g, ' ').trim();
  let text = '';
  for (const character of line) {
    if (Buffer.byteLength(facts + text + character) > MAX_BYTES - 3) return `${facts}${text}…`;
    text += character;
  }
  return facts + text;
}
