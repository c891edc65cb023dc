/** Sigma at which the linear first half of the schedule ends, fixed in diffusers' MochiPipeline. */
const THRESHOLD_NOISE = 0.025;

/** Noise levels of a run, as the inverted flow-match scheduler of Mochi has them: rising from noise to clean. */
export interface Schedule {
  /** `[steps + 1]`, from 0 (noise) to 1 (clean). */
  sigmas: Float32Array;
  /** `[steps]`, what the transformer is told at each step: `sigma * trainTimesteps`. */
  timesteps: Float32Array;
}

/**
 * Mochi's linear-quadratic schedule, rounded where diffusers rounds it, so equal to it bit for bit
 * (`linear_quadratic_schedule` of pipeline_mochi.py, then `set_timesteps` with `invert_sigmas`).
 *
 * @param steps at least 2
 * @param trainTimesteps `num_train_timesteps` of the scheduler's config
 * @throws RangeError for fewer than 2 steps, which the reference cannot do either
 */
export function linearQuadraticSchedule(steps: number, trainTimesteps: number): Schedule {
  if (!Number.isSafeInteger(steps) || steps < 2) throw new RangeError(`a schedule has 2 steps or more, not ${steps}`);
  const linear = Math.floor(steps / 2);
  const quadratic = steps - linear;
  const difference = linear - THRESHOLD_NOISE * steps;
  const a = difference / (linear * quadratic ** 2);
  const b = THRESHOLD_NOISE / linear - (2 * difference) / quadratic ** 2;
  const c = a * linear ** 2;

  const sigmas = new Float32Array(steps + 1);
  for (let i = 0; i < steps; i++) {
    const progress = i < linear ? (i * THRESHOLD_NOISE) / linear : a * i ** 2 + b * i + c;
    // the pipeline hands over 1 - progress in float32 and the scheduler inverts that again
    sigmas[i] = 1 - Math.fround(1 - progress);
  }
  sigmas[steps] = 1;
  return { sigmas, timesteps: sigmas.subarray(0, steps).map((sigma) => sigma * trainTimesteps) };
}
