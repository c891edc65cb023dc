import type { Mochi } from '../../gpu-worker/families/mochi/mochi.ts';
import { eulerStep, guide } from '../../gpu-worker/families/mochi/sampler.ts';
import { linearQuadraticSchedule } from '../../gpu-worker/families/mochi/schedule.ts';
import { check, EQUAL, within, type Row } from './compare.ts';
import { decoderRows } from './decoder-rows.ts';
import { tokenize } from './end-to-end.ts';
import type { ReferenceCase } from './reference-case.ts';
import { SIGMAS, TIMESTEPS } from './tables.ts';

/** About ten times what a float32 and a float64 run of the reference differ by. */
const TEXT = within(5e-5, 5e-5);
const VELOCITY = within(1e-4, 1e-4);
const STEP = within(1e-5, 1e-5);

/** Rows of one case: every stage alone on the reference's own inputs, then the whole way from the text. */
export async function* caseRows(model: Mochi, reference: ReferenceCase): AsyncGenerator<Row, void, void> {
  yield* textRows(model, reference);
  yield* transformerRows(model, reference);
  yield* decoderRows(model, reference);
}

async function* textRows(model: Mochi, reference: ReferenceCase): AsyncGenerator<Row, void, void> {
  const { name } = reference.settings;
  for (const which of reference.texts) {
    yield await check(`${which} ids`, name, EQUAL, () => [
      tokenize(model, reference, which).ids,
      reference.get(`${which}.input_ids`).data,
    ]);
    yield await check(`${which} mask`, name, EQUAL, () => [
      tokenize(model, reference, which).mask,
      reference.get(`${which}.attention_mask`).data,
    ]);
    yield await check(`${which} T5 output`, name, TEXT, async () => [
      await model.encodeText(reference.validIds(which)),
      reference.validText(which),
    ]);
  }
}

async function* transformerRows(model: Mochi, reference: ReferenceCase): AsyncGenerator<Row, void, void> {
  const { name, num_inference_steps: steps, guidance_scale: scale } = reference.settings;
  const { sigmas, timesteps } = linearQuadraticSchedule(steps, model.scheduler.num_train_timesteps);
  yield await check('sigmas', name, SIGMAS, () => [sigmas, reference.floats('sigmas')]);
  yield await check('timesteps', name, TIMESTEPS, () => [timesteps, reference.floats('timesteps')]);

  const passes = reference.guided ? (['cond', 'uncond'] as const) : (['cond'] as const);
  for (const [tensor, step] of [
    ['step0', 0],
    ['step_last', steps - 1],
  ] as const) {
    for (const pass of passes) {
      yield await check(`velocity ${tensor}.${pass}`, name, VELOCITY, async () => {
        await model.devices.call(0, 'condition', pass, reference.validText(pass === 'cond' ? 'prompt' : 'negative'));
        const timestep = reference.floats('timesteps')[step]!;
        const latents = reference.latentsAfter(step);
        const { data } = await model.devices.call(0, 'velocity', pass, latents, reference.shape, timestep);
        return [data, reference.floats(`${tensor}.${pass}`)];
      });
    }
    yield await check(`guidance and step ${step + 1}`, name, STEP, () => {
      const cond = reference.floats(`${tensor}.cond`);
      const velocity = reference.guided ? guide(reference.floats(`${tensor}.uncond`), cond, scale) : cond;
      const saved = reference.floats('sigmas');
      const next = eulerStep(reference.latentsAfter(step), velocity, saved[step + 1]! - saved[step]!);
      return [next, reference.latentsAfter(step + 1)];
    });
  }
}
