import { Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import { RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';

/** A parent whose inference process is busy for many seconds with one single run; prints that process's id, and a line at its end. */
const model = await Mochi.load(RANDOM_MODEL, { threads: 1 });
process.stdout.write(`${model.devices.pids[0]}\n`);
const shape = { T: 1, h: 160, w: 160 };
const latents = new Float32Array(12 * shape.T * shape.h * shape.w);
for await (const _ of model.decode(latents, shape));
process.stdout.write('done\n');
