import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Benchmark } from '../measure/benchmark.ts';
import { modelGrowth } from '../growth/model-growth.ts';
import { fill, type ServiceGrowth, servicePlot } from '../growth/service-growth.ts';
import { KinoraSide } from '../queue/kinora-side.ts';
import type { Plot } from '../measure/plot.ts';
import { digits } from '../measure/format.ts';
import type { Figure } from '../measure/result.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

const QUEUE = { sizes: [10, 100, 1000, 10_000], budgetS: 300 };
const HISTORY = { sizes: [10, 100, 1000, 2000], budgetS: 120 };

/** How cost grows. */
export const growth: Benchmark = {
  id: 'growth',
  title: 'How cost grows: mochi-tiny against frames, pixels and steps, the service against waiting and finished videos',
  run: async ({ rounds, folder }) => {
    const models = await modelGrowth(rounds);
    const queue = await service(join(folder, 'queue'), async (side, here) =>
      fill(side, here, { ...QUEUE, what: 'validated' }),
    );
    const history = await service(join(folder, 'history'), async (side, here) => {
      await side.startGpuWorker();
      return fill(side, here, { ...HISTORY, what: 'done' });
    });
    return {
      figures: [...ends('waiting', queue), ...ends('finished', history)],
      notes: [...models.map(clipNote), queueNote(queue), historyNote(history)],
      plots: [
        ...models,
        servicePlot(
          { id: 'growth-queue', title: 'The service: waiting videos', x: 'videos that wait for a GPU' },
          queue.points,
        ),
        servicePlot(
          { id: 'growth-history', title: 'The service: finished videos', x: 'finished videos' },
          history.points,
        ),
      ],
    };
  },
};

async function service(
  folder: string,
  use: (side: KinoraSide, folder: string) => Promise<ServiceGrowth>,
): Promise<ServiceGrowth> {
  await mkdir(folder);
  const side = await KinoraSide.start(folder);
  try {
    return await use(side, folder);
  } finally {
    await side.stop();
  }
}

/** Rows of the table: the smallest and the largest number of videos. */
function ends(kind: string, { points }: ServiceGrowth): Figure[] {
  return [points[0]!, points.at(-1)!].flatMap(({ videos, postMs, getMs }): Figure[] => [
    { what: `a submission, ${videos} videos ${kind}`, unit: 'ms', ours: spreadOf([postMs]) },
    { what: `a read, ${videos} videos ${kind}`, unit: 'ms', ours: spreadOf([getMs]) },
  ]);
}

function clipNote({ title, panels }: Plot): string {
  const change = (panel: number, series: number) => {
    const { points } = panels[panel]!.series[series]!;
    return points.at(-1)![1] / points[0]![1];
  };
  const { points } = panels[0]!.series[0]!;
  const [from, to] = [points[0]![0], points.at(-1)![0]];
  return `${title}, from ${from} to ${to} (${digits(to / from)} x): CPU seconds ${digits(change(0, 1))} x, memory ${digits(change(1, 0))} x.`;
}

function queueNote({ points, seconds }: ServiceGrowth): string {
  const { videos, lastPosition, apiMb, temporalMb } = points.at(-1)!;
  return (
    `${videos} videos waiting, with no GPU worker: the last one is told place ${lastPosition ?? 'unknown'} in the queue; the API holds ${digits(apiMb)} MiB, ` +
    `Temporal’s dev server ${digits(temporalMb)} MiB. To get there took ${seconds.toFixed(0)} s${cutOff(videos, QUEUE)}.`
  );
}

function historyNote({ points, seconds }: ServiceGrowth): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  const each = (1024 * (last.databaseMb - first.databaseMb)) / Math.max(1, last.videos - first.videos);
  return (
    `A finished video takes ${digits(each)} KiB of Temporal’s database, however long it is: heartbeats leave no history. ` +
    `To get to ${last.videos} took ${seconds.toFixed(0)} s${cutOff(last.videos, HISTORY)}.`
  );
}

function cutOff(reached: number, { sizes, budgetS }: typeof QUEUE): string {
  const wanted = sizes.at(-1)!;
  return reached < wanted ? `, where the budget of ${budgetS} s ended before the ${wanted} that were wanted` : '';
}
