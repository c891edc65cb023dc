import type { Phase, Video } from '../client/types.ts';

const PHASES: Record<Phase, string> = {
  queued: 'Waiting for a GPU',
  validating: 'Checking the request',
  loading: 'Loading the model',
  encoding_text: 'Reading the prompt',
  denoising: 'Denoising',
  decoding: 'Decoding the frames',
  encoding: 'Encoding the video',
  uploading: 'Saving',
  cancelling: 'Cancelling…',
  completed: 'Done',
  failed: 'Failed',
};

/** The phase, with the step or the queue position. */
export function phaseText({ status, phase, step, steps, queue_position: position }: Video): string {
  if (status === 'queued' && phase === 'queued' && position != null) {
    return position <= 1 ? 'Next in queue' : `${ordinal(position)} in queue`;
  }
  if (phase === 'denoising' && step !== null && steps !== null) return `Denoising, step ${step} of ${steps}`;
  return PHASES[phase] ?? phase;
}

const rules = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

const ordinal = (number: number): string => `${number}${SUFFIXES[rules.select(number)] ?? 'th'}`;
