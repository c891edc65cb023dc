import { NumericalError } from './errors.ts';
import type { Component } from '../weights/weights.ts';

/** @throws NumericalError where any value is NaN or infinite */
export function assertFinite(values: Float32Array, what: string, component: Component): void {
  if (!areFinite(values)) throw new NumericalError(what, component);
}

/** Some 1 ms for a million values. */
export function areFinite(values: Float32Array): boolean {
  let sum = 0;
  // Zero for every finite number, and NaN for any other.
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}
