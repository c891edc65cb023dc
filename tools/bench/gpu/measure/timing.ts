import { spreadOf } from '../../../harness/measure/spread.ts';
import type { StepContext } from './step.ts';

/**
 * Times something: a first time, which makes room and chooses kernels and is a figure of its own, and `runs` times.
 *
 * @param measure gives seconds
 * @returns the median of the latter
 */
export async function reportMedian(
  { report, runs }: Pick<StepContext, 'report' | 'runs'>,
  what: string,
  measure: () => Promise<number>,
): Promise<number> {
  await report({ what: `${what}, the first`, value: await measure(), unit: 's' });
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await measure());
  const { median } = spreadOf(values);
  await report({ what, value: median, unit: 's', values });
  return median;
}

export async function seconds(action: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await action();
  return (performance.now() - begin) / 1000;
}
