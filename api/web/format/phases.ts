import type { Phase, Video } from '../client/types.ts';

const PHASES: Record<Phase, string> = {
  queued: 'Waiting in the queue',
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

/** What a video is doing, with its step or its place in the queue. */
export function phaseText({ status, phase, step, steps, queue_position: position }: Video): string {
  if (status === 'queued' && phase === 'queued' && position != null) {
    return position <= 1 ? 'Next in the queue' : `Number ${position} in the queue`;
  }
  if (phase === 'denoising' && step !== null && steps !== null) return `Denoising, step ${step} of ${steps}`;
  return PHASES[phase] ?? phase;
}
