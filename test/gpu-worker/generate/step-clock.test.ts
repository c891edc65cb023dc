import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StepClock, type Work } from '../../../gpu-worker/generate/step-clock.ts';

let expired: Work[];
const clock = (fixedMs?: number) => new StepClock(fixedMs, (work) => expired.push(work));

beforeEach(() => {
  expired = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the deadline of a device', () => {
  it('is ten times the usual step, so that a hung one does not hold its job for hours', () => {
    const steps = clock();
    for (let step = 0; step < 5; step++) {
      steps.begin('denoising');
      vi.advanceTimersByTime(20_000);
    }
    steps.begin('denoising');
    vi.advanceTimersByTime(199_000);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(expired).toEqual(['denoising']);
    expect(steps.overdueMs).toBeCloseTo(1_000);
    expect(steps.limitMs).toBe(200_000);
  });

  it('gives quick steps a minute and a first one ten, so that a busy machine is not taken for a hung one', () => {
    const steps = clock();
    steps.begin('starting');
    vi.advanceTimersByTime(599_000);
    steps.begin('denoising');
    vi.advanceTimersByTime(10);
    steps.begin('denoising');
    vi.advanceTimersByTime(59_000);
    steps.stop();
    vi.advanceTimersByTime(1e6);
    expect(expired).toEqual([]);
    expect(steps.overdueMs).toBe(-Infinity);
    expect(steps.deviceSeconds).toBeCloseTo(658.01);
  });

  it('can be fixed by the operator, for the device but not for the store', () => {
    const steps = clock(5_000);
    steps.begin('storing');
    vi.advanceTimersByTime(6_000);
    expect(expired).toEqual([]);
    steps.begin('decoding');
    vi.advanceTimersByTime(6_000);
    expect(expired).toEqual(['decoding']);
  });

  it('comes sooner after a cancel: the device is free within three steps whatever happens', () => {
    const steps = clock();
    steps.begin('denoising');
    vi.advanceTimersByTime(8_000);
    steps.begin('denoising');
    steps.shortenDeadline();
    vi.advanceTimersByTime(23_000);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(expired).toEqual(['denoising']);
  });
});
