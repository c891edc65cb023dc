import { fork } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Service } from '../../local/service.ts';
import { PATIENCE_MS, pauses } from '../harness/patience.ts';
import { grownForGood, heldBy } from '../harness/measure/held.ts';
import { lowerPriority } from '../../platform/process/lower-priority.ts';
import type { SmallDisk } from '../harness/small-disk.ts';
import { ATTACKS } from './attacks/index.ts';
import type { AttackReport, Target } from './attacks/target.ts';
import { begunBefore } from './begun-before.ts';
import { Bystander, type Experience } from './bystander.ts';
import { type HostileService, KEYS, startHostileService } from './hostile-service.ts';

export interface HostileOptions {
  seed: number;
  /** How large each attack is; 1 for the whole of it. */
  scale: number;
  /** Names of the attacks that are wanted. */
  only: RegExp;
  /** Empty. */
  folder: string;
  say: (line: string) => void;
  stop: AbortSignal;
}

/** What one attack did to the second account, and to the service. */
export interface Row {
  attack: string;
  /** How long it took, s. */
  seconds: number;
  answers: Record<string, number>;
  /** 95th percentile of the bystander's polls, ms; null where there were too few. */
  p95: number | null;
  /** Answers of 503 with `retry-after` to the bystander. */
  busy: number;
  /** Most videos of others that began between a request of the bystander's and its video; null where it is not known. */
  overtaken: number | null;
  faults: string[];
}

export interface HostileOutcome {
  /** 95th percentile of the bystander's polls before the first attack, ms. */
  quietP95: number;
  rows: Row[];
  /** What is held far above what was held before, and files that are left. */
  leaked: string[];
}

/** Of the bystander before the first attack. */
const QUIET_POLLS = 200;
/** Between two attacks, s. */
const QUIET_S = 3;
/** How long a folder is full at full scale, and at least, in s. */
const FULL_S = 10;
const SHORTEST_FULL_S = 3;
/** In which the bystander's video has to be done after an attack, s: also after a full disk. */
const RECOVERY_S = PATIENCE_MS / 1000;
const FEWEST_POLLS = 20;
const ATTACKER = fileURLToPath(new URL('attacks/attacker.js', import.meta.url));
/** Small heaps show what stays; the workers are to be quick about tiny videos. */
const SETTINGS = {
  NODE_OPTIONS: '--max-semi-space-size=8',
  CPU_THREADS: '1',
  CHECKPOINT_STEPS: '4',
  API_FIRST: 'true',
};

/** Runs the service, attacks it with one account, and watches what becomes of another one and of its processes. */
export async function hostile(options: HostileOptions): Promise<HostileOutcome> {
  const { folder, scale, only, say, stop } = options;
  const service = await startHostileService(folder, SETTINGS, stop);
  const { whole } = service;
  const bystander = new Bystander(whole.service.apiUrl, KEYS.bystander);
  try {
    bystander.start();
    say('Quiet at first:');
    await bystander.polled(Math.max(FEWEST_POLLS, QUIET_POLLS * Math.min(1, scale * 4)), stop);
    const quiet = bystander.take();
    const quietP95 = percentile95(quiet.pollsMs) ?? 0;
    say(`  ${quiet.pollsMs.length} polls, p95 ${quietP95.toFixed(1)} ms`);
    const before = await heldBy(processesOf(whole.service));

    const rows: Row[] = [];
    const run = async (attack: string, work: () => Promise<AttackReport>) => {
      if (!only.test(attack) || stop.aborted) return;
      const row = await suffered(attack, service, bystander, work);
      rows.push(row);
      say(`  ${attack}: ${Math.round(row.seconds)} s${row.faults.map((fault) => `\n    ${fault}`).join('')}`);
      await sleep(QUIET_S * 1000 * Math.min(1, scale * 4));
    };
    for (const name of Object.keys(ATTACKS)) await run(name, () => attackWith(name, targetOf(options, service), stop));
    for (const [name, disk] of service.disks) await run(`full disk: ${name}`, () => fullDisk(disk, scale));
    await bystander.stop();
    const leaked = stop.aborted ? [] : await grownForGood(before, () => heldBy(processesOf(whole.service)));
    return { quietP95, rows, leaked };
  } finally {
    await bystander.stop();
    // The disks are gone with the service.
    await cp(join(whole.folder, 'logs'), join(folder, 'logs'), { recursive: true });
    await service.stop();
  }
}

