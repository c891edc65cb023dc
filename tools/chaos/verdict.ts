import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { keys, VARIANT_FILES } from '../../storage/keys.ts';
import { MAX_CRASHES } from '../../gpu-worker/generate/crash-count.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { GENERATE_VIDEO, RESERVATION } from '../../contract/names.ts';
import { childrenOf, processesWith } from '../harness/measure/process-tree.ts';
import type { Job } from './load.ts';
import type { PatientClient } from './patient-client.ts';
import { sha256ButForId } from '../harness/model/same-video.ts';
import type { References } from './requests.ts';
import type { ServiceLog } from './service-log.ts';
import { MARK, type Stack } from './stack.ts';

/** What must not be, each with one line that names it. */
export interface Verdict {
  /** Confirmed to the user and not ended, or gone. */
  lost: string[];
  /** More workflows or files than were asked for. */
  doubled: string[];
  /** Other frames than undisturbed, or a failure without its cause. */
  wrong: string[];
  /** What is left of jobs that have ended, or of processes. */
  leaked: string[];
}

export interface Evidence {
  stack: Stack;
  jobs: readonly Job[];
  references: References;
  client: PatientClient;
  log: ServiceLog;
  /** Videos beside the jobs, as the references. */
  others: number;
}

/** What was promised late may still be on its way, e.g. a clean-up after the last answer. */
const PATIENCE_MS = 30_000;

/** Examines everything that is left of a run, once all is healed and every job has ended. */
export async function judge(evidence: Evidence, signal: AbortSignal): Promise<Verdict> {
  const verdict: Verdict = { lost: [], doubled: [], wrong: [], leaked: [] };
  for (const job of evidence.jobs) await judgeJob(job, evidence, verdict, signal);
  await judgeWorkflows(evidence, verdict);
  await patiently(
    () => leftovers(evidence.stack),
    (found) => verdict.leaked.push(...found),
  );
  return verdict;
}

/** Whatever still runs after everything was stopped. */
export async function orphans(stack: Stack): Promise<string[]> {
  return (await processesWith(MARK, stack.folder)).map((pid) => `process ${pid} outlived the stack`);
}

async function judgeJob(job: Job, evidence: Evidence, verdict: Verdict, signal: AbortSignal): Promise<void> {
  const { id, end, request, trouble } = job;
  const { client, references, stack, log } = evidence;
  if (id === null || end === null) {
    verdict.lost.push(`${id ?? 'a request'}: ${trouble ?? 'not ended'}`);
    return;
  }
  const files = await filesOf(stack.artefacts, keys.prefix(id));
  if (end.status === 'failed') {
    const cause = causeOf(job, log.work.get(id));
    if (!cause) verdict.wrong.push(`${id} failed for no reason that is known here: ${JSON.stringify(end.error)}`);
    if (files.length > 0) verdict.doubled.push(`${id} failed, and has files: ${files.join(', ')}`);
    return;
  }
  const wanted = Object.values(VARIANT_FILES).map(({ name }) => name);
  if (wanted.toSorted().join() !== files.join()) verdict.doubled.push(`${id} has the files ${files.join(', ')}`);
  const content = await client.content(id, signal).catch((error: Error) => error);
  if (content instanceof Error) verdict.lost.push(`${id}: ${content.message}`);
  else if (sha256ButForId(content) !== references.get(request))
    verdict.wrong.push(`${id} differs from the undisturbed run`);
}

/** A job may be given up as what ends its workers, where they were really ended under it so often. */
function causeOf({ cancelled, end }: Job, work: { silent: number; devicesLost: number } | undefined): boolean {
  const code = end?.error?.code;
  if (code === 'cancelled') return cancelled;
  return code === 'worker_lost' && (work?.silent ?? 0) + (work?.devicesLost ?? 0) >= MAX_CRASHES;
}

async function judgeWorkflows({ stack, jobs, others }: Evidence, verdict: Verdict): Promise<void> {
  const known = new Set(jobs.flatMap(({ id }) => id ?? []));
  const count = async (query: string) => (await stack.temporal.workflow.count(query)).count;
  const expected = known.size + others;
  await patiently(
    async () => {
      const found = await count(`WorkflowType = "${GENERATE_VIDEO}"`);
      return found === expected ? [] : [`${found} workflows of videos, for ${expected} that were asked for`];
    },
    (found) => verdict.doubled.push(...found),
  );
  await patiently(
    async () => {
      const running = await count(`ExecutionStatus = "Running" AND WorkflowType != "${RESERVATION}"`);
      return running === 0 ? [] : [`${running} workflows still run`];
    },
    (found) => verdict.lost.push(...found),
  );
}

async function leftovers(stack: Stack): Promise<string[]> {
  const scratch = (await filesOf(stack.scratch, 'videos/')).map((key) => `scratch: ${key}`);
  const names = [...stack.parts.keys()].filter((name) => name.startsWith('cpu-worker'));
  const folders = await Promise.all(
    names.map(async (name) => (await readdir(stack.temporaryFolder(name)).catch(() => [])).map((f) => `${name}: ${f}`)),
  );
  const expected = await expectedProcesses(stack);
  const strays = (await processesWith(MARK, stack.folder)).filter((pid) => !expected.has(pid));
  return [...scratch, ...folders.flat(), ...strays.map((pid) => `process ${pid} belongs to nobody`)];
}

async function expectedProcesses(stack: Stack): Promise<Set<number>> {
  const pids = [...stack.parts.values()].flatMap(({ pid }) => pid ?? []);
  const children = await Promise.all(pids.map(childrenOf));
  return new Set([...pids, ...children.flat()]);
}

/** Names of the objects below a prefix, in order. */
async function filesOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key.slice(prefix.length));
  return found;
}

async function patiently(search: () => Promise<string[]>, report: (found: string[]) => void): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const found = await search();
    if (found.length === 0) return;
    if (Date.now() > until) {
      report(found);
      return;
    }
  }
}
