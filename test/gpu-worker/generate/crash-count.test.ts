import { describe, expect, it } from 'vitest';
import { crashesBefore } from '../../../gpu-worker/generate/crash-count.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';

const said = (attempt: number, crashes: number, clean: boolean, fromStep?: number): GenerateHeartbeat => ({
  phase: 'denoising',
  step: 1,
  steps: 2,
  frames: 0,
  totalFrames: 7,
  checkpointKey: null,
  previewStep: null,
  checkpointStep: 0,
  etaSeconds: null,
  attempt,
  ...(fromStep !== undefined && { fromStep }),
  crashes,
  clean,
});

describe('crashes in a row', () => {
  it.each([
    ['a first attempt has none before it', 1, null, 0, 0, 0],
    ['attempts that were never heard of have crashed', 3, null, 0, 0, 2],
    ['unless the store has their orderly end', 3, null, 0, 2, 0],
    ['an attempt that fell silent has crashed', 2, said(1, 0, false), 0, 0, 1],
    ['and adds to those before it', 3, said(2, 1, false), 0, 0, 2],
    ['an orderly handover begins the count anew', 3, said(2, 0, true), 0, 0, 0],
    ['so does one that only the store has heard of', 3, said(2, 1, false), 0, 2, 0],
    ['even if the next attempt had begun before it was noted', 4, said(3, 2, false), 0, 2, 1],
    ['so does one that left the job further than it was', 4, said(3, 2, false, 20), 25, 0, 1],
    ['but not one that left it where it was', 4, said(3, 2, false, 20), 20, 0, 3],
    ['a lost inference process counts though the worker lives', 3, said(2, 1, true), 0, 0, 1],
    ['however far it had come before', 3, said(2, 1, true, 20), 25, 0, 1],
    ['silent attempts after the last heard of count too', 5, said(2, 0, true), 0, 0, 2],
    ['an operator who resets the attempts resets the count', 1, said(7, 2, false), 0, 0, 0],
  ])('%s', (_, attempt, previous, fromStep, lastEnded, crashes) => {
    expect(crashesBefore(attempt, { previous, fromStep, lastEnded })).toBe(crashes);
  });
});
