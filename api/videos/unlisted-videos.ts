import type { GenerateVideoInput } from '../../contract/video-job.ts';

/** Temporal's visibility lists a workflow a moment after its start; on a database under load, after some seconds. */
const LISTED_AFTER_MS = 10_000;

/** The videos that this process has just started: in its lists at once. */
export class RecentCreations {
  readonly #inputs = new Map<GenerateVideoInput, number>();

  add(input: GenerateVideoInput): void {
    this.#forgetListed();
    this.#inputs.set(input, performance.now());
  }

  /** In the order of their start. */
  inputs(): GenerateVideoInput[] {
    this.#forgetListed();
    return [...this.#inputs.keys()];
  }

  #forgetListed(): void {
    const since = performance.now() - LISTED_AFTER_MS;
    for (const [input, at] of this.#inputs) {
      if (at >= since) break;
      this.#inputs.delete(input);
    }
  }
}
