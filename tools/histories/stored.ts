import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type History, historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/histories', import.meta.url));

/** A history as JSON, as Temporal's CLI and Web UI have it. */
export interface StoredHistory {
  workflowId: string;
  history: { events: Record<string, unknown>[] };
}

/** The histories of a release; `workflowId` is the file's name. */
export async function readHistories(): Promise<StoredHistory[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    names.map(async (name) => ({
      workflowId: name.replace(/\.json$/, ''),
      history: JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as StoredHistory['history'],
    })),
  );
}

/** Puts these histories in the place of those of the same names. Others are of earlier code, and stay. */
export async function writeHistories(histories: Map<string, History>): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const [name, history] of histories) {
    const json = JSON.parse(historyToJSON(history), withoutMachine) as object;
    await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(json, null, 1)}\n`);
  }
}

/** Leaves out what tells of the machine that recorded it. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  if (key === 'identity') return 'worker';
  const { kind } = (value ?? {}) as { kind?: unknown };
  if (key === 'taskQueue' && kind === 'TASK_QUEUE_KIND_STICKY') return { ...(value as object), name: 'sticky' };
  return value;
}
