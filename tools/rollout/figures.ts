import type { RolloutHarness } from './harness.ts';
import { type Job, type Made, SPECS } from './jobs.ts';

/** What a rollout cost. */
export interface Figures {
  jobs: number;
  completed: number;
  /** What jobs failed with, or in what they differ from an undisturbed one. */
  faults: string[];
  /** Attempts that SIGTERM ended in the middle of a video. */
  handedOver: number;
  /** Steps that were finished, by all attempts together; and those of them that had been finished before. */
  steps: number;
  redone: number;
  /** Of the jobs that were handed over. */
  redoneOfHandedOver: number;
  /** From SIGTERM's `Handed over` until another worker went on, ms. */
  resumedAfterMs: number[];
  /** Jobs that the old version's GPU workers had no part in. */
  byNewGpusAlone: number;
  /** Until the last job had ended. */
  seconds: number;
}

interface Evidence {
  harness: RolloutHarness;
  jobs: Job[];
  /** In the jobs' order. */
  outcomes: (Made | Error)[];
  /** In the specs' order. */
  references: Made[];
  seconds: number;
  oldVersion: string;
}

/** Reads what happened from the outcomes and from the GPU workers' logs. */
export function figuresOf({ harness, jobs, outcomes, references, seconds, oldVersion }: Evidence): Figures {
  const lines = harness.workers
    .filter(({ kind }) => kind === 'gpu')
    .flatMap(({ process, version }) => process.log.map((line) => ({ ...line, videoId: line['videoId'], version })))
    .toSorted((a, b) => a.at - b.at);
  const faults = outcomes.flatMap((outcome, i) => {
    const { id, spec } = jobs[i]!;
    if (outcome instanceof Error) return [`${id}: ${outcome.message}`];
    const { framesSha256, files } = references[SPECS.indexOf(spec)]!;
    if (outcome.framesSha256 !== framesSha256) return [`${id}: other frames`];
    return outcome.files === files ? [] : [`${id}: other files`];
  });
  const figures: Figures = {
    jobs: jobs.length,
    completed: outcomes.filter((outcome) => !(outcome instanceof Error)).length,
    faults,
    handedOver: 0,
    steps: 0,
    redone: 0,
    redoneOfHandedOver: 0,
    resumedAfterMs: [],
    byNewGpusAlone: 0,
    seconds,
  };
  for (const { id, spec } of jobs) {
    const own = lines.filter(({ videoId }) => videoId === id);
    const steps = own.filter(({ msg }) => msg === 'Step').length;
    const handovers = own.filter(({ msg }) => msg === 'Handed over');
    figures.steps += steps;
    figures.redone += steps - spec.numInferenceSteps;
    figures.handedOver += handovers.length;
    if (handovers.length > 0) figures.redoneOfHandedOver += steps - spec.numInferenceSteps;
    if (own.every(({ version }) => version !== oldVersion)) figures.byNewGpusAlone++;
    for (const { at } of handovers) {
      const resumed = own.find((line) => line.at >= at && line.msg === 'Generating');
      if (resumed) figures.resumedAfterMs.push(resumed.at - at);
    }
  }
  return figures;
}
