/** Does nothing, and is never begun: Temporal refuses a second one under its id, and that is what it is for. */
export async function reservation(): Promise<void> {}

/**
 * Does nothing: that it was started, under an id made of an idempotency key, is what counts. Temporal refuses the second
 * start, and the first one's memo says what was asked and which video it became.
 */
export async function rememberRequest(): Promise<void> {}
