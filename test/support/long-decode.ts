import { Mochi } from '../../gpu-worker/mochi/index.ts';
import { RANDOM_MODEL } from './model-folder.ts';

/** A parent whose inference process is busy for a minute with one single run; prints that process's id. */
const model = await Mochi.load(RANDOM_MODEL, { threads: 1, decodeChunk: 10 });
process.stdout.write(`${model.devices.pids[0]}\n`);
const shape = { T: 10, h: 48, w: 48 };
const latents = new Float32Array(12 * shape.T * shape.h * shape.w);
for await (const _ of model.decode(latents, shape));
