import type { Client } from '@temporalio/client';
import { type GenerateVideoInput, type Stage, type VideoMemo } from '../../contract/video-job.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import type { Account } from '../../platform/accounts/account.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { ApiError, rateLimited } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import { KeyInUse } from './idempotency.ts';
import type { VideoRecord } from '../jobs/video-object.ts';
import { AccountSlots } from './slots.ts';

/** Where an account's video is read. */
interface Videos {
  get(videoId: string, viewer: Viewer): Promise<VideoRecord>;
}

/** Videos of an account that are not finished. */
export interface Usage {
  /** Waiting for a GPU. */
  queued: number;
  /** In the making. */
  running: number;
}

/** An unfinished video as it is listed. */
interface Listed {
  stage: Stage;
  /** Number of its slot; null where it was started without one. */
  slot: number | null;
}

/** What this process knows of an account; the truth is with Temporal. */
interface Entry {
  /** The last list, or the one that is under way, and until when it is good, `performance.now()` ms. */
  listed: Promise<Map<string, Listed>>;
  freshUntil: number;
  /** Videos that this process has started and that no list has shown yet, with the time when that was done. */
  started: Map<string, number>;
}

/** How long one list answers everybody; what this process starts meanwhile is counted at once. */
const FRESH_MS = 1_000;
/** What clients are told to wait where the queue is full: about a short video's time. */
const FULL_WAIT_MS = 10_000;
/** Videos of one account that are looked at to tell the waiting from the running: no service has more GPUs free. */
const MOST_LOOKS = 50;

/** How much of the service each account uses, and whether it may have more. */
export class AccountUsage {
  readonly #temporal: Temporal;
  readonly #videos: Videos;
  readonly #slots: AccountSlots;
  readonly #entries = new Map<string, Entry>();

  /** @param timeoutMs of one call of Temporal */
  constructor(temporal: Temporal, videos: Videos, timeoutMs: number) {
    this.#temporal = temporal;
    this.#videos = videos;
    this.#slots = new AccountSlots(temporal, timeoutMs);
  }

  /**
   * Runs `start`, which starts this video, where the account may have one unfinished video more. At however many API
   * processes it asks, it gets no more than it may have.
   *
   * @param start is given the job with its slot; returns the video that there is afterwards
   * @throws ApiError `rate_limit_exceeded`, `service_unavailable`; KeyInUse where a request with the same key came first;
   *   and whatever `start` throws
   */
  async admit(
    { id, limits }: Pick<Account, 'id' | 'limits'>,
    input: GenerateVideoInput,
    start: (input: GenerateVideoInput) => Promise<VideoRecord>,
  ): Promise<VideoRecord> {
    if (limits.queued === null && limits.running === null) return await start(input);
    const most = (limits.queued ?? 0) + (limits.running ?? 0);
    const { videoId, request } = input;
    const listed = await this.#listed(id);
    // Videos without a slot of these: the limit was another one when they were started.
    const others = [...listed.values()].filter(({ slot }) => slot === null || slot >= most).length;
    const full = () => rateLimited(`This account has ${most} unfinished videos and may have ${most}.`, FULL_WAIT_MS);
    if (others > 0 && listed.size >= most && !listed.has(videoId)) throw full();
    const taken = await this.#slots.take(id, most, { videoId, request }, listed);
    if (taken === null) throw full();
    const { slot, own } = taken;
    const { started } = this.#entry(id);
    // A list that is made before it has really started says nothing of it.
    started.set(videoId, Infinity);
    try {
      const answer = await start({ ...input, slot });
      started.set(videoId, performance.now());
      // Somebody else was faster.
      if (own && answer.input.slot?.runId !== slot.runId) await this.#slots.release(slot);
      return answer;
    } catch (error) {
      started.delete(videoId);
      // Else it may have been started all the same: a slot without a video is found out later.
      if (own && isRefusal(error)) await this.#slots.release(slot);
      throw error;
    }
  }

  /** @throws ApiError `service_unavailable` */
  async of(accountId: string): Promise<Usage> {
    const listed = await this.#listed(accountId);
    const { started } = this.#entry(accountId);
    const total = new Set([...listed.keys(), ...started.keys()]).size;
    const published = [...listed].filter(([, { stage }]) => stage === 'encoding' || stage === 'uploading').length;
    // The workflow's stage is `generating` from the moment that it waits for a GPU.
    const perhaps = [...listed].filter(([, { stage }]) => stage === 'generating').map(([videoId]) => videoId);
    const looks = await Promise.all(perhaps.slice(0, MOST_LOOKS).map((videoId) => this.#statusOf(videoId, accountId)));
    const running = published + looks.filter((status) => status === 'in_progress').length;
    return { queued: Math.max(0, total - running), running };
  }

  #entry(accountId: string): Entry {
    let entry = this.#entries.get(accountId);
    if (entry === undefined) {
      entry = { listed: Promise.resolve(new Map()), freshUntil: 0, started: new Map() };
      this.#entries.set(accountId, entry);
    }
    return entry;
  }

  #listed(accountId: string): Promise<Map<string, Listed>> {
    const entry = this.#entry(accountId);
    if (performance.now() > entry.freshUntil) {
      const listed = (entry.listed = this.#list(accountId, entry.started));
      entry.freshUntil = Infinity;
      listed.then(
        () => (entry.freshUntil = performance.now() + FRESH_MS),
        () => (entry.freshUntil = 0),
      );
    }
    return entry.listed;
  }

  /** Lists the unfinished videos, and sorts out which of those that were started here need no longer be remembered. */
  async #list(accountId: string, started: Map<string, number>): Promise<Map<string, Listed>> {
    const since = performance.now();
    const listed = await this.#temporal.call((client) => listUnfinished(client, accountId));
    await Promise.all(
      [...started].map(async ([videoId, at]) => {
        // Listed from now on; or, not being listed, finished already: visibility is behind by a moment.
        const done = listed.has(videoId) || (at < since && !isUnfinished(await this.#statusOf(videoId, accountId)));
        if (done) started.delete(videoId);
      }),
    );
    return listed;
  }

  async #statusOf(videoId: string, accountId: string): Promise<string | null> {
    try {
      return (await this.#videos.get(videoId, { accountId, admin: false })).video.status;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'video_not_found') return null;
      throw error;
    }
  }
}

/** Whatever was to be started was not. */
const isRefusal = (error: unknown) =>
  error instanceof KeyInUse || (error instanceof ApiError && error.code !== 'service_unavailable');

const isUnfinished = (status: string | null) => status === 'queued' || status === 'in_progress';

async function listUnfinished({ workflow }: Client, accountId: string): Promise<Map<string, Listed>> {
  const query = `WorkflowType = "${GENERATE_VIDEO}" AND AccountId = "${accountId}" AND ExecutionStatus = "Running"`;
  const found = new Map<string, Listed>();
  for await (const { workflowId, searchAttributes, memo } of workflow.list({ query, pageSize: 1000 })) {
    const [stage] = (searchAttributes['Stage'] ?? []) as Stage[];
    const { input } = (memo ?? {}) as Partial<VideoMemo>;
    if (stage !== undefined && stage !== 'deleted') found.set(workflowId, { stage, slot: input?.slot?.number ?? null });
  }
  return found;
}
