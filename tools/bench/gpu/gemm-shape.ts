import type { Clip } from '../../cuda/device-memory.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { sizes } from '../../../gpu-worker/families/mochi/graphs/transformer.ts';
import { latentShape } from '../../../gpu-worker/families/mochi/params.ts';
import type { GemmShape } from '../rows/gemm-peak.ts';

/** The largest matrix products of a model's transformer for a clip. */
export async function gemmShape(dir: string, clip: Clip): Promise<GemmShape> {
  const config = await readConfig(dir);
  const { T, h, w } = latentShape(config, clip);
  const { D, F } = sizes(config.transformer);
  return { rows: (T * h * w) / config.transformer.patch_size ** 2, width: D, inner: 2 * F };
}
