/**
 * `npm run check:alerts`: a real service, watched by a real Prometheus by the project's rules, with a second for a minute.
 * One fault after the other is induced; each has to fire its alert, that one alone, and none may when it is over.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTemporalCli } from '../../temporal/cli.ts';
import { runProcess } from '../../temporal/process.ts';
import { childrenOf } from '../support/process-tree.ts';
import { findPrometheus } from '../support/prometheus-programs.ts';
import { WholeService } from '../support/whole-service.ts';
import { Prometheus } from './prometheus.ts';

/** Expected to take so long that it is not overdue within this check. */
const LONG = { prompt: 'a red circle', width: 128, height: 128, num_frames: 61, num_inference_steps: 200 };
const LIMIT_S = 120;

const say = (line: string) => void process.stdout.write(`${line}\n`);

interface Fault {
  alert: string;
  what: string;
  /** @returns how it is ended */
  begin(): Promise<() => Promise<void>>;
}

/** What goes wrong, one at a time. */
function faults(service: WholeService): Fault[] {
  const signal = (pids: readonly number[], name: NodeJS.Signals) => pids.forEach((pid) => process.kill(pid, name));
  const frozen = async (...pids: number[]) => {
    signal(pids, 'SIGSTOP');
    return async () => signal(pids, 'SIGCONT');
  };
  const pid = (name: 'api' | 'cpu-worker' | 'gpu-worker') => service.service.pids()[name]!;
  const queue = async (...change: string[]) => {
    const config = ['task-queue', 'config', 'set', '--task-queue', 'gpu', '--task-queue-type', 'activity'];
    await promisify(execFile)(await findTemporalCli(), [...config, ...change, '--address', service.temporalAddress]);
  };
  return [
    { alert: 'KinoraNoGpuWorker', what: 'the GPU worker is frozen', begin: () => frozen(pid('gpu-worker')) },
    { alert: 'KinoraNoCpuWorker', what: 'the CPU worker is frozen', begin: () => frozen(pid('cpu-worker')) },
    { alert: 'KinoraApiDown', what: 'the API is frozen', begin: () => frozen(pid('api')) },
    {
      alert: 'KinoraQueueNotMoving',
      what: 'the queue is paused, and a job comes',
      begin: async () => {
        await queue('--queue-rps-limit', '0', '--queue-rps-limit-reason', 'check:alerts');
        const { id } = await service.create(LONG);
        return async () => {
          await service.cancel(id);
          await queue('--queue-rps-limit', 'default');
        };
      },
    },
    {
      alert: 'KinoraJobStuck',
      what: 'the inference process is frozen in the middle of a job',
      begin: async () => {
        const { id } = await service.create(LONG);
        await service.until(id, ({ phase }) => phase === 'denoising');
        const goOn = await frozen(...(await childrenOf(pid('gpu-worker'))));
        return async () => {
          await goOn();
          await service.cancel(id);
        };
      },
    },
  ];
}

async function main(): Promise<number> {
  const program = await findPrometheus('prometheus');
  if (program === null) {
    say('There is no Prometheus on PATH, and none to be had: nothing was checked.');
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'kinora-alerts-'));
  const service = await WholeService.start({});
  const targets = service.service.metricsUrls;
  const prometheus = await Prometheus.start(
    program,
    folder,
    Object.fromEntries(Object.entries(targets).map(([name, url]) => [name, new URL(url).host])),
  );
  let wrong = 0;
  const expectFiring = async (what: string, wanted: string[]) => {
    const firing = await prometheus.settled(wanted, LIMIT_S);
    const right = firing.join() === wanted.join();
    say(`${right ? 'ok ' : 'NOT'}  ${what}: ${firing.join(', ') || 'no alert'}`);
    if (!right) wrong++;
  };
  try {
    await expectFiring('all is well', []);
    for (const fault of faults(service)) {
      const end = await fault.begin();
      await expectFiring(fault.what, [fault.alert]);
      await end();
      await expectFiring('it is over', []);
    }
  } finally {
    await prometheus.stop();
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return wrong === 0 ? 0 : 1;
}

await runProcess(main);
