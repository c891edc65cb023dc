import { describe, expect, it } from 'vitest';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eulerStep, guide } from '../../../../gpu-worker/families/mochi/sampler.ts';
import { linearQuadraticSchedule } from '../../../../gpu-worker/families/mochi/schedule.ts';
import { readSchedulerConfig } from '../../../../gpu-worker/families/mochi/config/scheduler-config.ts';
import { MOCHI_FIXTURE, readFixtureJson, withFixtureCopy } from '../../../../tools/harness/model/mochi-fixture.ts';

interface Schedules {
  schedules: Record<string, { sigmas: number[]; timesteps: number[] }>;
}
const { schedules } = await readFixtureJson<Schedules>('schedules.json');

describe('noise levels are those of diffusers, bit for bit', () => {
  it.each(Object.keys(schedules).map(Number))('%d steps', (steps) => {
    const { sigmas, timesteps } = linearQuadraticSchedule(steps, 1000);
    expect([...sigmas]).toEqual(schedules[steps]!.sigmas);
    expect([...timesteps]).toEqual(schedules[steps]!.timesteps);
  });

  it.each([1, 0, 2.5])('%d steps are refused', (steps) => {
    expect(() => linearQuadraticSchedule(steps, 1000)).toThrow(RangeError);
  });
});

describe('guidance and step round to float32 after every operation', () => {
  it('guidance', () => {
    const uncond = Float32Array.of(0.1, 1e8, -3);
    const cond = Float32Array.of(0.3, 1, -3);
    const expected = Float32Array.from(uncond, (u, i) =>
      Math.fround(u + Math.fround(Math.fround(3.7) * Math.fround(cond[i]! - u))),
    );
    expect(guide(uncond, cond, 3.7)).toEqual(expected);
  });

  it('Euler step, which leaves the latents that were handed out as they are', () => {
    const latents = Float32Array.of(0.1, -2);
    const next = eulerStep(latents, Float32Array.of(3, 0.7), 0.1);
    expect(next).toEqual(
      Float32Array.of(
        0.1 + Math.fround(Math.fround(0.1) * 3),
        Math.fround(-2) + Math.fround(Math.fround(0.1) * Math.fround(0.7)),
      ),
    );
    expect(latents).toEqual(Float32Array.of(0.1, -2));
  });

  it('arrays of different lengths are refused', () => {
    expect(() => guide(new Float32Array(2), new Float32Array(3), 2)).toThrow(RangeError);
    expect(() => eulerStep(new Float32Array(2), new Float32Array(3), 2)).toThrow(RangeError);
  });
});

describe('a scheduler that would give other frames is refused by name', () => {
  it("Mochi's own is taken", async () => {
    await expect(readSchedulerConfig(MOCHI_FIXTURE)).resolves.toMatchObject({ num_train_timesteps: 1000 });
  });

  it.each([
    ['shift', 3],
    ['use_dynamic_shifting', true],
    ['invert_sigmas', false],
    ['invert_sigmas', undefined],
    ['shift_terminal', 0.1],
    ['use_karras_sigmas', true],
    ['stochastic_sampling', true],
    ['_class_name', 'DDIMScheduler'],
  ])('%s: %p', (field, value) =>
    withFixtureCopy(async (dir) => {
      const file = join(dir, 'scheduler', 'scheduler_config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...config, [field]: value }));
      await expect(readSchedulerConfig(dir)).rejects.toThrow(`${file}: ${field}`);
    }),
  );
});
