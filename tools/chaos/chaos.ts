import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, inflict, planFaults } from './faults.ts';
import { handedOn } from './handover.ts';
import { Load } from './load.ts';
import { PatientClient } from './patient-client.ts';
import { onPostgres } from '../harness/servers/test-temporal.ts';
import { grownForGood } from '../harness/measure/held.ts';
import { Random } from '../harness/random.ts';
import { makeReferences } from './requests.ts';
import type { Outcome } from './report.ts';
import { sample } from './samples.ts';
import { ServiceLog } from './service-log.ts';
import { Stack } from './stack.ts';
import { judge, orphans } from './verdict.ts';

export interface ChaosOptions {
  minutes: number;
  seed: number;
  /** In flight. */
  jobs: number;
  /** Seconds from one fault to the next, on average. */
  gap: number;
  /** Kinds of faults that are wanted. */
  only: RegExp;
  /** Empty. */
  folder: string;
  /** Told what happens, one line at a time. */
  say: (line: string) => void;
  /** Ends it early. */
  stop: AbortSignal;
}

/** Often enough that crashes cost little, and that there is something to go on from. */
const SETTINGS = { CHECKPOINT_STEPS: '2', CPU_THREADS: '1', STEP_DEADLINE: '12', PREVIEW_SECONDS: '0.5' };
/** Share of the videos whose users change their mind. */
const CANCELS = 0.05;
/** After the last fault, for each job in flight: restarts, backoff of retries, and the work itself. */
const DRAIN_MS = { least: 120_000, each: 6_000 };

/** Runs the service, lets the faults of the seed happen, and judges what is left. */
export async function chaos({ minutes, seed, jobs, gap, only, folder, say, stop }: ChaosOptions): Promise<Outcome> {
  const random = new Random(seed);
  const planned = planFaults(random, minutes * 60_000, gap * 1000, only, onPostgres());
  const log = new ServiceLog();
  const run = randomUUID();
  say('Starting the service, two processes of each kind …');
  const stack = await Stack.start(folder, log, SETTINGS);
  let outcome: Outcome;
  try {
    const client = new PatientClient(stack.apiUrl);
    const references = await makeReferences(client, run, stop);
    const fresh = await sample(stack);
    say(`${references.size} videos undisturbed. Faults from now on, for ${minutes} min:`);

    const load = new Load({ client, random, run, cancels: CANCELS });
    const giveUp = new AbortController();
    setMaxListeners(0, giveUp.signal);
    const handovers: Promise<number | null>[] = [];
    log.onHit = (videoId) => void handovers.push(handedOn(stack.temporal, videoId));
    let faultsOver = false;
    const loaded = load.run(jobs, () => !faultsOver && !stop.aborted, giveUp.signal);
    const faults = await happen(planned, stack, log, say, stop);
    faultsOver = true;
    say(`Healed; waiting for ${load.unfinished} unfinished videos …`);
    const patience = setTimeout(() => giveUp.abort(), DRAIN_MS.least + jobs * DRAIN_MS.each);
    await Promise.all([loaded, stack.ready()]);
    clearTimeout(patience);
    const verdict = await judge({ stack, jobs: load.jobs, references, client, log, others: references.size }, stop);
    verdict.leaked.push(...(await grownForGood(fresh, () => sample(stack))));
    const ownEnds = Object.fromEntries([...stack.parts.values()].map((part) => [part.name, part.ownEnds]));
    const numbers = { repeated: client.repeated, skewed: stack.s3Proxy.skewed, ownEnds };
    const handedOnS = (await Promise.all(handovers)).filter((seconds) => seconds !== null);
    outcome = { seed, minutes, faults, jobs: load.jobs, verdict, log, handedOnS, ...numbers };
  } finally {
    await stack.stop();
  }
  outcome.verdict.leaked.push(...(await orphans(stack)));
  return outcome;
}

/** @returns what really went wrong, once it is over: all that was planned, unless it was stopped */
async function happen(
  planned: readonly Fault[],
  stack: Stack,
  log: ServiceLog,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<Fault[]> {
  const startedAt = Date.now();
  const happened: Fault[] = [];
  const over: Promise<unknown>[] = [];
  for (const fault of planned) {
    await sleep(Math.max(0, startedAt + fault.atMs - Date.now()), undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) break;
    const lasting = fault.forMs > 0 ? `, ${(fault.forMs / 1000).toFixed(1)} s` : '';
    say(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${fault.kind} (${fault.target}${lasting})`);
    over.push((await inflict(fault, stack, log)).over);
    happened.push(fault);
  }
  await Promise.all(over);
  return happened;
}
