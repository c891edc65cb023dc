import { appendRecord, type EndRecord } from './records.ts';
import type { Figure, Step } from './measure/step.ts';
import { valueOf } from './report.ts';
import { runStep, type StepSettings } from './run-step.ts';
import { workloadOf } from './measure/workload.ts';

/** A step that takes so many times what was expected of it hangs, or would eat up the others' time. */
const PATIENCE = 3;
/** Processes take some seconds to start, however little they do. */
const LEAST_MS = 20_000;

export interface RunOptions {
  steps: readonly Step[];
  settings: StepSettings;
  /** When all has to be over, by `performance.now()`. */
  endsAt: number;
  /** Whether the steps were named, so that each of them may take whatever is left. */
  named: boolean;
  /** Results are appended to it. */
  file: string;
  say: (line: string) => void;
  /** Ends it early. */
  signal: AbortSignal;
}

/**
 * Runs the steps one after the other while the time lasts. Each result is in the file the moment that it exists; a step that
 * fails or hangs costs none of the others.
 */
export async function runSteps(options: RunOptions): Promise<void> {
  const { steps, settings, endsAt, named, file, say, signal } = options;
  const { scale } = workloadOf(settings.devices);
  const end = (step: Step, record: Pick<EndRecord, 'outcome' | 'seconds' | 'why'>) => {
    appendRecord(file, { kind: 'end', step: step.id, ...record });
    say(`${step.id}: ${record.outcome}${record.why === undefined ? '' : `: ${record.why}`}`);
  };
  for (const step of steps) {
    const leftMs = endsAt - performance.now();
    const estimateMs = 1000 * step.estimateS * scale;
    if (signal.aborted || leftMs <= 0 || (!named && leftMs < estimateMs)) {
      end(step, { outcome: 'left out', seconds: 0, why: whyNot(signal, leftMs, estimateMs) });
      continue;
    }
    say(`${step.title} …`);
    const begin = performance.now();
    const keep = (figure: Figure) => {
      appendRecord(file, { kind: 'figure', step: step.id, ...figure });
      say(`  ${figure.what}: ${valueOf(figure)}`);
    };
    const limitMs = named ? leftMs : Math.min(leftMs, PATIENCE * Math.max(estimateMs, LEAST_MS));
    const ended = await runStep(step.id, settings, { limitMs, keep, signal });
    end(step, { ...ended, seconds: (performance.now() - begin) / 1000 });
  }
}

function whyNot(signal: AbortSignal, leftMs: number, estimateMs: number): string {
  if (signal.aborted) return 'interrupted';
  if (leftMs <= 0) return 'the time was over';
  return `it needs some ${Math.ceil(estimateMs / 1000)} s, and ${Math.floor(leftMs / 1000)} s were left`;
}
