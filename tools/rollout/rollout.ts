import type { LogLine, WorkerProcess } from '../harness/services/worker-process.ts';
import { type Figures, figuresOf } from './figures.ts';
import { RolloutHarness, type Kind } from './harness.ts';
import { isLong, type Job, type Made, made, SPECS, specsOf, submit } from './jobs.ts';
import { pauses } from '../harness/patience.ts';

export interface RolloutOptions {
  /** Empty; everything is kept in it. */
  folder: string;
  /** Jobs in flight when the rollout begins. */
  jobs: number;
  /** Of them, those that take seconds; the others take a moment. */
  long: number;
  /** Workers of each kind. */
  workers: number;
  /**
   * With Worker Versioning the new version becomes current, and the old CPU workers end when the last of their jobs has;
   * without it, they end when the new ones run.
   */
  versioned: boolean;
  /** Told what happens, one line at a time. */
  say: (line: string) => void;
}

const OLD = 'old';
const NEW = 'new';

/** Rolls a new version of both workers out while jobs run, and measures what that cost. */
export async function rollout({
  folder,
  jobs: count,
  long,
  workers,
  versioned,
  say,
}: RolloutOptions): Promise<Figures> {
  const harness = await RolloutHarness.start(folder, versioned);
  const start = async (kind: Kind, version: string) => {
    const worker = harness.begin(kind, version);
    await worker.saw('Ready for work');
    return worker;
  };
  const several = (kind: Kind, version: string) =>
    Promise.all(Array.from({ length: workers }, () => start(kind, version)));
  try {
    const [oldCpus, oldGpus] = await Promise.all([several('cpu', OLD), several('gpu', OLD)]);
    if (versioned) await harness.version('current', OLD);
    const references = await Promise.all(SPECS.map(async (spec) => made(await submit(harness.client, spec))));
    say('references made, by the old version');
    // Beside the old ones: Temporal sends no work to a version that nobody runs.
    if (versioned) await Promise.all([several('cpu', NEW), several('gpu', NEW)]);

    const startedAt = Date.now();
    const jobs = await Promise.all(specsOf(count, long).map((spec) => submit(harness.client, spec)));
    const results = outcomesOf(jobs);
    if (versioned) {
      await Promise.race([Promise.all(oldGpus.map(inItsMiddle)), results.all]);
      await harness.version('canary', NEW, '25');
      await harness.version('current', NEW);
      say(`the new version is current; ${results.ended()} of ${count} jobs have ended`);
    } else {
      await several('cpu', NEW);
    }
    for (const worker of oldGpus) {
      const busy = await Promise.race([inItsMiddle(worker), results.all.then(() => null)]);
      await end(worker);
      say(`an old GPU worker has ended, ${busy ? `after step ${String(busy['step'])} of a video` : 'without a video'}`);
      // In its place, as a Deployment without a surge does.
      if (!versioned) await start('gpu', NEW);
    }
    // Pinned jobs need them until they end; others go on at the new ones.
    if (!versioned) await Promise.all(oldCpus.map(end));
    say(`${results.ended()} of ${count} jobs had ended when no old GPU worker was left`);
    const later = await Promise.all(SPECS.slice(1).map((spec) => submit(harness.client, spec)));
    const outcomes = [...(await results.all), ...(await outcomesOf(later).all)];
    const seconds = (Date.now() - startedAt) / 1000;
    if (versioned) {
      for (const pause = pauses(); (await harness.pinnedTo(OLD)) > 0;) await pause();
      await Promise.all(oldCpus.map(end));
    }
    return figuresOf({ harness, jobs: [...jobs, ...later], outcomes, references, seconds, oldVersion: OLD });
  } finally {
    await harness.stop();
  }
}

function outcomesOf(jobs: Job[]) {
  let ended = 0;
  const outcome = async (job: Job): Promise<Made | Error> => {
    try {
      return await made(job);
    } catch (error) {
      return error as Error;
    } finally {
      ended++;
    }
  };
  return { all: Promise.all(jobs.map(outcome)), ended: () => ended };
}

/** Waits for a step of a long video that is far from its end. */
async function inItsMiddle(worker: WorkerProcess): Promise<LogLine> {
  const matches = (line: LogLine) => isLong(line) && Number(line['step']) >= 5 && Number(line['step']) < 150;
  return worker.saw('Step', { matches, from: worker.log.length });
}

async function end(worker: WorkerProcess): Promise<void> {
  worker.kill('SIGTERM');
  const { code } = await worker.exited;
  if (code !== 0) throw new Error(`a worker ended with ${code} after SIGTERM`);
}
