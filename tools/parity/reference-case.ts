import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type Tensor } from '../../gpu-worker/weights/safetensors.ts';
import type { Tiling } from '../../gpu-worker/families/mochi/config/types.ts';
import type { LatentShape } from '../../gpu-worker/inference/protocol.ts';

const settingsSchema = z.object({
  name: z.string(),
  file: z.string(),
  prompt: z.string(),
  negative_prompt: z.string().nullable(),
  guidance_scale: z.number(),
  num_inference_steps: z.int().min(2),
  max_sequence_length: z.int().min(1),
  force_zeros_for_empty_prompt: z.boolean(),
  tiling: z
    .object({
      tile_sample_min_height: z.int(),
      tile_sample_min_width: z.int(),
      tile_sample_stride_height: z.int(),
      tile_sample_stride_width: z.int(),
    })
    .nullish(),
});

export type CaseSettings = z.infer<typeof settingsSchema>;
export type Text = 'prompt' | 'negative';

/**
 * Reads `cases.json`: the settings of every case.
 *
 * @throws Error when `dir` is no folder of the format
 */
export async function readCaseSettings(dir: string): Promise<CaseSettings[]> {
  const file = join(dir, 'cases.json');
  const { error, data } = z
    .object({ cases: z.array(settingsSchema).min(1) })
    .safeParse(JSON.parse(await readFile(file, 'utf8')));
  if (error) throw new Error(`${file}: ${z.prettifyError(error)}`);
  return data.cases;
}

/** One run of the reference: its settings and the tensors that it left. */
export class ReferenceCase {
  readonly settings: CaseSettings;
  private readonly tensors: Map<string, Tensor>;

  private constructor(settings: CaseSettings, tensors: Map<string, Tensor>) {
    this.settings = settings;
    this.tensors = tensors;
  }

  static async read(dir: string, settings: CaseSettings): Promise<ReferenceCase> {
    return new ReferenceCase(settings, await readSafetensors(join(dir, settings.file)));
  }

  get guided(): boolean {
    return this.settings.guidance_scale > 1;
  }

  get tiling(): Tiling {
    const { tiling } = this.settings;
    if (!tiling) throw new Error(`cases.json has no tiling for the case ${this.settings.name}`);
    return {
      tileSampleMinHeight: tiling.tile_sample_min_height,
      tileSampleMinWidth: tiling.tile_sample_min_width,
      tileSampleStrideHeight: tiling.tile_sample_stride_height,
      tileSampleStrideWidth: tiling.tile_sample_stride_width,
    };
  }

  /** Size of the latents, from `initial_latents` `[1, c, T, h, w]`. */
  get shape(): LatentShape {
    const [, , T, h, w] = this.get('initial_latents').shape;
    return { T: T!, h: h!, w: w! };
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** @throws Error when the case has no such tensor */
  get(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`${this.settings.file} has no tensor ${name}`);
    return tensor;
  }

  floats(name: string): Float32Array {
    const { data } = this.get(name);
    if (!(data instanceof Float32Array)) throw new Error(`${this.settings.file}: tensor ${name} is not of type F32`);
    return data;
  }

  /** Latents after `steps` finished steps, `[c, T, h, w]`; 0 are the initial ones. */
  latentsAfter(steps: number): Float32Array {
    if (steps === 0) return this.floats('initial_latents');
    const all = this.floats('latents');
    const size = all.length / this.settings.num_inference_steps;
    return all.subarray((steps - 1) * size, steps * size);
  }

  /** The texts that were encoded: the negative one only with guidance. */
  get texts(): readonly Text[] {
    return this.guided ? ['prompt', 'negative'] : ['prompt'];
  }

  text(which: Text): string {
    // none given means the empty text
    return which === 'prompt' ? this.settings.prompt : (this.settings.negative_prompt ?? '');
  }

  /** Saved ids of a text's valid tokens, `[S]`. */
  validIds(which: Text): Int32Array {
    return Int32Array.from(this.get(`${which}.input_ids`).data).subarray(0, this.validTokens(which));
  }

  /** T5's saved output of a text's valid tokens, `[S, E]`. */
  validText(which: Text): Float32Array {
    const name = `${which}.t5_output`;
    return this.floats(name).subarray(0, this.validTokens(which) * this.get(name).shape.at(-1)!);
  }

  private validTokens(which: Text): number {
    return Uint8Array.from(this.get(`${which}.attention_mask`).data).reduce((sum, bit) => sum + bit, 0);
  }
}