/** Those that are up. */
const processesOf = (service: Service) =>
  Object.entries(service.pids()).flatMap(([name, pid]) => (pid === undefined ? [] : [{ name, pid }]));

function targetOf({ seed, scale }: HostileOptions, { whole }: HostileService): Target {
  const { hostname, port } = new URL(whole.service.apiUrl);
  return { host: hostname, port: Number(port), key: KEYS.attacker, seed, scale };
}

/** One attack from beginning to end, until the bystander has had a video that it asked for meanwhile. */
async function suffered(
  attack: string,
  { whole }: HostileService,
  bystander: Bystander,
  work: () => Promise<AttackReport>,
): Promise<Row> {
  const processes = processesOf(whole.service);
  bystander.take();
  const startedAt = Date.now();
  // An attack that cannot be tried has failed; the next ones are tried all the same.
  const { answers, faults } = await work().catch(({ message }: Error): AttackReport => ({
    answers: {},
    faults: [message],
  }));
  const seconds = (Date.now() - startedAt) / 1000;
  const during = bystander.take();
  await untilServed(bystander, during);
  const after = bystander.take();
  const now = processesOf(whole.service).map(({ pid }) => pid);
  const ended = processes.filter(({ pid }) => !now.includes(pid)).map(({ name }) => `${name} ended`);
  const videos = [...during.videos, ...after.videos].filter(({ askedAt }) => askedAt < startedAt + seconds * 1000);
  return {
    attack,
    seconds,
    answers,
    p95: percentile95(during.pollsMs),
    busy: during.busy + after.busy,
    overtaken: attack.startsWith('full disk') ? null : await begunBefore(whole, videos),
    faults: counted([...ended, ...faults, ...during.faults, ...after.faults]),
  };
}

/** Waits until the bystander has begun two more videos: the one before the last is done then. */
async function untilServed(bystander: Bystander, during: Experience): Promise<void> {
  for (const end = Date.now() + RECOVERY_S * 1000, pause = pauses(); bystander.asked < 2; await pause()) {
    if (Date.now() > end) {
      during.faults.push(`the bystander had no video within ${RECOVERY_S} s after it`);
      return;
    }
  }
}

async function attackWith(name: string, target: Target, stop: AbortSignal): Promise<AttackReport> {
  const attacker = fork(ATTACKER, [name, JSON.stringify(target)], { signal: stop, detached: true });
  // It stands for another machine: the service's processes go first where there is more to do than cores.
  if (attacker.pid !== undefined) lowerPriority(attacker.pid, 15);
  const ended = { answers: {}, faults: ['the attacker ended by itself'] };
  return await new Promise((resolve) => {
    attacker.once('message', (report) => resolve(report as AttackReport));
    attacker.once('exit', () => resolve(ended)).on('error', () => resolve(ended));
  });
}

async function fullDisk(disk: SmallDisk, scale: number): Promise<AttackReport> {
  try {
    await disk.fill();
    await sleep(Math.max(SHORTEST_FULL_S, FULL_S * scale) * 1000);
  } finally {
    await disk.empty();
  }
  return { answers: {}, faults: [] };
}

function percentile95(values: readonly number[]): number | null {
  if (values.length < FEWEST_POLLS) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1]!;
}

/** Each line once, with how often it came. */
function counted(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, n]) => (n === 1 ? line : `${line} (${n} times)`));
}
