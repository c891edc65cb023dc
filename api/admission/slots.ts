import type { Client } from '@temporalio/client';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import type { GenerateVideoInput, Slot, Stage, VideoMemo } from '../../contract/video-job.ts';
import type { Account } from '../../platform/accounts/account.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { release, reserve, reserved, type Reserved } from '../../temporal/reservations.ts';
import { isSlotInUse, slotId, type SlotMemo } from '../../temporal/slots.ts';
import { ApiError, rateLimited } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import { KeyInUse } from './idempotency.ts';

/** A slot, and whether it was taken just now; else another request for the same video has taken it. */
interface TakenSlot {
  slot: Slot;
  own: boolean;
}

/** An account's unfinished videos as they were listed, about a second ago at most. */
export type UnfinishedVideos = ReadonlyMap<string, { stage: Stage; /** Null without a slot. */ slot: number | null }>;

/** Requests with a key whose videos had a slot when none was left, by key. */
type KeyedRequests = ReadonlyMap<string, SlotMemo>;

/** How long one list answers all requests of an account. */
const FRESH_MS = 1_000;
/** What clients are told to wait where all slots are taken: about a short video's time. */
const FULL_WAIT_MS = 10_000;
/** Calls of Temporal that are waited for between the reservation of a slot and the start of its video, and two more. */
const CALLS_BEFORE_START = 6;
/** Slots that are read when none seems to be free. */
const MOST_READS = 50;

/**
 * An account's limit as a number of names in Temporal, of which each unfinished video has one: however many API processes
 * hand them out at the same moment, there are no more.
 */
export class AccountSlots {
  readonly #temporal: Temporal;
  readonly #graceMs: number;
  readonly #unfinished = new SingleFlightCache<UnfinishedVideos>(FRESH_MS);
  /** Of accounts that had none left: one read of all slots answers the requests for one until there is another list. */
  readonly #full = new WeakMap<UnfinishedVideos, KeyedRequests>();

  /** @param timeoutMs of one call of Temporal */
  constructor(temporal: Temporal, timeoutMs: number) {
    this.#temporal = temporal;
    this.#graceMs = CALLS_BEFORE_START * timeoutMs;
  }

  /**
   * Runs `start`, which starts this video, where the account may have one unfinished video more.
   *
   * @param start is given the job with its slot; returns the video that there is afterwards
   * @throws ApiError `rate_limit_exceeded`, `service_unavailable`; KeyInUse where a request with the same key came first;
   *   and what `start` throws
   */
  async admit(
    { id, limits }: Pick<Account, 'id' | 'limits'>,
    input: GenerateVideoInput,
    start: (input: GenerateVideoInput) => Promise<VideoRecord>,
  ): Promise<VideoRecord> {
    const most = slotsOf(limits);
    if (most === null) return await start(input);
    const { videoId, request } = input;
    const listed = await this.unfinished(id);
    // Videos without a slot of these: the limit was another one when they were started.
    const others = [...listed.values()].filter(({ slot }) => slot === null || slot >= most).length;
    if (others > 0 && listed.size >= most && !listed.has(videoId)) throw full(most);
    const taken = await this.#take(id, most, { videoId, request }, listed);
    if (taken === null) throw full(most);
    const { slot, own } = taken;
    try {
      const answer = await start({ ...input, slot });
      // Another request for the same video was faster.
      if (own && answer.input.slot?.runId !== slot.runId) await this.#release(slot);
      return answer;
    } catch (error) {
      // Else it may have been started all the same: a slot without a video is found out later.
      if (own && isRefusal(error)) await this.#release(slot);
      throw error;
    }
  }

  /**
   * Takes no slot. About a second behind, as the list is.
   *
   * @throws ApiError `rate_limit_exceeded` where the account has as many unfinished videos as it may; `service_unavailable`
   */
  async assertFree({ id, limits }: Pick<Account, 'id' | 'limits'>): Promise<void> {
    const most = slotsOf(limits);
    if (most !== null && (await this.unfinished(id)).size >= most) throw full(most);
  }

  /** @throws ApiError `service_unavailable` */
  unfinished(accountId: string): Promise<UnfinishedVideos> {
    return this.#unfinished.get(accountId, () => this.#temporal.call((client) => listUnfinished(client, accountId)));
  }

  /** Videos have ended since this list was made: whether a slot is free is read again for the next request. */
  videosEnded(listed: UnfinishedVideos): void {
    this.#full.delete(listed);
  }

