import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostile } from '../../tools/hostile/hostile.ts';
import { formatTable, MOST_OVERTAKEN } from '../../tools/hostile/report.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-hostile-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('some attacks by one account and by strangers', () => {
  it('ends no process, gives another account no error and no wait behind theirs, and leaves nothing behind', async () => {
    const stop = new AbortController().signal;
    const outcome = await hostile({
      seed: 7,
      scale: 0.01,
      only: /creates|scratch/,
      folder,
      say: () => {},
      stop,
    });
    process.stdout.write(`${formatTable(outcome)}\n`);
    expect(outcome.rows.flatMap(({ attack, faults }) => faults.map((fault) => `${attack}: ${fault}`))).toEqual([]);
    expect(Math.max(...outcome.rows.map(({ overtaken }) => overtaken ?? 0))).toBeLessThanOrEqual(MOST_OVERTAKEN);
    expect(outcome.leaked).toEqual([]);
  });
});
