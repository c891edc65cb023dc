import type { GenerateHeartbeat, GeneratePhase } from '../../contract/progress.ts';
import { generatedShape, type VideoSpec } from '../../contract/video-job.ts';
import { Lease } from '../../storage/lease.ts';

/**
 * Time between two heartbeats, in ms. A cancel arrives in the answer to one, so there are two in every step. At most ten
 * a second spare Temporal's database; at least two a second keep a cancel quick.
 */
export const HEARTBEAT_INTERVAL_MS = { least: 100, most: 500 };

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
  #intervalMs = HEARTBEAT_INTERVAL_MS.most;
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
    // Early enough already, unless it is the last that is said.
    if (next.clean || performance.now() - this.#sentAt >= this.#intervalMs) this.#beat();
  }

  /** Adapts the time between two heartbeats to the steps' own, in seconds. */
  pace(stepSeconds: number): void {
    const { least, most } = HEARTBEAT_INTERVAL_MS;
    this.#intervalMs = Math.min(most, Math.max(least, stepSeconds * 500));
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
