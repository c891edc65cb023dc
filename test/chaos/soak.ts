import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Growth, growthPerJob, growths, type Moment } from './growth.ts';
import { Load } from './load.ts';
import { PatientClient } from './patient-client.ts';
import { Random } from './random.ts';
import { makeReferences } from './references.ts';
import { TINIEST } from './requests.ts';
import { sample } from './samples.ts';
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

const SAMPLE_MS = 2_000;
const SAY_EVERY = 100;
const DATABASE = 'temporal database, MiB';

/** Has many tiny videos made, one after the other, and watches what the processes hold. */
export async function soak({ jobs, inFlight, folder, say, stop }: SoakOptions): Promise<Soaked> {
  const log = new ServiceLog();
  const run = randomUUID();
  const stack = await Stack.start(folder, log, { CPU_THREADS: '1', LOG_LEVEL: 'info' });
  let soaked: Soaked;
  try {
    const client = new PatientClient(stack.apiUrl);
    const references = await makeReferences(client, run, stop);
    const load = new Load({ client, random: new Random(1), run, requests: [TINIEST] });
    const startedAt = Date.now();
    const loaded = load.run(inFlight, () => load.jobs.length < jobs && !stop.aborted, stop);
    const moments: Moment[] = [];
    for (let said = 0; load.jobs.length < jobs && !stop.aborted; await sleep(SAMPLE_MS)) {
      const done = load.jobs.length - load.unfinished;
      moments.push({ done, held: await sample(stack) });
      if (done >= said + SAY_EVERY) say(`${(said = done - (done % SAY_EVERY))} of ${jobs} videos`);
    }
    await loaded;
    moments.push({ done: load.jobs.length, held: await sample(stack) });
    const seconds = (Date.now() - startedAt) / 1000;
    const verdict = await judge({ stack, jobs: load.jobs, references, client, log, others: references.size }, stop);
    // Closed workflows are kept for their retention: what may not grow is what each of them takes.
    const rows = [...growths(moments).filter(({ name }) => name !== DATABASE), growthPerJob(moments, DATABASE)];
    soaked = { jobs: load.jobs.length, seconds, growths: rows, verdict };
  } finally {
    await stack.stop();
  }
  soaked.verdict.leaked.push(...(await orphans(stack)));
  return soaked;
}
