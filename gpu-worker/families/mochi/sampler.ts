import type { Devices } from '../../inference/devices.ts';
import { assertFinite } from '../../inference/finite.ts';
import type { Schedule } from './schedule.ts';
import type { PassTiming } from './config/types.ts';
import type { LatentShape } from '../../inference/protocol.ts';

export interface SampleArgs {
  /** T5's output over valid tokens `[S, E]`; the unconditional one is null where guidance is off. */
  text: { cond: Float32Array; uncond: Float32Array | null };
  latents: Float32Array;
  shape: LatentShape;
  schedule: Schedule;
  /** `start` and `stop` are shares of the steps: outside them a step is the conditional pass alone. */
  guidance: { scale: number; start: number; stop: number };
  /** Finished steps that `latents` come from. */
  startStep: number;
  signal?: AbortSignal | undefined;
  onPass?: ((timing: PassTiming) => void) | undefined;
}

export interface SampledStep {
  /** Finished steps. */
  step: number;
  latents: Float32Array;
  /** Velocity that led here, guidance included. */
  velocity: Float32Array;
  /** Share of noise left in `latents`: 0 after the last step. */
  noise: number;
}

/**
 * The denoising loop: one step per iteration. With two devices the passes of a step run at the same time, the
 * conditional one on the first device; with one, in turn.
 *
 * @throws the signal's reason, between steps; NumericalError
 */
export async function* sample(devices: Devices, args: SampleArgs): AsyncGenerator<SampledStep, void, void> {
  const { text, shape, schedule, guidance, startStep, signal, onPass } = args;
  const uncondDevice = devices.count - 1;
  await devices.call(0, 'condition', 'cond', text.cond);
  if (text.uncond !== null) await devices.call(uncondDevice, 'condition', 'uncond', text.uncond);

  const pass = async (index: number, what: string, latents: Float32Array, timestep: number) => {
    const { data, startedAt, endedAt } = await devices.call(index, 'velocity', what, latents, shape, timestep);
    onPass?.({ device: `${index}:${devices.names[index]}`, what, startedAt, endedAt });
    return data;
  };

  const steps = schedule.timesteps.length;
  // As diffusers' guiders round them.
  const guidedFrom = Math.floor(guidance.start * steps);
  const guidedTo = Math.floor(guidance.stop * steps);
  let { latents } = args;
  for (let i = startStep; i < steps; i++) {
    signal?.throwIfAborted();
    const timestep = schedule.timesteps[i]!;
    const [cond, uncond] = await Promise.all([
      pass(0, 'cond', latents, timestep),
      text.uncond === null || i < guidedFrom || i >= guidedTo ? null : pass(uncondDevice, 'uncond', latents, timestep),
    ]);
    const velocity = uncond === null ? cond : guide(uncond, cond, guidance.scale);
    const sigma = schedule.sigmas[i + 1]!;
    latents = eulerStep(latents, velocity, sigma - schedule.sigmas[i]!);
    assertFinite(latents, `the latents after step ${i + 1}`, 'transformer');
    // The sigmas are diffusers' inverted ones, which end at 1.
    yield { step: i + 1, latents, velocity, noise: 1 - sigma };
  }
}

/** Classifier-free guidance, `uncond + scale * (cond - uncond)`, rounding to float32 after each operation as torch does. */
export function guide(uncond: Float32Array, cond: Float32Array, scale: number): Float32Array {
  sameLength(uncond, cond);
  const factor = Math.fround(scale);
  // the array's own rounding is the last one
  return uncond.map((value, i) => value + Math.fround(factor * Math.fround(cond[i]! - value)));
}

/**
 * One Euler step of the flow, `latents + dSigma * velocity` in float32; the inputs are left as they are.
 *
 * @param dSigma next sigma minus this one
 */
export function eulerStep(latents: Float32Array, velocity: Float32Array, dSigma: number): Float32Array {
  sameLength(latents, velocity);
  const dt = Math.fround(dSigma);
  return latents.map((value, i) => value + Math.fround(dt * velocity[i]!));
}

function sameLength(a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length) throw new RangeError(`arrays of ${a.length} and ${b.length} values do not go together`);
}
