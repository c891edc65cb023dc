import type { Mochi } from '../../gpu-worker/families/mochi/mochi.ts';
import { sample } from '../../gpu-worker/families/mochi/sampler.ts';
import { linearQuadraticSchedule } from '../../gpu-worker/families/mochi/schedule.ts';
import { tokenizeText } from '../../gpu-worker/families/mochi/text.ts';
import type { PaddedIds } from '../../gpu-worker/text/tokenizer/t5-tokenizer.ts';
import type { ReferenceCase, Text } from './reference-case.ts';

/** Ids of one of the case's texts, under the case's own rule for empty ones. */
export function tokenize(model: Mochi, reference: ReferenceCase, which: Text): PaddedIds {
  const { max_sequence_length, force_zeros_for_empty_prompt } = reference.settings;
  return tokenizeText(model.tokenizer, reference.text(which), max_sequence_length, force_zeros_for_empty_prompt);
}

/** Final latents `[c, T, h, w]` of a case, from its text and its initial latents alone. */
export async function latentsFromText(model: Mochi, reference: ReferenceCase): Promise<Float32Array> {
  const { num_inference_steps, guidance_scale } = reference.settings;
  const encode = (which: Text) => {
    const { ids, length } = tokenize(model, reference, which);
    return model.encodeText(ids.subarray(0, length));
  };
  const steps = sample(model.devices, {
    text: { cond: await encode('prompt'), uncond: reference.guided ? await encode('negative') : null },
    latents: reference.latentsAfter(0),
    shape: reference.shape,
    schedule: linearQuadraticSchedule(num_inference_steps, model.scheduler.num_train_timesteps),
    guidance: { scale: guidance_scale, start: 0, stop: 1 },
    startStep: 0,
  });
  let latents = reference.latentsAfter(0);
  for await (const done of steps) ({ latents } = done);
  return latents;
}
