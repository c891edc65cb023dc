import { describe, expect, it } from '@jest/globals';
import { crashesBefore } from '../../gpu-worker/crash-count.ts';
import type { GenerateHeartbeat } from '../../workflows/contract.ts';

const said = (attempt: number, crashes: number, clean: boolean): GenerateHeartbeat => ({
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
  crashes,
  clean,
});

describe('crashes in a row', () => {
  it.each([
    ['a first attempt has none before it', 1, null, 0],
    ['attempts that were never heard of have crashed', 3, null, 2],
    ['an attempt that fell silent has crashed', 2, said(1, 0, false), 1],
    ['and adds to those before it', 3, said(2, 1, false), 2],
    ['an orderly handover begins the count anew', 3, said(2, 0, true), 0],
    ['a lost inference process counts though the worker lives', 3, said(2, 1, true), 1],
    ['silent attempts after the last heard of count too', 5, said(2, 0, true), 2],
    ['an operator who resets the attempts resets the count', 1, said(7, 2, false), 0],
  ])('%s', (_, attempt, previous, crashes) => {
    expect(crashesBefore(attempt, previous)).toBe(crashes);
  });
});
