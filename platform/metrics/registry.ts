import { collectDefaultMetrics, Registry } from 'prom-client';

/** What a process tells Prometheus, with Node's own figures in it already: event-loop lag, memory, CPU, open files. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Bounds of histograms, in seconds, from a tenth of a second to two hours. */
export const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180, 300, 450, 600, 900, 1800, 3600, 7200];
