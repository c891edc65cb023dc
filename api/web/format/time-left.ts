import type { Estimate } from '../client/types.ts';
import { span } from './time.ts';

/** A later end is told where it makes the time left longer by this share, and by as many seconds … */
const RISE = 0.15;
const RISE_S = 3;
/** … and after it has stood for so long, in seconds. */
const STANDS_S = 5;
/** How far an earlier end is taken over at once. */
const FALL = 0.6;
/** Below it there is no number worth saying, in seconds. */
const MOMENT_S = 5;

/**
 * Takes in what the server expects now. Single values jump, with every step that was quick or slow: an end that comes nearer
 * is believed for the most part, one that moves away only when it stays away.
 *
 * @param etaSeconds null where the server cannot tell
 * @param now Unix seconds
 */
export function nextEstimate(
  old: Estimate | null,
  etaSeconds: number | null | undefined,
  now: number,
): Estimate | null {
  if (etaSeconds == null) return null;
  const heard = now + etaSeconds;
  if (old === null) return { endsAt: heard, later: null };
  const { endsAt, later } = settled(old, now);
  if (heard <= endsAt) return { endsAt: endsAt + FALL * (heard - endsAt), later: null };
  const left = Math.max(0, endsAt - now);
  const risen = etaSeconds > left * (1 + RISE) && etaSeconds - left >= RISE_S;
  return { endsAt, later: risen ? { endsAt: heard, since: later?.since ?? now } : null };
}

function settled(estimate: Estimate, now: number): Estimate {
  const { later } = estimate;
  return later !== null && now - later.since >= STANDS_S ? { endsAt: later.endsAt, later: null } : estimate;
}

/**
 * The time left in words, rounded as roughly as it is known. It never says more than there is until the deadline.
 *
 * @param deadlineAt Unix seconds; null for none
 * @param now Unix seconds
 * @returns null where it is unknown
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
