import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { cpuWorkerEnv } from '../../activities/config.ts';
import { apiEnv } from '../../api/config.ts';
import { gpuWorkerEnv } from '../../gpu-worker/config.ts';
import { hubEnv } from '../../gpu-worker/models/pull/config.ts';
import { localEnv } from '../../local/config.ts';

describe('an operator who reads the README', () => {
  it('finds every setting that a process takes', async () => {
    const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
    const table = readme.split('\n').filter((line) => line.startsWith('| `'));
    const listed = new Set(
      table.flatMap((line) => [...line.split('|')[1]!.matchAll(/`([A-Z0-9_]+)`/g)].map((m) => m[1])),
    );
    const taken = [localEnv, apiEnv, cpuWorkerEnv, gpuWorkerEnv, hubEnv].flatMap(({ shape }) => Object.keys(shape));
    expect(taken.filter((name) => !listed.has(name))).toEqual([]);
  });
});
