import type { Client } from '@temporalio/client';
import type { Slot } from '../../contract/video-job.ts';
import { release, reserve, reserved, type Reserved } from '../../temporal/reservations.ts';
import { isSlotInUse, slotId, type SlotMemo } from '../../temporal/slots.ts';
import type { Temporal } from '../jobs/temporal.ts';
import { KeyInUse } from './idempotency.ts';

/** A slot, and whether it was taken just now; else another request for the same video has taken it. */
export interface TakenSlot {
  slot: Slot;
  own: boolean;
}

/** An account's unfinished videos as they were listed, about a second ago at most; each with the number of its slot. */
export type ListedVideos = ReadonlyMap<string, { slot: number | null }>;

/** Requests with a key whose videos had a slot when none was left, by key. */
type KeyedRequests = ReadonlyMap<string, SlotMemo>;

/** Calls of Temporal that are waited for between the reservation of a slot and the start of its video, and two more. */
const CALLS_BEFORE_START = 6;
/** Slots that are looked at when none seems to be free. */
const MOST_LOOKS = 50;

/**
 * An account's limit as so many names in Temporal, of which each unfinished video has one: however many API processes hand
 * them out at the same moment, there are no more.
 */
export class AccountSlots {
  readonly #temporal: Temporal;
  readonly #graceMs: number;
  /** Of accounts that had none left: one look at all slots answers those that ask for one, until there is another list. */
  readonly #full = new WeakMap<ListedVideos, KeyedRequests>();

  /** @param timeoutMs of one call of Temporal */
  constructor(temporal: Temporal, timeoutMs: number) {
    this.#temporal = temporal;
    this.#graceMs = CALLS_BEFORE_START * timeoutMs;
  }

  /**
   * @param most slots of the account
   * @param listed whose slots are tried last
   * @returns null where there is none
   * @throws KeyInUse where a request with the same key has one; ApiError `service_unavailable`
   */
  async take(accountId: string, most: number, asked: SlotMemo, listed: ListedVideos): Promise<TakenSlot | null> {
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
    return await this.#lookForOne(accountId, numbers.slice(0, MOST_LOOKS), asked, listed);
  }

  /** Gives one back whose video was not started. */
  async release(slot: Slot): Promise<void> {
    await this.#temporal.call((client) => release(client, slot)).catch(() => undefined);
  }

  async #lookForOne(
    accountId: string,
    numbers: number[],
    asked: SlotMemo,
    listed: ListedVideos,
  ): Promise<TakenSlot | null> {
    const requests = new Map<string, SlotMemo>();
    const looks = await this.#temporal.call((client) =>
      Promise.all(
        numbers.map(async (number) => ({ number, ...(await this.#lookAt(client, slotId(accountId, number))) })),
      ),
    );
    for (const { number, holder } of looks) {
      const { videoId, request } = holder?.memo ?? {};
      if (holder && videoId === asked.videoId) return { slot: { ...holder.reservation, number }, own: false };
      if (videoId && request) requests.set(request.key, { videoId, request });
    }
    assertNotAmong(requests, asked);
    for (const { number, holder } of looks.filter(({ inUse }) => !inUse)) {
      if (holder) await this.#temporal.call((client) => release(client, holder.reservation));
      const slot = await this.#reserve(accountId, number, asked);
      if (slot !== null) return { slot, own: true };
    }
    this.#full.set(listed, requests);
    return null;
  }

  async #lookAt(client: Client, id: string): Promise<{ holder: Reserved<SlotMemo> | null; inUse: boolean }> {
    const holder = await reserved<SlotMemo>(client, id);
    return { holder, inUse: holder !== null && (await isSlotInUse(client, holder, this.#graceMs)) };
  }

  async #reserve(accountId: string, number: number, { videoId, request }: SlotMemo): Promise<Slot | null> {
    const memo: SlotMemo = { videoId, ...(request && { request }) };
    const made = await this.#temporal.call((client) => reserve(client, slotId(accountId, number), memo, 'again'));
    return made && { ...made, number };
  }
}

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
