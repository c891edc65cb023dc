/** A fraction; a frame lasts `den / num` seconds. */
export interface FrameRate {
  num: number;
  den: number;
}

/**
 * Exact fraction of a decimal frame rate: whole numbers as they are, broadcast rates (23.976, 29.97, 59.94) as n·1000/1001,
 * anything else to the thousandth.
 */
export function frameRate(fps: number): FrameRate {
  if (!(fps > 0 && fps <= 1000)) throw new RangeError(`a frame rate of ${fps} is not between 0 and 1000`);
  if (Number.isInteger(fps)) return { num: fps, den: 1 };
  const whole = Math.round(fps * 1.001);
  if (Math.abs((whole * 1000) / 1001 - fps) < 0.0005) return { num: whole * 1000, den: 1001 };
  return { num: Math.max(1, Math.round(fps * 1000)), den: 1000 };
}
