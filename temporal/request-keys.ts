import type { Client } from '@temporalio/client';
import type { GenerateVideoInput, VideoMemo } from '../contract/video-job.ts';
import type { SEARCH_ATTRIBUTES } from '../contract/names.ts';

/** What is noted with the key of a request whose video was not listed yet. */
export interface RequestKeyMemo extends Record<string, unknown> {
  videoId: string;
  /** As in {@link RequestKey}. */
  digest: string;
}

/** The same, as it was noted before: SHA-256 of the fields alone, and the whole job. */
export interface OldRequestKeyMemo extends Record<string, unknown> {
  fieldsHash: string;
  input: GenerateVideoInput;
}

/** Workflow id of what keeps a key until Temporal lists its video. */
export const requestKeyId = (key: string): string => `idempotency_${key}`;

const ATTRIBUTE = 'IdempotencyKey' satisfies keyof typeof SEARCH_ATTRIBUTES;

/** The video that was started for a key, as Temporal lists it; null for none. Of a deleted one the memo has no input. */
export async function listedVideo(
  { workflow }: Client,
  key: string,
): Promise<{ videoId: string; memo: Partial<VideoMemo> } | null> {
  for await (const { workflowId, memo } of workflow.list({ query: `${ATTRIBUTE} = "${key}"`, pageSize: 1 })) {
    return { videoId: workflowId, memo: (memo ?? {}) as Partial<VideoMemo> };
  }
  return null;
}
