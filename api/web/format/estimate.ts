import type { VideoEstimate } from '../client/types.ts';
import { span } from './time.ts';

/** What a video would take, e.g. `≈ 2 min · 3 ahead of you · 0.4 GPU-min`; empty while nothing is known of it. */
export function estimateText({ eta_seconds, queue_position, gpu_seconds }: VideoEstimate): string {
  return [
    eta_seconds !== null && `≈ ${span(eta_seconds)}`,
    queue_position !== null && queue_position > 1 && `${queue_position - 1} ahead of you`,
    gpu_seconds !== null && gpu_seconds > 0 && gpuTime(gpu_seconds),
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

/** In the unit that GPUs are paid by; of less than three seconds not even a tenth of a minute. */
const gpuTime = (seconds: number): string =>
  seconds < 3 ? `${seconds.toFixed(1)} GPU-s` : `${(seconds / 60).toFixed(1)} GPU-min`;
