import { Gauge, type Registry } from 'prom-client';
import type { JobQueue } from '../queue/job-queue.ts';
import type { WaitingJob } from '../queue/dispatch-order.ts';

const CLASSES = ['short', 'long'] as const;

/** How long the queue for the GPUs is at the moment; nothing while Temporal does not say. */
export function queueMetrics(registry: Registry, queue: JobQueue): void {
  const gauge = (name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        // One list of Temporal's serves all gauges, and all who ask within a second.
        const known = await queue.refresh().then(
          () => true,
          () => false,
        );
        if (known) read(this);
      },
    });
  const byClass = (value: (waiting: readonly WaitingJob[]) => number) => (to: Gauge) => {
    for (const name of CLASSES) {
      const waiting = (queue.waiting ?? []).filter(({ input }) => (input.jobClass ?? 'short') === name);
      to.set({ class: name }, value(waiting));
    }
  };
  gauge(
    'kinora_queue_jobs',
    'Jobs that wait for a GPU worker.',
    ['class'],
    byClass(({ length }) => length),
  );
  gauge(
    'kinora_queue_oldest_seconds',
    'Age of the job that has waited longest.',
    ['class'],
    byClass((waiting) => (Date.now() - Math.min(Date.now(), ...waiting.map(({ since }) => since))) / 1000),
  );
  gauge('kinora_jobs_active', 'Jobs in the making: on a GPU, or being encoded and published.', [], (to) => {
    to.set(queue.counts?.active ?? 0);
  });
  gauge('kinora_jobs_overdue', 'Unfinished jobs that take twice as long as was expected.', [], (to) => {
    to.set(queue.counts?.overdue ?? 0);
  });
}
