import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Growth, growthPerJob, growths, least, type Moment } from './growth.ts';
import { Load } from './load.ts';
import { PatientClient } from './patient-client.ts';
import { Random } from '../harness/random.ts';
import { makeReferences, TINIEST } from './requests.ts';
import type { Sample } from '../harness/measure/held.ts';
import { COLLECTABLE, collectGarbage, sample } from './samples.ts';
import { ServiceLog } from './service-log.ts';
import { Stack } from './stack.ts';
import { judge, orphans, type Verdict } from './verdict.ts';

export interface SoakOptions {
  jobs: number;
  inFlight: number;
  /** Empty. */
  folder: string;
  say: (line: string) => void;
  /** Ends it early. */
  stop: AbortSignal;
}

export interface Soaked {
  jobs: number;
  seconds: number;
  growths: Growth[];
  verdict: Verdict;
}

/** Shares of the jobs after which nothing new is begun until all is at rest; after the first, everything has been used. */
const RESTS = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** Of one rest: as long as it takes until Go has given back what Temporal's server no longer needs. */
const REST_MS = 15_000;
const SAMPLE_MS = 1_000;
const DATABASE = 'temporal database, MiB';

/** Has many tiny videos made, one after the other, and watches what the processes hold. */
export async function soak({ jobs, inFlight, folder, say, stop }: SoakOptions): Promise<Soaked> {
  const log = new ServiceLog();
  const run = randomUUID();
  const stack = await Stack.start(folder, log, {
    CPU_THREADS: '1',
    LOG_LEVEL: 'info',
    NODE_OPTIONS: COLLECTABLE,
  });
  let soaked: Soaked;
  try {
    const client = new PatientClient(stack.apiUrl);
    const references = await makeReferences(client, run, stop);
    const load = new Load({ client, random: new Random(1), run, requests: [TINIEST] });
    const startedAt = Date.now();
    const moments: Moment[] = [];
    for (const share of RESTS) {
      await load.run(inFlight, () => load.jobs.length < share * jobs && !stop.aborted, stop);
      const held = await atRest(stack, stop);
      moments.push({ done: load.jobs.length, held });
      const shown = [...held].map(([name, value]) => `  ${name}: ${value.toFixed(1)}`);
      say([`${load.jobs.length} of ${jobs} videos`, ...shown].join('\n'));
    }
    const seconds = (Date.now() - startedAt) / 1000;
    const verdict = await judge({ stack, jobs: load.jobs, references, client, log, others: references.size }, stop);
    // Closed workflows are kept for their retention: what may not grow is what each of them takes.
    const whole = growths(moments).filter(({ name }) => name !== DATABASE);
    const rows = [...whole, growthPerJob(moments, DATABASE)];
    soaked = { jobs: load.jobs.length, seconds, growths: rows, verdict };
  } finally {
    await stack.stop();
  }
  soaked.verdict.leaked.push(...(await orphans(stack)));
  return soaked;
}

/** What the processes hold while they have nothing to do. */
async function atRest(stack: Stack, stop: AbortSignal): Promise<Sample> {
  const samples: Sample[] = [];
  await collectGarbage(stack);
  const end = Date.now() + REST_MS;
  do {
    samples.push(await sample(stack));
    await sleep(SAMPLE_MS);
  } while (Date.now() < end && !stop.aborted);
  return least(samples);
}
