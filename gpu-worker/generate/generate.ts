import { Context } from '@temporalio/activity';
import type { GpuActivities } from '../../contract/activities.ts';
import { Attempt } from './attempt.ts';
import type { GenerateDeps } from './generate-deps.ts';
import type { DecodeRate } from './time-left.ts';

/** The one activity of the GPU queue: a spec becomes a file of lossless frames in the scratch store. */
export function createGenerate(deps: GenerateDeps): GpuActivities['generate'] {
  const rate: DecodeRate = { secondsPerMegapixel: null };
  return (input) => new Attempt(deps, rate, input, Context.current()).run();
}
