import type { WorkflowHandle } from '@temporalio/client';
import { GpuHarness } from '../../harness/services/gpu-harness.ts';
import { jobOf } from '../../harness/model/clips.ts';
import type { Benchmark } from '../measure/benchmark.ts';
import { TINY } from '../measure/random-model.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

/** One device between the jobs of a backlog. */
export const deviceIdle: Benchmark = {
  id: 'idle',
  title: 'A device between the jobs of a backlog: Temporal’s dev server, one GPU worker on the CPU, mochi-tiny',
  run: async ({ rounds }) => {
    const line = await GpuHarness.start();
    try {
      const submitted: WorkflowHandle[] = [];
      // Between so many jobs there are so many gaps; the first job pays for what is loaded and compiled once.
      for (let job = 0; job < rounds + 2; job++) submitted.push(await line.submit(jobOf('', { seed: job }).spec));
      await line.worker({ MODEL_DIR: TINY, CPU_THREADS: '2' });
      await Promise.all(submitted.map((handle) => handle.result()));
      const generated = await Promise.all(submitted.map((handle) => completionOf(line, handle)));
      const ordered = generated.toSorted((a, b) => a.completedAt - b.completedAt);
      const idle = ordered
        .slice(2)
        .map(({ completedAt, workMs }, i) => completedAt - ordered[i + 1]!.completedAt - workMs);
      return {
        figures: [{ what: 'device between two jobs', unit: 'ms', ours: spreadOf(idle), goal: 100 }],
        notes: [
          'From one job’s end to the next one’s, less what the next spent on text, steps, decoding and storing its frames: ' +
            'the worker’s and Temporal’s part.',
        ],
      };
    } finally {
      await line.stop();
    }
  },
};

/** When `generate` was over by Temporal's clock, and how long it was at work, both in ms. */
async function completionOf(line: GpuHarness, handle: WorkflowHandle) {
  const { events } = await handle.fetchHistory();
  const scheduled = events!.find(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === 'generate',
  )!;
  const completed = events!.find(({ activityTaskCompletedEventAttributes: attributes }) =>
    attributes?.scheduledEventId?.eq(scheduled.eventId!),
  )!;
  const { seconds, nanos } = completed.eventTime!;
  const { denoiseS, decodeS } = line.results.get(handle.workflowId)!.timing;
  return { completedAt: Number(seconds) * 1000 + (nanos ?? 0) / 1e6, workMs: (denoiseS + decodeS) * 1000 };
}
