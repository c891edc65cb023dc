import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { RequestKey, Stage, VideoMemo } from '../contract/video-job.ts';
import { GENERATE_VIDEO } from '../contract/names.ts';
import type { Reserved } from './reservations.ts';

/** What is noted with a slot. */
export interface SlotMemo extends Record<string, unknown> {
  /** The video that has it, or is about to be started. */
  videoId: string;
  /** Of the request that asks for the video. */
  request?: RequestKey | undefined;
}

/** Workflow id of an account's slot. */
export const slotId = (accountId: string, number: number): string => `slot_${accountId}_${number}`;

/**
 * Whether a slot's video is unfinished, or may be about to begin: what holds the slot of a video that has ended without
 * giving it back, or that was never started, does not count.
 *
 * @param graceMs time that may pass between the reservation and the start of the video's run
 */
export async function isSlotInUse(
  { workflow }: Client,
  { reservation, memo, since }: Reserved<SlotMemo>,
  graceMs: number,
): Promise<boolean> {
  // Of a video that cannot be told: it is in use as far as anybody knows.
  if (!memo.videoId) return true;
  const mayBegin = Date.now() - since < graceMs;
  try {
    const { type, status, memo: video, searchAttributes } = await workflow.getHandle(memo.videoId).describe();
    const [stage] = (searchAttributes['Stage'] ?? []) as Stage[];
    if (type !== GENERATE_VIDEO || stage === 'deleted') return false;
    const { input, result, failure } = (video ?? {}) as Partial<VideoMemo>;
    const running = status.name === 'RUNNING' || status.name === 'PAUSED';
    const unfinished = running && result === undefined && failure === undefined;
    // A video that was made once more has another slot.
    return (unfinished && (!input || input.slot?.runId === reservation.runId)) || mayBegin;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return mayBegin;
    throw error;
  }
}
