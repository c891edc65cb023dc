import type { Estimate } from '../client/types.ts';
import { span } from './time.ts';

/** A later end is adopted if it lengthens the time left by this share and by this number of seconds … */
const RISE = 0.15;
const RISE_S = 3;
/** … and if the server has reported it for this long, in seconds. */
const LASTS_S = 5;
/** Smoothing factor for an earlier end, which is adopted at once. */
const FALL = 0.6;
/** No number is shown below this, in seconds. */
const MOMENT_S = 5;

/**
 * Smooths the server's estimates, which jump with each quick or slow step. An earlier end is adopted in part at once, a later
 * one only if it lasts.
 *
 * @param etaSeconds null if the server has no estimate
 * @param now Unix seconds
 */
export function nextEstimate(
  old: Estimate | null,
  etaSeconds: number | null | undefined,
  now: number,
): Estimate | null {
  if (etaSeconds == null) return null;
  const reported = now + etaSeconds;
  if (old === null) return { endsAt: reported, later: null };
  const { endsAt, later } = settled(old, now);
  if (reported <= endsAt) return { endsAt: endsAt + FALL * (reported - endsAt), later: null };
  const left = Math.max(0, endsAt - now);
  const risen = etaSeconds > left * (1 + RISE) && etaSeconds - left >= RISE_S;
  return { endsAt, later: risen ? { endsAt: reported, since: later?.since ?? now } : null };
}

function settled(estimate: Estimate, now: number): Estimate {
  const { later } = estimate;
  return later !== null && now - later.since >= LASTS_S ? { endsAt: later.endsAt, later: null } : estimate;
}

/**
 * The time left as text, rounded to its accuracy and never more than the time until the deadline.
 *
 * @param deadlineAt Unix seconds; null for none
 * @param now Unix seconds
 * @returns null if unknown
 */
export function timeLeft(estimate: Estimate | null, deadlineAt: number | null | undefined, now: number): string | null {
  if (estimate === null) return null;
  const most = deadlineAt == null ? Number.POSITIVE_INFINITY : deadlineAt - now;
  const seconds = Math.min(most, settled(estimate, now).endsAt - now);
  if (seconds < MOMENT_S) return 'a moment left';
  const unit = seconds < 20 ? 5 : seconds < 90 ? 10 : 60;
  const rounded = unit * Math.round(seconds / unit);
  const shown = rounded <= most ? rounded : unit * Math.floor(seconds / unit);
  return `about ${unit === 60 ? span(shown) : `${shown} s`} left`;
}
