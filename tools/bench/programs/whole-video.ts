/**
 * A video as the workers make one, without Temporal between them: lossless frames into the scratch store, then the MP4
 * and both pictures. `whole-video.js MODEL SPEC FOLDER`, from the start of the process to the files.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { render } from '../../../media/render.ts';
import { storeFrames } from '../../../gpu-worker/checkpoints/frames-file.ts';
import { Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import { keys } from '../../../storage/keys.ts';
import { openStore } from '../../../storage/open.ts';
import { type VideoSpec, generatedShape } from '../../../contract/video-job.ts';
import { videoSettings } from '../../../contract/video-settings.ts';
import { KINORA_VERSION } from '../../../platform/process/version.ts';
import { jobOf } from '../../harness/model/clips.ts';
import { THREADS } from '../measure/benchmark.ts';

const [, , dir, specText, folder] = process.argv as [string, string, string, string, string];
const job = jobOf('bench', JSON.parse(specText) as VideoSpec);
const shape = generatedShape(job.spec);
const { signal } = new AbortController();

const scratch = await openStore(pathToFileURL(join(folder, 'scratch')).href);
const model = await Mochi.load(dir, { threads: THREADS });
const stored = await storeFrames(scratch, job, model.generate({ ...job.spec, ...shape, signal }), signal);
await model.close();
const framesPath = join(folder, 'frames.mkv');
await scratch.getToFile(keys.frames(job.videoId), framesPath, signal);
const generated = { width: shape.width, height: shape.height, numFrames: stored.frames, framesSha256: stored.sha256 };
const settings = videoSettings(job, { kinora: KINORA_VERSION, withPrompt: true });
await render({ framesPath, generated, spec: job.spec, settings, mp4Path: join(folder, 'video.mp4'), signal });
