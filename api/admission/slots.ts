import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { GenerateVideoInput, Slot } from '../../contract/video-job.ts';
import type { Account } from '../../platform/accounts/account.ts';
import { Limit } from '../../platform/flow/limit.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { release, reserve, reserved, type Reserved } from '../../temporal/reservations.ts';
import { isSlotInUse, slotId, type SlotMemo } from '../../temporal/slots.ts';
import { ApiError } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import { assertPossible, full, listUnfinished, slotsOf, type UnfinishedVideos } from './account-limit.ts';
import type { Jobs } from './admission.ts';
import { KeyInUse } from './idempotency.ts';

/** A slot, and whether it was taken just now; else another request for the same video has taken it. */
interface TakenSlot {
  slot: Slot;
  own: boolean;
}

/** Those of one request, by what is noted with them. */
type TakenSlots = Map<SlotMemo, TakenSlot>;

/** A slot, and what was found in it. */
interface HeldSlot {
  number: number;
  holder: Reserved<SlotMemo> | null;
}

/** Requests with a key whose videos had a slot when none was left, by key. */
type KeyedRequests = ReadonlyMap<string, SlotMemo>;

/** How long one list answers all requests of an account. */
const FRESH_MS = 1_000;
/** Calls of Temporal that are waited for between the reservation of a slot and the start of its video, the last of a group, and two more. */
const CALLS_BEFORE_START = 8;
/** Times that a group tries to get all of its slots where there seem to be enough, and about the time in between, in ms. */
const GROUP_ROUNDS = 5;
const GROUP_WAIT_MS = 100;
/** Slots that are read when none seems to be free. */
const MOST_READS = 50;

/**
 * An account's limit as a number of names in Temporal, of which each unfinished video has one: however many API processes
 * hand them out at the same moment, there are no more.
 */
export class AccountSlots {
  readonly #temporal: Temporal;
  readonly #graceMs: number;
  /** Groups of one account take their slots one after the other: at the same moment each might get only some. */
  readonly #groups = new Limit(Infinity, 1);
  readonly #unfinished = new SingleFlightCache<UnfinishedVideos>(FRESH_MS);
  /** Of accounts that had none left: one read of all slots answers the requests for one until there is another list. */
  readonly #full = new WeakMap<UnfinishedVideos, KeyedRequests>();

  /** @param timeoutMs of one call of Temporal */
  constructor(temporal: Temporal, timeoutMs: number) {
    this.#temporal = temporal;
    this.#graceMs = CALLS_BEFORE_START * timeoutMs;
  }

  /**
   * Runs `start`, which starts these videos, where the account may have so many unfinished ones more.
   *
   * @param start is given the jobs, each with its slot; returns the videos that there are afterwards
   * @throws ApiError `invalid_value` for more than the account may ever have, `rate_limit_exceeded`, `service_unavailable`;
   *   KeyInUse where a request with the same key came first; and what `start` throws
   */
  async admit(
    { id, limits }: Pick<Account, 'id' | 'limits'>,
    inputs: Jobs,
    start: (inputs: Jobs) => Promise<VideoRecord[]>,
  ): Promise<VideoRecord[]> {
    const most = slotsOf(limits);
    if (most === null) return await start(inputs);
    assertPossible(inputs.length, most);
    const take = () => this.#takeInTime(id, most, inputs);
    const taken = inputs.length === 1 ? await take() : await this.#groups.run(undefined, take, id);
    try {
      const answer = await start(
        inputs.map((input, i) => ({ ...input, slot: taken[i]!.slot })) as [GenerateVideoInput],
      );
      // Of what is left over another request for the same videos was faster.
      const used = new Set(answer.map(({ input }) => input.slot?.runId));
      await this.#release(taken.filter(({ slot }) => !used.has(slot.runId)));
      return answer;
    } catch (error) {
      // Else they may have been started all the same: a slot without a video is found out later.
      if (isRefusal(error)) await this.#release(taken);
      throw error;
    }
  }

  /**
   * Takes no slot. About a second behind, as the list is.
   *
   * @param many videos that are to be started
   * @throws ApiError as {@link admit}
   */
  async assertFree({ id, limits }: Pick<Account, 'id' | 'limits'>, many: number): Promise<void> {
    const most = slotsOf(limits);
    if (most === null) return;
    assertPossible(many, most);
    if ((await this.unfinished(id)).size + many > most) throw full(most, many);
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
   * A slot for each of the videos; all of them, or none.
   *
   * @throws ApiError `rate_limit_exceeded`, `service_unavailable`; KeyInUse as {@link admit}
   */
  async #takeInTime(accountId: string, most: number, inputs: Jobs): Promise<TakenSlot[]> {
    const asked = inputs.map(({ videoId, request }): SlotMemo => ({ videoId, request }));
    for (let round = 1; ; round++) {
      const listed = await this.unfinished(accountId);
      const more = asked.filter(({ videoId }) => !listed.has(videoId)).length;
      const fit = listed.size + more <= most;
      // Videos without a slot of these: the limit was another one when they were started.
      const others = [...listed.values()].filter(({ slot }) => slot === null || slot >= most).length;
      const taken = others > 0 && !fit ? null : await this.#take(accountId, most, asked, listed);
      if (taken !== null) return taken;
      // Another process's group may have taken some of them at the same moment, and neither got all.
      if (asked.length === 1 || !fit || round === GROUP_ROUNDS) throw full(most, asked.length);
      await sleep(round * GROUP_WAIT_MS * (0.5 + Math.random()));
    }
  }

