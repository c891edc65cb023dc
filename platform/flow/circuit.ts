import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';

export interface CircuitOptions {
  /** How many in a row open it. */
  failures: number;
  /** For how long nothing is tried then, in ms. */
  pauseMs: number;
}

/** Nothing was tried, because earlier tries failed. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
}

/**
 * A circuit breaker: a service that has failed several times in a row is left alone for a while. Callers do not wait for
 * it meanwhile, and it can recover. Then a single try shows whether it is back.
 */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy;
  readonly #failures: number;

  /** @param isFailure of the service; other errors show that it is there */
  constructor(isFailure: (error: Error) => boolean, { failures, pauseMs }: CircuitOptions) {
    this.#failures = failures;
    this.#policy = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: pauseMs,
      breaker: new ConsecutiveBreaker(failures),
    });
  }

  /** @throws CircuitOpenError, its cause the last failure; whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    // The library would have all others wait for the single try.
    if (this.#policy.state === CircuitState.HalfOpen) throw this.#open();
    try {
      return await this.#policy.execute(work);
    } catch (error) {
      throw error instanceof BrokenCircuitError ? this.#open() : error;
    }
  }

  #open(): CircuitOpenError {
    const last = this.#policy.lastFailure;
    const cause = last && 'error' in last ? last.error : undefined;
    return new CircuitOpenError(`left alone for a moment after ${this.#failures} failures in a row`, { cause });
  }
}
