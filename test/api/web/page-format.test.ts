import { beforeAll, describe, expect, it } from '@jest/globals';
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';
import { importPageModule } from '../../support/page/page-module.ts';

interface Estimate {
  endsAt: number;
}
interface Words {
  nextEstimate(old: Estimate | null, etaSeconds: number | null, now: number): Estimate | null;
  timeLeft(estimate: Estimate | null, deadlineAt: number | null, now: number): string | null;
}
interface Refusals {
  refusal(error: { code: string; param: string | null; message: string; retryAfterS: number | null }): string;
}

let words: Words;
let refusals: Refusals;
beforeAll(async () => {
  words = await importPageModule<Words>('words/time-left.ts');
  refusals = await importPageModule<Refusals>('words/refusals.ts');
});

/** Seconds that a text speaks of. */
function secondsOf(text: string): number {
  if (text === 'a moment left') return 0;
  const [, hours = '0', minutes = '0', seconds = '0'] = /^about (?:(\d+) h )?(?:(\d+) min)?(?:(\d+) s)? left$/.exec(
    text,
  )!;
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
}

/** What is told, second by second, where the server says this. */
function told(etas: (number | null)[], deadlineAt: number | null = null): (string | null)[] {
  let estimate: Estimate | null = null;
  return etas.map((eta, now) => words.timeLeft((estimate = words.nextEstimate(estimate, eta, now)), deadlineAt, now));
}

describe('the time left', () => {
  it('does not go up and down where single steps are quick or slow', () => {
    // 62 s, and every third value far off.
    const etas = Array.from({ length: 40 }, (_, second) => [62, 52, 120][second % 3]! - second * 0.9);
    const seconds = told(etas).map((text) => secondsOf(text!));
    for (const [at, now] of seconds.entries()) expect(now).toBeLessThanOrEqual(seconds[Math.max(0, at - 1)]!);
  });

  it('grows where the work really got longer, but not at the first sign', () => {
    const seconds = told([60, 59, ...Array.from({ length: 10 }, (_, i) => 300 - i)]).map((text) => secondsOf(text!));
    expect(seconds[3]).toBe(60);
    expect(seconds.at(-1)).toBe(300);
  });

  it('counts down by itself, and never says that nothing is left', () => {
    const estimate = words.nextEstimate(null, 100, 0);
    expect([0, 20, 60, 97, 130].map((now) => words.timeLeft(estimate, null, now))).toEqual([
      'about 2 min left',
      'about 80 s left',
      'about 40 s left',
      'a moment left',
      'a moment left',
    ]);
    expect(words.timeLeft(words.nextEstimate(estimate, null, 5), null, 5)).toBeNull();
  });

  it('is never more than there is until the deadline', () => {
    for (let now = 0; now < 700; now += 7) {
      const estimate = words.nextEstimate(null, 4000, now);
      expect(secondsOf(words.timeLeft(estimate, 700, now)!)).toBeLessThanOrEqual(700 - now);
    }
  });
});

describe('what the API refuses', () => {
  /** Errors that no request of the page can meet, and one whose reason an operator wrote. */
  const OTHERS = new Set<ErrorCode>(['prompt_refused', 'permission_denied']);
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(
    (code) => ERRORS[code].type === 'invalid_request_error' && !OTHERS.has(code),
  );

  it.each(codes)('is said to people, not to those who write clients: %s', (code) => {
    for (const param of [null, 'prompt', 'seconds', 'guidance_stop', 'num_inference_steps', 'surprise']) {
      const message = 'num_frames must be of the form 6k + 1, without broken surrogate pairs.';
      const text = refusals.refusal({ code, param, message, retryAfterS: null });
      expect(text).not.toMatch(/surrogate|num_frames|6k/);
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('says a limit and the wait once each', () => {
    const text = refusals.refusal({
      code: 'rate_limit_exceeded',
      param: null,
      message: 'This account has 3 unfinished videos and may have 3. Try again in 10 s.',
      retryAfterS: 10,
    });
    expect(text).toBe(
      'You have reached a limit. This account has 3 unfinished videos and may have 3. You can try again in 10 s.',
    );
  });
});