  /**
   * @param most slots of the account
   * @param listed whose slots are tried last
   * @returns null where there is none
   * @throws KeyInUse where a request with the same key has one; ApiError `service_unavailable`
   */
  async #take(accountId: string, most: number, asked: SlotMemo, listed: UnfinishedVideos): Promise<TakenSlot | null> {
    const others = this.#full.get(listed);
    if (others !== undefined) {
      assertNotAmong(others, asked);
      return null;
    }
    const numbers = inAnyOrder(most);
    const taken = new Set([...listed.values()].map(({ slot }) => slot));
    for (const number of numbers.filter((n) => !taken.has(n))) {
      const slot = await this.#reserve(accountId, number, asked);
      if (slot !== null) return { slot, own: true };
    }
    return await this.#takeUnused(accountId, numbers.slice(0, MOST_READS), asked, listed);
  }

  /** Takes a slot that is reserved and not in use, or the one that this video has already. */
  async #takeUnused(
    accountId: string,
    numbers: number[],
    asked: SlotMemo,
    listed: UnfinishedVideos,
  ): Promise<TakenSlot | null> {
    const requests = new Map<string, SlotMemo>();
    const slots = await this.#temporal.call((client) =>
      Promise.all(
        numbers.map(async (number) => ({ number, ...(await this.#holderOf(client, slotId(accountId, number))) })),
      ),
    );
    for (const { number, holder } of slots) {
      const { videoId, request } = holder?.memo ?? {};
      if (holder && videoId === asked.videoId) return { slot: { ...holder.reservation, number }, own: false };
      if (videoId && request) requests.set(request.key, { videoId, request });
    }
    assertNotAmong(requests, asked);
    for (const { number, holder } of slots.filter(({ inUse }) => !inUse)) {
      if (holder) await this.#temporal.call((client) => release(client, holder.reservation));
      const slot = await this.#reserve(accountId, number, asked);
      if (slot !== null) return { slot, own: true };
    }
    this.#full.set(listed, requests);
    return null;
  }

  async #holderOf(client: Client, id: string): Promise<{ holder: Reserved<SlotMemo> | null; inUse: boolean }> {
    const holder = await reserved<SlotMemo>(client, id);
    return { holder, inUse: holder !== null && (await isSlotInUse(client, holder, this.#graceMs)) };
  }

  async #reserve(accountId: string, number: number, { videoId, request }: SlotMemo): Promise<Slot | null> {
    const memo: SlotMemo = { videoId, ...(request && { request }) };
    const made = await this.#temporal.call((client) => reserve(client, slotId(accountId, number), memo, 'again'));
    return made && { ...made, number };
  }

  /** Gives one back whose video was not started. */
  async #release(slot: Slot): Promise<void> {
    await this.#temporal.call((client) => release(client, slot)).catch(() => undefined);
  }
}

/** Unfinished videos that an account may have; null for any number. */
const slotsOf = ({ queued, running }: Account['limits']): number | null =>
  queued === null && running === null ? null : (queued ?? 0) + (running ?? 0);

const full = (most: number) =>
  rateLimited(`This account has ${most} unfinished videos and may have ${most}.`, FULL_WAIT_MS);

async function listUnfinished({ workflow }: Client, accountId: string): Promise<UnfinishedVideos> {
  const query = `WorkflowType = "${GENERATE_VIDEO}" AND AccountId = "${accountId}" AND ExecutionStatus = "Running"`;
  const found = new Map<string, { stage: Stage; slot: number | null }>();
  for await (const { workflowId, searchAttributes, memo } of workflow.list({ query, pageSize: 1000 })) {
    const [stage] = (searchAttributes['Stage'] ?? []) as Stage[];
    const { input } = (memo ?? {}) as Partial<VideoMemo>;
    if (stage !== undefined && stage !== 'deleted') found.set(workflowId, { stage, slot: input?.slot?.number ?? null });
  }
  return found;
}

/** The video was certainly not started. */
const isRefusal = (error: unknown) =>
  error instanceof KeyInUse || (error instanceof ApiError && error.code !== 'service_unavailable');

/** @throws KeyInUse */
function assertNotAmong(requests: KeyedRequests, { request }: SlotMemo): void {
  const other = request && requests.get(request.key);
  if (other) throw new KeyInUse({ videoId: other.videoId, digest: other.request!.digest });
}

/** So that several processes do not all try the same ones in the same order. */
function inAnyOrder(most: number): number[] {
  const keyed = Array.from({ length: most }, (_, number) => ({ number, at: Math.random() }));
  return keyed.toSorted((a, b) => a.at - b.at).map(({ number }) => number);
}
