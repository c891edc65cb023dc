import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from '../measure/benchmark.ts';
import { submitToStart, throughput } from '../queue/exercise.ts';
import { killAmid, untilDone } from '../queue/kill.ts';
import { KinoraSide } from '../queue/kinora-side.ts';
import type { ServiceSide } from '../queue/side.ts';
import { BaselineSide } from '../queue/baseline-side.ts';
import type { Figure } from '../measure/result.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

const JOBS = 100;
const SINGLE_JOBS = 10;
/** Kinora hears of a dead worker after ten seconds. */
const PATIENCE_S = 30;
/** Once nothing else is waited for, what Redis holds is given out again after this. */
const SHORT_VISIBILITY_S = 1;

/** All that is around the model, against the usual way to build it. */
export const durableService: Benchmark = {
  id: 'service',
  title: 'The service without a model: Kinora against FastAPI, Celery and Redis, both with a stub in the model’s place',
  run: async ({ rounds, folder }) => {
    const folders = { ours: join(folder, 'ours'), baseline: join(folder, 'baseline') };
    await Promise.all(Object.values(folders).map((path) => mkdir(path)));
    const baseline = await BaselineSide.start(folders.baseline);
    try {
      const ours = await KinoraSide.start(folders.ours);
      try {
        const figures = await compare(rounds, ours, baseline);
        const { figure, notes } = await kill(rounds, ours, baseline);
        return { figures: [...figures, figure], notes: [...WHAT_EACH_DOES, ...notes] };
      } finally {
        await ours.stop();
      }
    } finally {
      await baseline.stop();
    }
  },
};

const WHAT_EACH_DOES = [
  'Each side is a service of its own processes: one API, one GPU worker that takes one job at a time, one CPU worker, a server for the queue that writes to disk about once a second.',
  'The baseline: uvicorn (one process), Celery with acks_late, task_reject_on_worker_lost, prefetch 1 and a visibility timeout of an hour, Redis with an append-only file; two tasks and three writes of status for each job.',
  'Kinora: Temporal’s dev server on SQLite and the real workflow; three activities for each job (generate, encode, upload) and two local ones (validate, clean-up), every transition kept, heartbeats, and a video that can be listed, cancelled, taken up again and audited. The baseline does none of that, and so takes far less of the CPU.',
  `Submissions come from eight clients, ${JOBS} at a time; the time from the request to the start is that of ${SINGLE_JOBS} jobs, one after the other, on a service with nothing else to do.`,
];

async function compare(rounds: number, ours: ServiceSide, baseline: ServiceSide): Promise<Figure[]> {
  await Promise.all([ours.startGpuWorker(), baseline.startGpuWorker()]);
  // The first jobs pay for what is loaded and compiled once.
  for (const side of [ours, baseline]) await throughput(side, SINGLE_JOBS);
  const measure = async (side: ServiceSide) => ({
    ...(await throughput(side, JOBS)),
    startMs: await submitToStart(side, SINGLE_JOBS),
  });
  const measured: Record<'ours' | 'baseline', Awaited<ReturnType<typeof measure>>>[] = [];
  for (let round = 0; round < rounds; round++) {
    const our = await measure(ours);
    measured.push({ ours: our, baseline: await measure(baseline) });
  }
  const figure = (what: string, unit: Figure['unit'], key: keyof (typeof measured)[0]['ours']): Figure => ({
    what,
    unit,
    ours: spreadOf(measured.map((round) => round.ours[key])),
    baseline: spreadOf(measured.map((round) => round.baseline[key])),
    ratio: spreadOf(measured.map((round) => round.ours[key] / round.baseline[key])),
  });
  return [
    figure('service: submissions', '/s', 'submitsPerSecond'),
    figure('service: from request to start', 'ms', 'startMs'),
    figure('service: jobs', '/s', 'jobsPerSecond'),
    figure('service: CPU time of a job', 'ms', 'cpuMsPerJob'),
  ];
}

/** Both at once: most of it is waiting. */
async function kill(
  jobs: number,
  ours: KinoraSide,
  baseline: BaselineSide,
): Promise<{ figure: Figure; notes: string[] }> {
  const [our, their] = await Promise.all([killAmid(ours, jobs, PATIENCE_S), killAmid(baseline, jobs, PATIENCE_S)]);
  await baseline.killGpuWorker();
  await baseline.startGpuWorker({ visibilityS: SHORT_VISIBILITY_S });
  const returned = await untilDone(baseline, their.late, Date.now() + PATIENCE_S * 1000);
  const lost = their.late.filter((id) => !returned.has(id)).length;
  const times = our.seconds.filter((seconds) => seconds !== null);
  return {
    figure: {
      what: `service: interrupted jobs not done ${PATIENCE_S} s after kill -9`,
      unit: 'jobs',
      ours: spreadOf([our.late.length]),
      baseline: spreadOf([their.late.length]),
      goal: 0,
    },
    notes: [
      `A GPU worker was killed (kill -9, its children too) in the middle of ${jobs} jobs of a second, and another was there at once.`,
      times.length === 0
        ? 'Kinora finished none of them in time.'
        : `Kinora finished ${times.length} of them, after ${spreadOf(times).median.toFixed(1)} s (median), ten of which are the heartbeat’s timeout.`,
      `Of the baseline’s ${their.late.length} that were late, ${their.late.length - lost} came back once the visibility timeout was over (a worker with one of ${SHORT_VISIBILITY_S} s was started to see that), ${lost} were lost; by default that is an hour, and must be longer than the longest job.`,
    ],
  };
}
