import { type MochiConfig, strides } from './config/config.ts';
import { GenerateParamError } from '../../inference/errors.ts';
import type { GenerateParams } from './config/types.ts';
import type { LatentShape } from '../../inference/protocol.ts';

type Optional = 'latents' | 'signal' | 'onProgress' | 'onPass';
export type ResolvedParams = Required<Omit<GenerateParams, Optional>> & Pick<GenerateParams, Optional>;

/** Latent size of a clip. */
export function latentShape(
  config: MochiConfig,
  { width, height, numFrames }: { width: number; height: number; numFrames: number },
): LatentShape {
  const { space, time } = strides(config.vae);
  return { T: Math.floor((numFrames - 1) / time) + 1, h: height / space, w: width / space };
}

/**
 * Fills in the reference's defaults and checks what it would fail on deep inside, or silently change.
 *
 * @throws GenerateParamError naming the parameter and the remedy
 */
export function resolveParams(config: MochiConfig, params: GenerateParams): ResolvedParams {
  const resolved: ResolvedParams = {
    negativePrompt: '',
    width: 848,
    height: 480,
    numFrames: 19,
    numInferenceSteps: 64,
    guidanceScale: 4.5,
    guidanceStart: 0,
    guidanceStop: 1,
    seed: 0,
    maxSequenceLength: 256,
    startStep: 0,
    ...params,
  };
  type Numeric = Exclude<keyof GenerateParams, Optional | 'prompt' | 'negativePrompt'>;
  const check = (param: Numeric, ok: boolean, remedy: string) => {
    if (!ok) throw new GenerateParamError(param, `${param} is ${resolved[param]}: ${remedy}`);
  };
  const { space, time } = strides(config.vae);
  const multiple = space * config.transformer.patch_size;
  const { width, height, numFrames, numInferenceSteps, seed, startStep, latents } = resolved;
  for (const [name, value] of Object.entries({ width, height })) {
    const ok = Number.isInteger(value) && value > 0 && value % multiple === 0;
    check(name as 'width' | 'height', ok, `give a multiple of ${multiple}`);
  }
  check(
    'numFrames',
    Number.isInteger(numFrames) && numFrames > 0 && numFrames % time === 1 % time,
    `give ${time}k + 1`,
  );
  check('numInferenceSteps', Number.isInteger(numInferenceSteps) && numInferenceSteps >= 2, 'give 2 or more');
  check('guidanceScale', Number.isFinite(resolved.guidanceScale), 'give a number');
  const { guidanceStart: start, guidanceStop: stop } = resolved;
  check('guidanceStop', stop > start && stop <= 1, 'give more than guidanceStart, at most 1');
  check('guidanceStart', start >= 0, 'give 0 or more');
  check('maxSequenceLength', resolved.maxSequenceLength >= 1, 'give 1 or more');
  check('seed', Number.isSafeInteger(seed) && seed >= 0, 'give an integer from 0 to 2^53 - 1');
  check('startStep', startStep >= 0 && startStep <= numInferenceSteps, 'give no more than numInferenceSteps');
  if (startStep > 0 && latents === undefined) {
    throw new GenerateParamError('latents', `latents are missing: step ${startStep} can only be resumed from them`);
  }
  if (latents !== undefined) {
    const { T, h, w } = latentShape(config, resolved);
    const size = config.transformer.in_channels * T * h * w;
    if (latents.length !== size) {
      throw new GenerateParamError('latents', `latents have ${latents.length} values: ${size} are needed`);
    }
  }
  return resolved;
}
