import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alerts, ruleFile, ruleGroups } from '../../tools/harness/servers/monitoring.ts';
import { findPrometheus } from '../../tools/harness/servers/prometheus-programs.ts';
import { describeWith } from '../support/needs/with-needs.ts';

const run = promisify(execFile);
const promtool = await findPrometheus('promtool');

/** Values by series, a minute apart, in promtool's notation. */
type Series = Record<string, string>;

const busy = 'kinora_gpu_worker_busy{instance="gpu-1"}';
const healthy = (minutes: number): Series => ({
  'kinora_worker_ready{worker="gpu-worker", instance="gpu-1"}': `1x${minutes}`,
  'kinora_worker_ready{worker="cpu-worker", instance="cpu-1"}': `1x${minutes}`,
  'kinora_jobs_active{instance="api-1"}': `1x${minutes}`,
  'kinora_jobs_overdue{instance="api-1"}': `0x${minutes}`,
  [busy]: `1x${minutes}`,
  'kinora_last_progress_timestamp_seconds{instance="gpu-1"}': `0+60x${minutes}`,
  'kinora_disk_size_bytes{instance="cpu-1", folder="scratch"}': `100x${minutes}`,
  'kinora_disk_free_bytes{instance="cpu-1", folder="scratch"}': `50x${minutes}`,
});
const completed = 'kinora_videos_ended_total{outcome="completed", class="short"}';
const failed = 'kinora_videos_ended_total{outcome="failed", code="generation_failed", class="short"}';
const buckets = (name: string, ...counts: [le: string, values: string][]): Series =>
  Object.fromEntries(counts.map(([le, values]) => [`${name}_bucket{class="short", le="${le}"}`, values]));

/** What is wrong, and after how many minutes it is looked at. */
const FAULTS: Record<string, { series: Series; minutes: number }> = {
  // A good day, then an hour in which nothing succeeds.
  KinoraVideosFailFast: { series: { [completed]: '0+10x1200 12000x80', [failed]: '0x1200 0+10x80' }, minutes: 1270 },
  // A good day, then four hours in which most fail.
  KinoraVideosFail: { series: { [completed]: '0+20x1200 24000+3x300', [failed]: '0x1200 0+7x300' }, minutes: 1440 },
  KinoraVideosFailSlowly: { series: { [completed]: '0+92x700', [failed]: '0+8x700' }, minutes: 600 },
  KinoraVideosBelowTarget: { series: { [completed]: '0+99x700', [failed]: '0+1x700' }, minutes: 600 },
  KinoraVideosSlow: {
    series: buckets('kinora_video_seconds', ['600', '0x60'], ['900', '0+1x60'], ['+Inf', '0+1x60']),
    minutes: 40,
  },
  KinoraQueueSlow: {
    series: buckets('kinora_queue_wait_seconds', ['120', '0x60'], ['180', '0+1x60'], ['+Inf', '0+1x60']),
    minutes: 40,
  },
  KinoraArtefactInvalid: {
    series: { 'kinora_activity_failures_total{activity="upload", code="artefact_invalid"}': '_x30 1x30' },
    minutes: 40,
  },
  KinoraEstimatesDrift: {
    series: { kinora_estimate_error_ratio_sum: '0+0.4x200', kinora_estimate_error_ratio_count: '0+1x200' },
    minutes: 180,
  },
  // A good day, then an hour in which jobs take twice as long.
  KinoraEstimatesWrong: {
    series: { kinora_estimate_error_ratio_sum: '0+0.05x1440 72+1x70', kinora_estimate_error_ratio_count: '0+1x1510' },
    minutes: 1500,
  },
  KinoraNoGpuWorker: {
    series: { 'kinora_worker_ready{worker="gpu-worker", instance="gpu-1"}': '0x60' },
    minutes: 10,
  },
  KinoraNoCpuWorker: { series: { 'kinora_worker_ready{worker="cpu-worker", instance="cpu-1"}': '_x60' }, minutes: 10 },
  KinoraGpuWorkerNotReady: {
    series: { 'kinora_worker_ready{worker="gpu-worker", instance="gpu-2"}': '0x60' },
    minutes: 50,
  },
  KinoraApiDown: { series: { 'kinora_jobs_active{instance="api-1"}': '_x60' }, minutes: 10 },
  KinoraApiErrors: {
    series: {
      'kinora_http_requests_total{method="GET", route="/videos/:id", status="200"}': '0+90x60',
      'kinora_http_requests_total{method="GET", route="/videos/:id", status="503"}': '0+10x60',
    },
    minutes: 20,
  },
  KinoraQueueNotMoving: {
    series: {
      'kinora_queue_jobs{class="short", instance="api-1"}': '2x60',
      [busy]: '0x60',
      'kinora_last_progress_timestamp_seconds{instance="gpu-1"}': '0x60',
    },
    minutes: 10,
  },
  KinoraJobStuck: { series: { 'kinora_last_progress_timestamp_seconds{instance="gpu-1"}': '0x60' }, minutes: 25 },
  KinoraJobOverdue: { series: { 'kinora_jobs_overdue{instance="api-1"}': '2x60' }, minutes: 10 },
  KinoraRetryStorm: {
    series: { 'kinora_activity_failures_total{activity="encode", code="encoding_failed"}': '0+3x60' },
    minutes: 20,
  },
  KinoraCheckpointsFail: {
    series: { 'kinora_checkpoints_total{result="failed", instance="gpu-1"}': '0+1x60' },
    minutes: 20,
  },
  KinoraGpuTimeWasted: {
    series: {
      'kinora_gpu_seconds_total{use="finished", instance="gpu-1"}': '0+60x200',
      'kinora_gpu_seconds_total{use="wasted", instance="gpu-1"}': '0+30x200',
    },
    minutes: 120,
  },
  KinoraGpuHot: { series: { 'kinora_gpu_temperature_celsius{instance="gpu-1", gpu="0"}': '91x60' }, minutes: 20 },
  KinoraEventLoopBlocked: { series: { 'nodejs_eventloop_lag_p99_seconds{instance="cpu-1"}': '2x60' }, minutes: 20 },
  KinoraDiskFilling: {
    series: { 'kinora_disk_free_bytes{instance="cpu-1", folder="scratch"}': '24-0.03x100' },
    minutes: 80,
  },
  KinoraDiskFull: { series: { 'kinora_disk_free_bytes{instance="cpu-1", folder="scratch"}': '3x60' }, minutes: 20 },
};

