/** How long a test waits for what has to come, in ms: a machine with ten times as much to do as cores is slow, not broken. */
export const PATIENCE_MS = 180_000;
