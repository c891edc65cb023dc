import { Counter, Histogram, type Registry } from 'prom-client';
import type { Estimate } from '../../contract/cost/cost-model.ts';
import type { FinishedVideo } from '../queue/estimator.ts';

/**
 * How well the time of jobs was foretold.
 *
 * @returns to be told of each finished video with what was expected of it before it was learnt from; null where nothing of
 *   its kind of device had been measured
 */
export function estimateMetrics(registry: Registry): (video: FinishedVideo, expected: Estimate | null) => void {
  const registers = [registry];
  const error = new Histogram({
    name: 'kinora_estimate_error_ratio',
    help: 'How far the estimate of finished jobs was off, as a share of what they took on the device.',
    buckets: [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5],
    registers,
  });
  const seconds = new Counter({
    name: 'kinora_estimate_seconds_total',
    help: 'Seconds on the device of finished jobs: as estimated, and as they were.',
    labelNames: ['kind'],
    registers,
  });
  return ({ result: { timing } }, expected) => {
    const actual = timing.denoiseS + timing.decodeS;
    if (expected === null || !(actual > 0)) return;
    error.observe(Math.abs(expected.deviceS - actual) / actual);
    seconds.inc({ kind: 'estimated' }, expected.deviceS);
    seconds.inc({ kind: 'actual' }, actual);
  };
}
