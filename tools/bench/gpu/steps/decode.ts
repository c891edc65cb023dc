import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { CUDA_DECODE_CHUNK, DEFAULT_TILING } from '../../../../gpu-worker/families/mochi/config/types.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import { decodeFrames } from '../../../../gpu-worker/families/mochi/vae/decode.ts';
import { deviates } from '../../../harness/measure/deviates.ts';
import { withDevices } from '../measure/devices.ts';
import { modelFolder } from '../measure/model.ts';
import { withPeakMemory } from '../measure/peak-memory.ts';
import type { StepContext } from '../measure/step.ts';
import { reportMedian, seconds } from '../measure/timing.ts';
import { describeClip } from '../measure/workload.ts';

/** All frames of a clip, tiled, on all devices, through the processes that a worker has. Frames that are not finite fail. */
export async function decode(context: StepContext): Promise<void> {
  const { short } = context.workload;
  const dir = await modelFolder(context, ['vae']);
  const config = await readConfig(dir);
  const shape = latentShape(config, short);
  const latents = await deviates(1, config.vae.latent_channels * shape.T * shape.h * shape.w);
  const args = { latents, shape, tiling: DEFAULT_TILING, decodeChunk: CUDA_DECODE_CHUNK };
  await withPeakMemory(context, () =>
    withDevices(context, dir, async (devices) => {
      const all = async () => {
        let made = 0;
        for await (const { frames } of decodeFrames(devices, config.vae, args)) made += frames;
        if (made !== short.numFrames) throw new Error(`${made} frames were decoded`);
      };
      await reportMedian(context, `a decode, ${describeClip(short)}`, () => seconds(all));
    }),
  );
}
