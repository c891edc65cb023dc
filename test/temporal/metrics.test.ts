import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { PATIENCE_MS } from '../../tools/harness/patience.ts';
import { deviceMetrics } from '../../gpu-worker/device/device-metrics.ts';
import { asked, queries, rules } from '../../tools/harness/servers/monitoring.ts';
import { type Scrape, scrape } from '../support/client/scrape.ts';
import { LONG_SHAPE, WholeService } from '../../tools/harness/services/whole-service.ts';

const SMALL = { prompt: 'a red circle moving right', width: 64, height: 64, num_frames: 7, num_inference_steps: 6 };
/** Long enough for a cancel to find it at work. */
const LONG = { ...SMALL, ...LONG_SHAPE };

let service: WholeService;
let seen: Scrape = { names: new Set(), series: new Map() };
let completed = 0;
let video = '';

/** One video that completes, one that is cancelled, one that its worker hands over. */
beforeAll(async () => {
  service = await WholeService.start({ CHECKPOINT_STEPS: '3', GPU_HOUR_PRICE: '2.5', LOG_LEVEL: 'debug' });
  // The API learns from the first what the next ones take.
  for (; !seen.names.has('kinora_estimate_seconds_total'); seen = await scrapeAll()) {
    ({ id: video } = await service.create(SMALL));
    await service.completed(video);
    completed++;
    await sleep(1_500);
  }
  const cancelled = await service.create(LONG);
  await service.until(cancelled.id, ({ phase }) => phase === 'denoising');
  await service.cancel(cancelled.id);
  // The workflow's end comes last.
  const isOver = () => [...seen.series.keys()].some((series) => /^kinora_videos_ended_total.*"cancelled"/.test(series));
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !isOver(); await sleep(300)) seen = await scrapeAll();
});
afterAll(() => service?.stop());

const scrapeAll = () => scrape(...Object.values(service.service.metricsUrls));
const value = (series: string) => seen.series.get(series);

/** Labels that Prometheus adds to what it reads. */
const BY_PROMETHEUS = ['instance', 'job'];

/** What a worker tells of its GPUs; there need be none here. */
function gpuSeries(): string[] {
  const registry = new Registry();
  deviceMetrics(registry, ['cuda:0']);
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  return metrics.map(({ name, labelNames }) => `${name}{${labelNames.map((label) => `${label}=""`).join()}}`);
}

describe('an operator who looks at the metrics', () => {
  it('sees how videos ended, and how long they took', () => {
    const ofVideos = 'namespace="default"';
    const end = (outcome: string, code: string, jobClass: string) =>
      value(
        `kinora_videos_ended_total{class="${jobClass}",code="${code}",${ofVideos},outcome="${outcome}",taskQueue="cpu",workflowType="generateVideo"}`,
      );
    expect([end('completed', 'none', 'short'), end('cancelled', 'cancelled', 'long')]).toEqual([completed, 1]);
    expect(seen.names).toContain('kinora_video_seconds_bucket');
  });

  it('sees what the GPU worker did, and what of it was for nothing', () => {
    const waits = ['short', 'long'].map((jobClass) => value(`kinora_queue_wait_seconds_count{class="${jobClass}"}`));
    expect(waits).toEqual([completed, 1]);
    expect(value('kinora_step_seconds_count{class="short"}')).toBeGreaterThan(6);
    expect(value('kinora_phase_seconds_count{phase="decoding",class="short"}')).toBe(completed);
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
    expect(ended).toBe(completed + 1);
    expect(value('kinora_http_request_seconds_count{method="GET",route="/videos/:id"}')).toBeGreaterThan(1);
  });

  it('sees all that the dashboards and the alerts ask for', async () => {
    const labels = new Map<string, Set<string>>();
    for (const series of [...seen.series.keys(), ...gpuSeries()]) {
      const [, name, inner = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(series)!;
      const known = labels.get(name!) ?? new Set(BY_PROMETHEUS);
      for (const [, label] of inner.matchAll(/(\w+)="/g)) known.add(label!);
      labels.set(name!, known);
    }
    const all = await queries();
    const recorded = new Set((await rules()).map(({ record }) => record));
    const missing = all.flatMap((query) => {
      const { metrics, shown } = asked(query);
      const exported = metrics.filter(({ name }) => !recorded.has(name));
      const unknown = exported.flatMap((metric) =>
        metric.labels
          .concat('')
          .filter((label) => !(label ? labels.get(metric.name)?.has(label) : labels.has(metric.name))),
      );
      const unshown = shown.filter((label) => !exported.some(({ name }) => labels.get(name)?.has(label)));
      return [...unknown, ...unshown].map((label) => `${query.where}: ${query.expr}: ${label}`);
    });
    expect(missing).toEqual([]);
    expect(all.length).toBeGreaterThan(80);
  });

  it('does not see whose videos they are, or what they show', () => {
    const text = [...seen.series.keys()].join('\n');
    expect(text).not.toMatch(/video_[0-9a-f]{8}|red circle|account/i);
  });
});

describe('an operator who reads the logs', () => {
  const lineOf = async (process: string, msg: string) =>
    (await service.log(process, video)).find((line) => line.msg === msg)!;

  it('follows a video from its request through every attempt and step', async () => {
    const asked = await lineOf('api', 'Video asked for');
    expect(asked).toMatchObject({ requestId: expect.stringMatching(/^req_/), account: 'default' });
    for (const msg of ['Generating', 'Checkpoint stored', 'Frames stored', 'Attempt ended']) {
      expect(await lineOf('gpu-worker', msg)).toMatchObject({ videoId: video, attempt: 1 });
    }
    for (const msg of ['Step', 'Checkpoint stored', 'Attempt ended']) {
      expect(await lineOf('gpu-worker', msg)).toHaveProperty('step');
    }
    expect(await lineOf('cpu-worker', 'Activity ended')).toMatchObject({ videoId: video, attempt: 1 });
  });

  it('sees that two prompts were the same, and of neither a word', async () => {
    const { prompt } = await lineOf('api', 'Video asked for');
    expect(prompt).toMatch(/^[0-9a-f]{32}$/);
    // Or anybody who reads the log could try prompts until one fits.
    expect(createHash('sha256').update(SMALL.prompt).digest('hex')).not.toContain(prompt);
    for (const process of Object.keys(service.service.metricsUrls)) {
      const text = await readFile(join(service.folder, 'logs', `${process}.log`), 'utf8');
      expect(text).toContain(video);
      expect(text).not.toContain(SMALL.prompt);
    }
  });
});
