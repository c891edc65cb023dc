import { setImmediate } from 'node:timers/promises';
import { Limit } from '../../temporal/limit.ts';
import { unavailable } from '../temporal.ts';

/** Videos that are created at a time: a burst must not hold up those who look at their videos meanwhile. */
const AT_ONCE = 2;
/** The longest that one waits for its turn, in ms: less than the minute that proxies wait for an answer. */
const WAIT_MS = 45_000;

/** Turns in which videos are created. */
export class CreationTurns {
  readonly #limit = new Limit(AT_ONCE);
  #newest: Promise<unknown> = Promise.resolve();

  /** Resolves in a turn of the event loop that no other creation begins in. */
  begin(): Promise<unknown> {
    return (this.#newest = this.#newest.then(() => setImmediate()));
  }

  /** @throws ApiError `service_unavailable` where its turn does not come in time, and whatever `create` throws */
  async take<T>(create: () => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(WAIT_MS);
    try {
      return await this.#limit.run(late, async () => {
        await this.begin();
        return await create();
      });
    } catch (error) {
      throw error === late.reason ? unavailable('Too many videos are being started.') : error;
    }
  }
}