  /**
   * @param most slots of the account
   * @param asked for whom; the first one tells of the request
   * @param listed whose slots are tried last
   * @returns null where there are too few, and then none is taken
   * @throws KeyInUse where a request with the same key has one; ApiError `service_unavailable`
   */
  async #take(
    accountId: string,
    most: number,
    asked: SlotMemo[],
    listed: UnfinishedVideos,
  ): Promise<TakenSlot[] | null> {
    const others = this.#full.get(listed);
    if (others !== undefined) {
      assertNotAmong(others, asked);
      return null;
    }
    const numbers = inAnyOrder(most);
    const inUse = new Set([...listed.values()].map(({ slot }) => slot));
    const free = numbers.filter((number) => !inUse.has(number)).map((number) => ({ number, holder: null }));
    const taken: TakenSlots = new Map();
    try {
      const ended = await Promise.allSettled(asked.map((memo) => this.#takeOneOf(free, accountId, memo, taken)));
      for (const end of ended) if (end.status === 'rejected') throw end.reason;
      if (taken.size < asked.length)
        await this.#takeUnused(accountId, numbers.slice(0, MOST_READS), { asked, listed, taken });
    } catch (error) {
      await this.#release([...taken.values()]);
      throw error;
    }
    if (taken.size === asked.length) return asked.map((memo) => taken.get(memo)!);
    await this.#release([...taken.values()]);
    return null;
  }

  /** Takes slots that are reserved and not in use, or those that these videos have already, for those that are not in `taken`. */
  async #takeUnused(
    accountId: string,
    numbers: number[],
    { asked, listed, taken }: { asked: SlotMemo[]; listed: UnfinishedVideos; taken: TakenSlots },
  ): Promise<void> {
    const requests = new Map<string, SlotMemo>();
    const slots = await this.#temporal.call((client) =>
      Promise.all(
        numbers.map(async (number) => ({ number, ...(await this.#holderOf(client, slotId(accountId, number))) })),
      ),
    );
    for (const { number, holder } of slots) {
      const { videoId, request } = holder?.memo ?? {};
      const memo = holder && asked.find((one) => one.videoId === videoId);
      if (memo) {
        if (!taken.has(memo)) taken.set(memo, { slot: { ...holder.reservation, number }, own: false });
      } else if (videoId && request) requests.set(request.key, { videoId, request });
    }
    if (taken.size === asked.length) return;
    assertNotAmong(requests, asked);
    const unused = slots.filter(({ inUse }) => !inUse);
    for (const memo of asked.filter((one) => !taken.has(one))) await this.#takeOneOf(unused, accountId, memo, taken);
    if (taken.size === 0) this.#full.set(listed, requests);
  }

  /** Takes the first of these slots that can be had, and leaves those after it in the list. */
  async #takeOneOf(slots: HeldSlot[], accountId: string, memo: SlotMemo, taken: TakenSlots): Promise<void> {
    for (let next = slots.shift(); next !== undefined; next = slots.shift()) {
      const { number, holder } = next;
      if (holder) await this.#temporal.call((client) => release(client, holder.reservation));
      const slot = await this.#reserve(accountId, number, memo);
      if (slot === null) continue;
      taken.set(memo, { slot, own: true });
      return;
    }
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

  /** Gives those back that were taken for videos that were not started. */
  async #release(taken: readonly TakenSlot[]): Promise<void> {
    const own = taken.filter((one) => one.own);
    await Promise.allSettled(own.map(({ slot }) => this.#temporal.call((client) => release(client, slot))));
  }
}

/** The video was certainly not started. */
const isRefusal = (error: unknown) =>
  error instanceof KeyInUse || (error instanceof ApiError && error.code !== 'service_unavailable');

/** @throws KeyInUse */
function assertNotAmong(requests: KeyedRequests, asked: SlotMemo[]): void {
  const { videoId, request } = asked[0]!;
  const other = request && requests.get(request.key);
  // Each of two groups may see the other one's: one of them has to stay.
  if (!other || (asked.length > 1 && videoId < other.videoId)) return;
  throw new KeyInUse({ videoId: other.videoId, digest: other.request!.digest });
}

/** So that several processes do not all try the same ones in the same order. */
function inAnyOrder(most: number): number[] {
  const keyed = Array.from({ length: most }, (_, number) => ({ number, at: Math.random() }));
  return keyed.toSorted((a, b) => a.at - b.at).map(({ number }) => number);
}
