/**
 * `npm run check:alerts [-- PATTERN]`: induces a fault for every alert in a real service, one after the other, under a real
 * Prometheus that has the project's rules, in a hurry. Each has to fire its alert, and no other may fire.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError } from '../../platform/config/user-error.ts';
import { alerts } from '../harness/servers/monitoring.ts';
import { findPrometheus } from '../harness/servers/prometheus-programs.ts';
import type { Fault } from './harness/fault.ts';
import { GPU_FAULTS } from './faults/gpus.ts';
import { LASTING_FAULTS, OUTCOME_FAULTS } from './faults/outcomes.ts';
import { PROCESS_FAULTS } from './faults/processes.ts';
import { STORE_FAULTS } from './faults/stores.ts';
import { TIME_FAULTS } from './faults/times.ts';
import { induce, type Outcome } from './harness/induce.ts';
import { AlertHarness } from './harness/harness.ts';

const FAULTS: readonly Fault[] = [
  ...PROCESS_FAULTS,
  ...OUTCOME_FAULTS,
  ...STORE_FAULTS,
  ...GPU_FAULTS,
  // Late: what is foretold of later videos is wrong.
  ...TIME_FAULTS,
  ...LASTING_FAULTS,
];

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const prometheus = await findPrometheus('prometheus');
  const promtool = await findPrometheus('promtool');
  if (prometheus === null || promtool === null) {
    say('There is no Prometheus on PATH, and none to be had: nothing was checked.');
    return 0;
  }
  const without = (await alerts()).filter(({ alert }) => !FAULTS.some((fault) => fault.alert === alert));
  if (without.length > 0) throw new UserError(`No fault for ${without.map(({ alert }) => alert).join(', ')}`);
  const pattern = new RegExp(process.argv[2] ?? '', 'i');
  const chosen = FAULTS.filter(({ alert }) => pattern.test(alert));

  const folder = await mkdtemp(join(tmpdir(), 'kinora-alerts-'));
  const harness = await AlertHarness.start(folder);
  const wrong: string[] = [];
  let notHere = 0;
  try {
    for (const fault of chosen) {
      const outcome = await induce(fault, harness, { prometheus, promtool }).catch((error: Error) => error);
      if (outcome === null) {
        notHere++;
        say(`---  ${fault.alert.padEnd(24)} not here: ${fault.what}`);
        continue;
      }
      const right = !(outcome instanceof Error) && outcome.afterS !== null && outcome.others.length === 0;
      if (!right) wrong.push(fault.alert);
      say(`${right ? 'ok ' : 'NOT'}  ${fault.alert.padEnd(24)} ${described(outcome)}: ${fault.what}`);
    }
  } finally {
    await harness.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const induced = chosen.length - notHere;
  const held = induced - wrong.length;
  say(`${held} of ${induced} faults fired their alert and no other; ${notHere} could not be induced here.`);
  if (wrong.length > 0) say(`Not as they should: ${wrong.join(', ')}`);
  return wrong.length === 0 ? 0 : 1;
}

function described(outcome: Outcome | Error): string {
  if (outcome instanceof Error) return `could not be tried (${outcome.message})`;
  const { afterS, others } = outcome;
  const when = afterS === null ? 'never' : `after ${afterS.toFixed(0)} s`;
  return `${when.padEnd(11)} ${others.length === 0 ? 'no other' : `and ${others.join(', ')}`}`;
}

await runProcess(main);
