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
