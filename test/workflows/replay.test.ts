import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ReplayResult, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../temporal/bundle.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { silenceWorkers } from '../../tools/harness/services/worker-pool.ts';
import { readHistories, type StoredHistory } from '../../tools/histories/stored.ts';

let stored: StoredHistory[];
beforeAll(async () => {
  silenceWorkers();
  stored = await readHistories();
});

async function replay(histories: StoredHistory[]): Promise<ReplayResult[]> {
  const codePath = await workflowBundle(createLogger('test', 'silent'));
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories))
    results.push(result);
  return results;
}

const typeOf = ({ history }: StoredHistory) =>
  (history.events[0]!['workflowExecutionStartedEventAttributes'] as { workflowType: { name: string } }).workflowType
    .name;

describe('a job that was begun by the released version', () => {
  it('goes on with the workflow code of today, whatever happens to it', async () => {
    const results = await replay(stored);
    expect(results.flatMap(({ workflowId, error }) => (error ? [`${workflowId}: ${error.message}`] : []))).toEqual([]);
    expect(results).toHaveLength(stored.length);
  });

  it('would be seen to go wrong: a history that the code does not fit is refused', async () => {
    const one = stored.find(({ workflowId }) => workflowId === 'generate-video-completed')!;
    const other = JSON.parse(JSON.stringify(one).replaceAll('"generate"', '"somethingElse"')) as StoredHistory;
    const [result] = await replay([other]);
    expect(result!.error?.message).toMatch(/[Nn]ondeterminism|TMPRL1100/);
  });

  it('is of a type of which there is a history, and says nothing of the machine that recorded it', async () => {
    const source = await readFile(new URL('../../workflows/index.js', import.meta.url), 'utf8');
    const exported = [...source.matchAll(/^export \{ (\w+) \}/gm)].map(([, name]) => name);
    expect(new Set(stored.map(typeOf))).toEqual(new Set(exported));
    expect(JSON.stringify(stored)).not.toMatch(/file:\/\/|\/dist\/|\d+@[\w-]+/);
  });
});
