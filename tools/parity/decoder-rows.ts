import type { Mochi } from '../../gpu-worker/families/mochi/mochi.ts';
import type { Tiling } from '../../gpu-worker/families/mochi/config/types.ts';
import { decodeValues } from '../../gpu-worker/families/mochi/vae/decode.ts';
import { denormalise, toRgb } from '../../gpu-worker/families/mochi/vae/values.ts';
import { check, FRAMES, within, type Row } from './compare.ts';
import { latentsFromText } from './end-to-end.ts';
import type { ReferenceCase } from './reference-case.ts';

const VAE_INPUT = within(1e-6, 1e-6);
const VAE_OUTPUT = within(5e-5, 5e-5);
const FINAL_LATENTS = within(2e-3, 2e-4);
const FINAL_VAE_OUTPUT = within(1e-3);

/** Rows of the VAE on the reference's own input, and of the whole way from the text to latents, VAE output and frames. */
export async function* decoderRows(model: Mochi, reference: ReferenceCase): AsyncGenerator<Row, void, void> {
  const { name, num_inference_steps: steps } = reference.settings;
  const { vae } = model.config;
  yield await check('VAE input', name, VAE_INPUT, () => [
    denormalise(vae, reference.latentsAfter(steps)),
    reference.floats('vae.input'),
  ]);

  const generated = lazy(() => latentsFromText(model, reference));
  yield await check('end to end: latents', name, FINAL_LATENTS, async () => [
    await generated(),
    reference.latentsAfter(steps),
  ]);

  for (const suffix of ['', '_tiled'] as const) {
    const [decoded, frames] = [`decoded${suffix}`, `frames${suffix}`];
    const output = `VAE output${suffix}`;
    const tiling = () => (suffix === '' ? null : reference.tiling);
    const alone = lazy(() => decode(model, reference, reference.floats('vae.input'), tiling()));
    const whole = lazy(async () => decode(model, reference, denormalise(vae, await generated()), tiling()));
    if (reference.has(decoded)) {
      yield await check(output, name, VAE_OUTPUT, async () => [await alone(), frameByFrame(reference, decoded)]);
      yield await check(`end to end: ${output}`, name, FINAL_VAE_OUTPUT, async () => [
        await whole(),
        frameByFrame(reference, decoded),
      ]);
    }
    if (!reference.has(frames)) continue;
    const expected = reference.get(frames);
    const rgb = (values: Float32Array) => toFrames(values, expected.shape);
    if (reference.has(decoded)) {
      yield await check(`${frames} from VAE output`, name, FRAMES, () => [
        rgb(frameByFrame(reference, decoded)),
        expected.data,
      ]);
    }
    yield await check(`${frames} from VAE input`, name, FRAMES, async () => [rgb(await alone()), expected.data]);
    yield await check(`end to end: ${frames}`, name, FRAMES, async () => [rgb(await whole()), expected.data]);
  }
}

/** VAE output `[F, 3, H, W]` of denormalised latents, decoded one latent frame at a time. */
async function decode(
  model: Mochi,
  { shape }: ReferenceCase,
  latents: Float32Array,
  tiling: Tiling | null,
): Promise<Float32Array> {
  const chunks: Float32Array[] = [];
  const values = decodeValues(model.devices, model.config.vae, { latents, shape, tiling, decodeChunk: 1 });
  for await (const chunk of values) chunks.push(chunk.values);
  const whole = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** A saved VAE output `[1, 3, F, H, W]` as `[F, 3, H, W]`. */
function frameByFrame(reference: ReferenceCase, name: string): Float32Array {
  const values = reference.floats(name);
  const [, colours, frames, height, width] = reference.get(name).shape as [number, number, number, number, number];
  const size = height * width;
  const ordered = new Float32Array(values.length);
  for (let colour = 0; colour < colours; colour++) {
    for (let frame = 0; frame < frames; frame++) {
      const from = (colour * frames + frame) * size;
      ordered.set(values.subarray(from, from + size), (frame * colours + colour) * size);
    }
  }
  return ordered;
}

/** 8-bit frames `[F, H, W, 3]` of a VAE output `[F, 3, H, W]`. */
function toFrames(values: Float32Array, [, height, width, colours]: number[]): Uint8Array {
  const size = height! * width! * colours!;
  const rgb = new Uint8Array(values.length);
  for (let from = 0; from < values.length; from += size) {
    toRgb(values.subarray(from, from + size), rgb.subarray(from, from + size));
  }
  return rgb;
}

/** Computes once, when it is first asked for. */
function lazy<T>(compute: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= compute());
}
