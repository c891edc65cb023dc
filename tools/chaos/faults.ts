import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../platform/config/user-error.ts';
import { childrenOf } from '../harness/measure/process-tree.ts';
import { send } from './part.ts';
import type { Random } from '../harness/random.ts';
import { S3_SKEWS } from './s3-proxy.ts';
import type { ServiceLog } from './service-log.ts';
import type { Stack } from './stack.ts';
import type { LinkState } from './tcp-link.ts';

/** Something that goes wrong, once. */
export interface Fault {
  /** E.g. `kill gpu-worker`. */
  kind: string;
  /** E.g. `gpu-worker-2`. */
  target: string;
  /** From the start, in ms, and how long it lasts. */
  atMs: number;
  forMs: number;
}

interface Kind {
  kind: string;
  targets: readonly string[];
  /** Least and most, in ms; 0 where it is over at once. */
  lasts: readonly [number, number];
  /** @returns what ends it */
  inflict(stack: Stack, log: ServiceLog, target: string): Promise<() => unknown>;
}

const both = (name: string) => [`${name}-1`, `${name}-2`];
const nothing = () => {};

const signalled = (verb: string, signal: NodeJS.Signals, name: string, targets: readonly string[]): Kind => ({
  kind: `${verb} ${name}`,
  targets,
  lasts: [0, 0],
  inflict: async (stack, log, target) => {
    log.hit(target);
    await stack.parts.get(target)!.signal(signal);
    return nothing;
  },
});

const frozen = (name: string, targets: readonly string[]): Kind => ({
  kind: `freeze ${name}`,
  targets,
  // Some are longer than any heartbeat is waited for: then another process takes over, and this one wakes up too late.
  lasts: [1_000, 30_000],
  inflict: async (stack, log, target) => {
    const pid = await stack.parts.get(target)!.up();
    log.hit(target);
    send(pid, 'SIGSTOP');
    // Each of PostgreSQL's sessions is a process of its own.
    const sessions = target === 'postgres' ? await childrenOf(pid) : [];
    for (const session of sessions) send(session, 'SIGSTOP');
    return () => [pid, ...sessions].forEach((one) => send(one, 'SIGCONT'));
  },
});

/** E.g. the failover of a managed database: everything that is said to it meanwhile is lost or late. */
const outage = (name: string, seconds: number): Kind => ({
  kind: `${seconds} s without ${name}`,
  targets: [name],
  lasts: [seconds * 1000, seconds * 1000],
  inflict: (stack, log, target) => {
    log.hit(target);
    return stack.parts.get(target)!.takeDown();
  },
});

const inference = (verb: string, signal: NodeJS.Signals, lasts: readonly [number, number]): Kind => ({
  kind: `${verb} inference`,
  targets: both('gpu-worker'),
  lasts,
  inflict: async (stack, log, target) => {
    const children = await childrenOf(await stack.parts.get(target)!.up());
    log.hit(target);
    for (const pid of children) send(pid, signal);
    return () => children.forEach((pid) => send(pid, 'SIGCONT'));
  },
});

const LINKS = ['api', 'cpu-worker', 'gpu-worker']
  .flatMap(both)
  .flatMap((name) => [`${name} to s3`, `${name} to temporal`]);

const linked = (verb: string, state: LinkState): Kind => ({
  kind: `${verb} link`,
  targets: LINKS,
  lasts: [1_000, 12_000],
  inflict: async (stack, _log, target) => {
    const { link } = stack.links.find(({ name }) => name === target)!;
    link.state = state;
    return () => (link.state = 'open');
  },
});

const KINDS: readonly Kind[] = [
  ...['gpu-worker', 'cpu-worker', 'api'].flatMap((name) => [
    signalled('kill', 'SIGKILL', name, both(name)),
    signalled('restart', 'SIGTERM', name, both(name)),
    frozen(name, both(name)),
  ]),
  ...['temporal', 's3'].flatMap((name) => [signalled('kill', 'SIGKILL', name, [name]), frozen(name, [name])]),
  outage('temporal', 14),
  outage('temporal', 45),
  inference('kill', 'SIGKILL', [0, 0]),
  inference('freeze', 'SIGSTOP', [1_000, 20_000]),
  linked('cut', 'cut'),
  linked('slow', 'slow'),
  linked('stall', 'stalled'),
  {
    kind: 'fill disk',
    targets: both('cpu-worker'),
    lasts: [2_000, 8_000],
    inflict: async ({ disks }, _log, target) => {
      await disks.get(target)?.fill();
      return () => disks.get(target)?.empty();
    },
  },
  ...S3_SKEWS.map((skew): Kind => ({
    kind: `s3 ${skew}`,
    targets: ['s3'],
    lasts: [2_000, 8_000],
    inflict: async ({ s3Proxy }) => {
      s3Proxy.skew = skew;
      return () => (s3Proxy.skew = null);
    },
  })),
];

const POSTGRES = ['postgres'];

/** What a production server's database does to it, beside all else. */
const POSTGRES_KINDS: readonly Kind[] = [
  signalled('kill', 'SIGKILL', 'postgres', POSTGRES),
  frozen('postgres', POSTGRES),
  outage('postgres', 14),
  outage('postgres', 45),
];
const ALL_KINDS = [...KINDS, ...POSTGRES_KINDS];

/**
 * What goes wrong and when. Every kind comes once before any comes again.
 *
 * @param gapMs between two, on average
 * @param only what the kinds' names must match
 * @param postgres whether there is PostgreSQL, to which things happen too
 * @throws UserError where none does
 */
export function planFaults(
  random: Random,
  durationMs: number,
  gapMs: number,
  only: RegExp,
  postgres: boolean,
): Fault[] {
  const known = postgres ? ALL_KINDS : KINDS;
  const kinds = known.filter(({ kind }) => only.test(kind));
  if (kinds.length === 0)
    throw new UserError(`No kind of fault is called ${only.source}: ${known.map(({ kind }) => kind).join(', ')}`);
  const faults: Fault[] = [];
  let deck: Kind[] = [];
  for (let atMs = 0; ;) {
    atMs += random.between(Math.round(gapMs * 0.4), Math.round(gapMs * 1.6));
    if (atMs >= durationMs) return faults;
    if (deck.length === 0) deck = random.shuffled(kinds);
    const { kind, targets, lasts } = deck.pop()!;
    faults.push({ kind, target: random.pick(targets), atMs, forMs: random.between(...lasts) });
  }
}

/**
 * Makes it go wrong, and right again after its time.
 *
 * @returns resolves when it is over
 */
export async function inflict({ kind, target, forMs }: Fault, stack: Stack, log: ServiceLog) {
  const heal = await ALL_KINDS.find((known) => known.kind === kind)!.inflict(stack, log, target);
  return { over: sleep(forMs).then(heal) };
}
