/**
 * What clips of one shape take: `growth-point.js MODEL SPEC THREADS ROUNDS` makes one to warm up and then ROUNDS, and prints
 * a {@link GrowthPoint}.
 */
import { Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import type { VideoSpec } from '../../../contract/video-job.ts';
import { treeSeconds } from '../../harness/measure/cpu-time.ts';

export interface GrowthPoint {
  /** Of each clip, from its text to its last frame. */
  seconds: number[];
  /** The same of all threads together. */
  cpuSeconds: number[];
  /** Most that the two processes have held together, in MiB. */
  peakMb: number;
}

const [, , dir, specText, ...numbers] = process.argv as [string, string, string, string, ...string[]];
const [threads, rounds] = numbers.map(Number) as [number, number];
const spec = JSON.parse(specText) as VideoSpec;

const model = await Mochi.load(dir, { threads });
const point: GrowthPoint = { seconds: [], cpuSeconds: [], peakMb: 0 };
for (let round = 0; round <= rounds; round++) {
  const cpuBegin = await treeSeconds(process.pid);
  const begin = performance.now();
  for await (const _ of model.generate(spec));
  if (round === 0) continue;
  point.seconds.push((performance.now() - begin) / 1000);
  point.cpuSeconds.push((await treeSeconds(process.pid)) - cpuBegin);
}
point.peakMb = (await model.peakMemoryMb()) + process.resourceUsage().maxRSS / 1024;
await model.close();
process.stdout.write(JSON.stringify(point));