describeWith('promtool')('the alerts', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kinora-rules-'));
    await writeFile(join(folder, 'rules.yaml'), await ruleFile());
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are rules that Prometheus takes', async () => {
    const { stdout } = await run(promtool!, ['check', 'rules', 'rules.yaml'], { cwd: folder });
    expect(stdout).toContain('SUCCESS');
  });

  it('each have a fault that is looked for', async () => {
    expect(Object.keys(FAULTS).toSorted()).toEqual((await alerts()).map(({ alert }) => alert).toSorted());
  });

  it('say each of these faults, and nothing besides; and nothing where all is well', async () => {
    const cases = Object.entries(FAULTS).map(([alert, { series, minutes }]) => ({ alert, series, minutes }));
    const quick = cases.filter(({ minutes }) => minutes < LONG);
    const slow = cases.filter(({ minutes }) => minutes >= LONG);
    const well = { alert: null, series: { [completed]: '0+1x700' }, minutes: 600 };
    await expectFiring('quick.yaml', 1, quick);
    await expectFiring('slow.yaml', 10, [well, ...slow]);
  });

  it('say nothing where jobs are so short that no scrape sees one at work', async () => {
    const series = { 'kinora_queue_jobs{class="short", instance="api-1"}': '2x60', [busy]: '0x60' };
    await expectFiring('short.yaml', 1, [{ alert: null, series, minutes: 60 }]);
  });

  it('say nothing of an old failure where its worker did not answer once', async () => {
    const { series } = FAULTS['KinoraArtefactInvalid']!;
    const [failures = ''] = Object.keys(series);
    await expectFiring('stale.yaml', 1, [{ alert: null, series: { [failures]: '1x30 stale 1x60' }, minutes: 91 }]);
  });

  async function expectFiring(name: string, everyMinutes: number, cases: Case[]): Promise<void> {
    const tests = cases.map(({ alert, series, minutes }) => ({
      name: alert ?? 'all is well',
      interval: '1m',
      input_series: Object.entries({ ...healthy(minutes), ...series }).map(([of, values]) => ({ series: of, values })),
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${minutes}m`,
          exp_samples: alert === null ? [] : [{ labels: `{alertname="${alert}"}`, value: 1 }],
        },
      ],
    }));
    // JSON is YAML too.
    const file = {
      rule_files: ['rules.yaml'],
      evaluation_interval: `${everyMinutes}m`,
      // Else any: an alert would see figures that are an interval old, or none.
      group_eval_order: (await ruleGroups()).map((group) => group.name),
      tests,
    };
    await writeFile(join(folder, name), JSON.stringify(file));
    const said = await run(promtool!, ['test', 'rules', name], { cwd: folder }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    expect(said).toContain('SUCCESS');
    expect(said).not.toContain('FAILED');
  }
});

/** From here on it is looked at every ten minutes. */
const LONG = 600;

interface Case {
  /** That has to fire, alone; null where none may. */
  alert: string | null;
  series: Series;
  /** When it is looked at, from the beginning. */
  minutes: number;
}
