/** Does nothing, and is never begun: Temporal refuses a second one under its id, and that is what it is for. */
export async function reservation(): Promise<void> {}
