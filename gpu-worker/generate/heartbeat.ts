import type { GenerateHeartbeat, GeneratePhase } from '../../contract/progress.ts';
import { generatedShape, type VideoSpec } from '../../contract/video-job.ts';
import { Lease } from '../../storage/lease.ts';

/**
 * Time between two heartbeats, in ms. A cancel arrives in the answer to one, so there are two in every step; the wait for
 * it stays below a twentieth of what the attempt has taken so far. Each is a write to Temporal's database, and in long
 * jobs they would cost it more than all else: those make do with one in 2.5 s, four within the heartbeat's timeout.
 */
export const HEARTBEAT_INTERVAL_MS = { least: 100, first: 500, most: 2_500 };
const PART_OF_ATTEMPT = 1 / 20;

const PHASES: readonly GeneratePhase[] = ['loading', 'encoding_text', 'denoising', 'decoding'];

/** The details of the attempts before, as Temporal keeps them; null for the first, or where they are not ours. */
export function previousHeartbeat(details: unknown): GenerateHeartbeat | null {
  const known = typeof details === 'object' && details !== null && 'attempt' in details && 'checkpointStep' in details;
  return known ? (details as GenerateHeartbeat) : null;
}

/** Details that an attempt begins with: never less than earlier attempts have reached. */
export function firstHeartbeat(
  previous: GenerateHeartbeat | null,
  spec: VideoSpec,
  attempt: number,
): GenerateHeartbeat {
  return {
    phase: previous?.phase ?? 'loading',
    step: previous?.step ?? 0,
    steps: spec.numInferenceSteps,
    frames: previous?.frames ?? 0,
    totalFrames: generatedShape(spec).numFrames,
    checkpointKey: previous?.checkpointKey ?? null,
    checkpointStep: previous?.checkpointStep ?? 0,
    // Null too where a worker without previews sent it.
    previewStep: previous?.previewStep ?? null,
    etaSeconds: null,
    attempt,
    fromStep: Math.max(previous?.fromStep ?? 0, previous?.checkpointStep ?? 0),
    crashes: previous?.crashes ?? 0,
    clean: false,
  };
}

/**
 * What an attempt tells Temporal about itself. Phase, step and frames never fall, not even below what an earlier
 * attempt had said: a user who watches a resumed job sees it stand still for a moment, not go back.
 */
export class Heartbeat {
  readonly #send: (details: GenerateHeartbeat) => void;
  readonly #alive: () => boolean;
  readonly #lease: Lease;
  #details: GenerateHeartbeat;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;
  #halfStepMs = HEARTBEAT_INTERVAL_MS.first;
  readonly #begunAt = performance.now();
  #sentAt = -Infinity;

  /**
   * Sends the first at once and then repeats the newest.
   *
   * @param alive false once the device has had its time: silence then tells Temporal that this attempt is lost.
   * @param lease renewed by each heartbeat; once it is lost none is sent. @default one that is never lost
   */
  constructor(
    details: GenerateHeartbeat,
    send: (details: GenerateHeartbeat) => void,
    alive: () => boolean,
    lease = new Lease(),
  ) {
    this.#lease = lease;
    this.#details = details;
    this.#send = send;
    this.#alive = alive;
    this.#beat();
  }

  get details(): GenerateHeartbeat {
    return this.#details;
  }

  update(change: Partial<GenerateHeartbeat>): void {
    const before = this.#details;
    const next = { ...before, ...change };
    next.step = Math.max(next.step, before.step);
    next.frames = Math.max(next.frames, before.frames);
    if (PHASES.indexOf(next.phase) < PHASES.indexOf(before.phase)) next.phase = before.phase;
    this.#details = next;
    // Early enough already, unless it is the last that is said, or the next attempt would redo steps without it.
    const isUrgent = next.clean || next.checkpointKey !== before.checkpointKey;
    if (isUrgent || performance.now() - this.#sentAt >= this.#intervalMs) this.#beat();
  }

  /** Adapts the time between two heartbeats to the steps' own, in seconds. */
  pace(stepSeconds: number): void {
    this.#halfStepMs = stepSeconds * 500;
  }

  get #intervalMs(): number {
    const { least, most } = HEARTBEAT_INTERVAL_MS;
    const lasted = performance.now() - this.#begunAt;
    return Math.min(most, Math.max(least, this.#halfStepMs, lasted * PART_OF_ATTEMPT));
  }

  /** Nothing is sent after this. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #beat(): void {
    if (this.#stopped) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), this.#intervalMs);
    if (!this.#alive() || !this.#lease.renew()) return;
    this.#sentAt = performance.now();
    this.#send(this.#details);
  }
}
