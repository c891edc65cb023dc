import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Scrape, scrape } from '../support/scrape.ts';
import { WholeService } from '../support/whole-service.ts';

const SMALL = { prompt: 'a red circle moving right', width: 64, height: 64, num_frames: 7, num_inference_steps: 6 };
/** Long enough for a cancel to find it at work. */
const LONG = { ...SMALL, num_inference_steps: 200 };

let service: WholeService;
let seen: Scrape;

/** One video that completes, one that is cancelled, one that its worker hands over. */
beforeAll(async () => {
  service = await WholeService.start({ CHECKPOINT_STEPS: '3', GPU_HOUR_PRICE: '2.5' });
  await service.completed((await service.create(SMALL)).id);
  const cancelled = await service.create(LONG);
  await service.until(cancelled.id, ({ phase }) => phase === 'denoising');
  await service.cancel(cancelled.id);
  // Its own end, which the workflow's counts follow.
  await sleep(1_500);
  seen = await scrape(...Object.values(service.service.metricsUrls));
}, 120_000);
afterAll(() => service?.stop());

const value = (series: string) => seen.series.get(series);

describe('an operator who looks at the metrics', () => {
  it('sees how videos ended, and how long they took', () => {
    const ofVideos = 'namespace="default"';
    const end = (outcome: string, code: string) =>
      value(
        `kinora_videos_ended_total{class="short",code="${code}",${ofVideos},outcome="${outcome}",taskQueue="cpu",workflowType="generateVideo"}`,
      );
    expect([end('completed', 'none'), end('cancelled', 'cancelled')]).toEqual([1, 1]);
    expect(seen.names).toContain('kinora_video_seconds_bucket');
  });

  it('sees what the GPU worker did, and what of it was for nothing', () => {
    expect(value('kinora_queue_wait_seconds_count{class="short"}')).toBe(2);
    expect(value('kinora_step_seconds_count{class="short"}')).toBeGreaterThan(6);
    expect(value('kinora_phase_seconds_count{phase="decoding",class="short"}')).toBe(1);
    expect(value('kinora_checkpoints_total{result="stored"}')).toBeGreaterThanOrEqual(2);
    expect(value('kinora_checkpoint_bytes_sum')).toBeGreaterThan(1_000);
    expect(value('kinora_cancel_seconds_count')).toBe(1);
    expect(value('kinora_gpu_seconds_total{use="finished"}')).toBeGreaterThan(0);
    expect(value('kinora_gpu_seconds_total{use="wasted"}')).toBeGreaterThan(0);
    expect(value('kinora_model_loads_total')).toBe(1);
    expect(value('kinora_gpu_worker_busy')).toBe(0);
    expect(value('kinora_gpu_hour_price')).toBe(2.5);
  });

  it('sees every activity, what the SDK counts, the disks and the event loops', () => {
    for (const activity of ['validate', 'generate', 'encode', 'upload']) {
      expect(value(`kinora_activity_seconds_count{activity="${activity}"}`)).toBeGreaterThan(0);
    }
    expect(value('kinora_activity_failures_total{activity="generate",code="cancelled"}')).toBe(1);
    expect(value('kinora_disk_free_bytes{folder="scratch"}')).toBeGreaterThan(0);
    for (const name of ['temporal_num_pollers', 'nodejs_eventloop_lag_p99_seconds', 'kinora_worker_ready']) {
      expect(seen.names).toContain(name);
    }
  });

  it('sees requests by route, whatever is in their place', () => {
    const ended = value('kinora_http_requests_total{method="POST",route="/videos",status="200"}');
    expect(ended).toBe(2);
    expect(value('kinora_http_request_seconds_count{method="GET",route="/videos/:id"}')).toBeGreaterThan(1);
  });

  it('does not see whose videos they are, or what they show', () => {
    const text = [...seen.series.keys()].join('\n');
    expect(text).not.toMatch(/video_[0-9a-f]{8}|red circle|account/i);
  });
});
