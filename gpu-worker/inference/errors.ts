import type { Component } from '../weights/weights.ts';

/** A parameter that the loaded model cannot honour; `param` is its name among those of the family's pipeline. */
export class GenerateParamError extends Error {
  override readonly name = 'GenerateParamError';
  readonly param: string;

  constructor(param: string, message: string) {
    super(message);
    this.param = param;
  }
}

/** The device has not enough memory; trying the same again cannot help. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** The inference process ended, or did not answer within its deadline and was killed. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
}

/** What the model computed is not all finite numbers: damaged weights, or a device that miscomputes. */
export class NumericalError extends Error {
  override readonly name = 'NumericalError';
  /** That was computed, e.g. `the latents after step 3`. */
  readonly what: string;
  /** With whose weights. */
  readonly component: Component;

  constructor(what: string, component: Component) {
    super(`${what} are not all finite numbers`);
    this.what = what;
    this.component = component;
  }
}
