import type { GenerateHeartbeat, GeneratePhase } from '../workflows/contract.ts';

/** Sent twice a second: a cancel arrives in the answer to a heartbeat, and a crash loses what was not sent. */
export const HEARTBEAT_INTERVAL_MS = 500;

const PHASES: readonly GeneratePhase[] = ['loading', 'encoding_text', 'denoising', 'decoding'];

/** The details of the attempts before, as Temporal keeps them; null for the first, or where they are not ours. */
export function previousHeartbeat(details: unknown): GenerateHeartbeat | null {
  const known = typeof details === 'object' && details !== null && 'attempt' in details && 'checkpointStep' in details;
  return known ? (details as GenerateHeartbeat) : null;
}

/**
 * What an attempt tells Temporal about itself. Phase, step and frames never fall, not even below what an earlier
 * attempt had said: a user who watches a resumed job sees it stand still for a moment, not go back.
 */
export class Heartbeat {
  readonly #send: (details: GenerateHeartbeat) => void;
  readonly #alive: () => boolean;
  #details: GenerateHeartbeat;
  #timer: NodeJS.Timeout | null;

  /**
   * Sends the first at once and then repeats the newest.
   *
   * @param alive false once the device has had its time: silence then tells Temporal that this attempt is lost.
   */
  constructor(details: GenerateHeartbeat, send: (details: GenerateHeartbeat) => void, alive: () => boolean) {
    this.#details = details;
    this.#send = send;
    this.#alive = alive;
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL_MS);
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
    this.#beat();
  }

  /** Nothing is sent after this. */
  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  #beat(): void {
    if (this.#timer && this.#alive()) this.#send(this.#details);
  }
}
