import { describe, expect, it } from 'vitest';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { readFixtureJson } from '../../../tools/harness/model/mochi-fixture.ts';

const { cases } = await readFixtureJson<{ cases: { seed: number; n: number; values: number[] }[] }>('randn.json');

describe('the same seed starts from the same noise as in diffusers', () => {
  it.each(cases)('seed $seed, $n values', async ({ seed, n, values }) => {
    const noise = await randn(seed, n);
    expect(noise).toHaveLength(n);
    const largest = Math.max(...values.map((value, i) => Math.abs(value - noise[i]!)));
    expect(largest).toBeLessThan(2e-6);
  });

  it('takes seeds up to 2^53 - 1, by their lowest 32 bits', async () => {
    expect(await randn(Number.MAX_SAFE_INTEGER, 32)).toEqual(await randn(2 ** 32 - 1, 32));
    expect(await randn(1, 32)).not.toEqual(await randn(2, 32));
  });

  it.each([
    [-1, 32],
    [0.5, 32],
    [0, 15],
  ])('seed %d with %d values is refused', async (seed, n) => {
    await expect(randn(seed, n)).rejects.toThrow(RangeError);
  });
});

it('heartbeats go on while the noise of a large clip is drawn: the event loop turns ten times a second and more', async () => {
  let turns = 0;
  const counting = setInterval(() => turns++);
  const before = process.cpuUsage();
  await randn(3, 4_000_000);
  const { user, system } = process.cpuUsage(before);
  clearInterval(counting);
  // By what was computed, not by the clock, which goes on while a busy machine computes something else.
  expect(turns).toBeGreaterThanOrEqual((user + system) / 100_000);
});
