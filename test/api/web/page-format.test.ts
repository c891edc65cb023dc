import { beforeAll, describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';
import { importPageModule } from '../../support/page/page-module.ts';

interface Estimate {
  endsAt: number;
}
interface TimeLeft {
  nextEstimate(old: Estimate | null, etaSeconds: number | null, now: number): Estimate | null;
  timeLeft(estimate: Estimate | null, deadlineAt: number | null, now: number): string | null;
}
interface Refusals {
  refusal(error: { code: string; param: string | null; message: string; retryAfterS: number | null }): string;
}

interface EstimateTexts {
  estimateText(estimate: Record<'eta_seconds' | 'queue_position' | 'gpu_seconds', number | null>): string;
}

let format: TimeLeft;
let refusals: Refusals;
let estimates: EstimateTexts;
beforeAll(async () => {
  format = await importPageModule<TimeLeft>('format/time-left.ts');
  refusals = await importPageModule<Refusals>('format/refusals.ts');
  estimates = await importPageModule<EstimateTexts>('format/estimate.ts');
});

/** Seconds of a text such as `about 2 min left`. */
function secondsOf(text: string): number {
  if (text === 'a moment left') return 0;
  const [, hours = '0', minutes = '0', seconds = '0'] = /^about (?:(\d+) h )?(?:(\d+) min)?(?:(\d+) s)? left$/.exec(
    text,
  )!;
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
}

/** The texts, second by second, for these estimates of the server. */
function texts(etas: (number | null)[], deadlineAt: number | null = null): (string | null)[] {
  let estimate: Estimate | null = null;
  return etas.map((eta, now) => format.timeLeft((estimate = format.nextEstimate(estimate, eta, now)), deadlineAt, now));
}

describe('what a video would take', () => {
  it.each([
    [{ eta_seconds: 125, queue_position: 4, gpu_seconds: 24 }, '≈ 2 min · 3 ahead of you · 0.4 GPU-min'],
    [{ eta_seconds: 20, queue_position: 1, gpu_seconds: 0 }, '≈ 20 s'],
    [{ eta_seconds: 20, queue_position: 1, gpu_seconds: 1.26 }, '≈ 20 s · 1.3 GPU-s'],
    [{ eta_seconds: null, queue_position: 3, gpu_seconds: null }, '2 ahead of you'],
    [{ eta_seconds: null, queue_position: null, gpu_seconds: null }, ''],
  ])('is said without what is not known: %j', (estimate, text) => {
    expect(estimates.estimateText(estimate)).toBe(text);
  });
});

describe('the time left', () => {
  it('does not go up and down with single quick or slow steps', () => {
    // 62 s; every third value is far off.
    const etas = Array.from({ length: 40 }, (_, second) => [62, 52, 120][second % 3]! - second * 0.9);
    const seconds = texts(etas).map((text) => secondsOf(text!));
    for (const [at, now] of seconds.entries()) expect(now).toBeLessThanOrEqual(seconds[Math.max(0, at - 1)]!);
  });

  it('grows if the work really takes longer, but not at the first sign', () => {
    const seconds = texts([60, 59, ...Array.from({ length: 10 }, (_, i) => 300 - i)]).map((text) => secondsOf(text!));
    expect(seconds[3]).toBe(60);
    expect(seconds.at(-1)).toBe(300);
  });

  it('counts down by itself, and never to zero', () => {
    const estimate = format.nextEstimate(null, 100, 0);
    expect([0, 20, 60, 97, 130].map((now) => format.timeLeft(estimate, null, now))).toEqual([
      'about 2 min left',
      'about 80 s left',
      'about 40 s left',
      'a moment left',
      'a moment left',
    ]);
    expect(format.timeLeft(format.nextEstimate(estimate, null, 5), null, 5)).toBeNull();
  });

  it('is never more than the time until the deadline', () => {
    for (let now = 0; now < 700; now += 7) {
      const estimate = format.nextEstimate(null, 4000, now);
      expect(secondsOf(format.timeLeft(estimate, 700, now)!)).toBeLessThanOrEqual(700 - now);
    }
  });
});

describe('a refusal of the API', () => {
  /** Their reason may be the operator's own. */
  const OTHERS = new Set<ErrorCode>(['prompt_refused', 'permission_denied']);
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(
    (code) => ERRORS[code].type === 'invalid_request_error' && !OTHERS.has(code),
  );

  it.each(codes)('is explained to users, not to developers: %s', (code) => {
    for (const param of [null, 'prompt', 'seconds', 'guidance_stop', 'num_inference_steps', 'surprise']) {
      const message = 'num_frames must be of the form 6k + 1, without broken surrogate pairs.';
      const text = refusals.refusal({ code, param, message, retryAfterS: null });
      expect(text).not.toMatch(/surrogate|num_frames|6k/);
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('names the limit and the wait once each', () => {
    const text = refusals.refusal({
      code: 'rate_limit_exceeded',
      param: null,
      message: 'This account has 3 unfinished videos and may have 3. Try again in 10 s.',
      retryAfterS: 10,
    });
    expect(text).toBe(
      'You have reached a limit. This account has 3 unfinished videos and may have 3. Try again in 10 s.',
    );
  });
});
