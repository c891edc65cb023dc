import { Mochi, type PassTiming } from '../../../../gpu-worker/families/mochi/index.ts';
import { spreadOf } from '../../../harness/measure/spread.ts';
import { modelFolder } from '../measure/model.ts';
import { withPeakMemory } from '../measure/peak-memory.ts';
import type { StepContext } from '../measure/step.ts';
import { describeClip } from '../measure/workload.ts';

const PROMPT = 'a red circle moving left on a white background';
/** Finished steps after which it is told what they take, lest all is lost with the budget. */
const TOLD_AT = [1, 8, 32];

/** From a loaded model and a prompt to the frames, every step of it. */
export async function video(context: StepContext): Promise<void> {
  const dir = await modelFolder(context, ['transformer', 'vae', 'text_encoder']);
  const { devices, computeType } = context.workload;
  await withPeakMemory(context, async () => {
    const begin = performance.now();
    const model = await Mochi.load(dir, { devices, computeType });
    await context.report({ what: 'loading', value: since(begin), unit: 's' });
    try {
      await generate(context, model);
    } finally {
      await model.close();
    }
  });
}

async function generate({ workload, report }: StepContext, model: Mochi): Promise<void> {
  const { short, steps } = workload;
  const begin = performance.now();
  const stepSeconds: number[] = [];
  const passes: PassTiming[] = [];
  const told: Promise<void>[] = [];
  let denoisedAfter = 0;
  const chunks = model.generate({
    prompt: PROMPT,
    ...short,
    numInferenceSteps: steps,
    onPass: (timing) => passes.push(timing),
    onProgress: (progress) => {
      if (progress.phase !== 'denoising') return;
      stepSeconds.push(progress.seconds);
      denoisedAfter = since(begin);
      if (TOLD_AT.includes(progress.step)) {
        const what = `a step, after ${progress.step} of ${steps}`;
        told.push(report({ what, value: spreadOf(stepSeconds).median, unit: 's', values: [...stepSeconds] }));
      }
    },
  });
  let frames = 0;
  for await (const chunk of chunks) frames += chunk.frames;
  const all = since(begin);
  await Promise.all(told);
  await report({ what: `a guided step, median of ${steps}`, value: spreadOf(stepSeconds).median, unit: 's' });
  await report({ what: 'devices at work while denoising', value: 100 * busyShare(passes), unit: '%' });
  await report({ what: 'text and denoising', value: denoisedAfter, unit: 's' });
  await report({ what: 'decoding', value: all - denoisedAfter, unit: 's' });
  const what = `a video, ${describeClip(short)}, ${steps} steps`;
  await report({ what, value: all, unit: 's', pass: frames === short.numFrames });
}

/** Share of the time from the first pass to the last in which a device was in one, on average over the devices. */
function busyShare(passes: readonly PassTiming[]): number {
  const devices = new Set(passes.map(({ device }) => device)).size;
  const begin = Math.min(...passes.map(({ startedAt }) => startedAt));
  const end = Math.max(...passes.map(({ endedAt }) => endedAt));
  const busy = passes.reduce((sum, { startedAt, endedAt }) => sum + endedAt - startedAt, 0);
  return busy / (end - begin) / devices;
}

const since = (begin: number) => (performance.now() - begin) / 1000;
