import type { Temporal } from '../temporal.ts';
import { createdAtOf } from './video-id.ts';
import { type Span, type VideoFilter, videoQuery, type VideoRow, videoRows } from './visibility.ts';

export type Order = 'asc' | 'desc';

/** Rows that one look at Temporal should bring at most; more only where one second holds more. */
const MOST_ROWS = 200;
/** No video is older (September 2020), or from further in the future than clocks differ. */
const EPOCH = 1_600_000_000;
const AHEAD_S = 600;

/**
 * The videos of a filter in the exact order of `created_at`, one span of time with its rows, in no order, after the other.
 * The first span holds the second of the video `after`.
 *
 * Visibility on SQL cannot sort. So the time is walked in spans that hold at most {@link MOST_ROWS} videos, found by
 * counting, and the caller sorts each: a page costs one count and one list where all fits into one span.
 */
export async function* rowsInSpans(
  temporal: Temporal,
  filter: VideoFilter,
  order: Order,
  after: string | null,
): AsyncGenerator<{ span: Span; rows: VideoRow[] }, void, void> {
  const desc = order === 'desc';
  let low = EPOCH;
  let high = Math.floor(Date.now() / 1000) + AHEAD_S;
  // The second of the last one shown may hold more.
  if (after !== null && desc) high = Math.min(high, createdAtOf(after) + 1);
  if (after !== null && !desc) low = Math.max(low, createdAtOf(after));

  for (let width = high - low; low < high;) {
    const span = desc
      ? { from: Math.max(low, high - width), to: high }
      : { from: low, to: Math.min(high, low + width) };
    const query = videoQuery(filter, span);
    const { count } = await temporal.call(({ workflow }) => workflow.count(query));
    if (count > MOST_ROWS && width > 1) {
      width = Math.ceil(width / 2);
      continue;
    }
    const rows = count === 0 ? [] : await temporal.call((client) => videoRows(client, query));
    yield { span, rows };
    if (desc) high = span.from;
    else low = span.to;
    if (count < MOST_ROWS / 2) width *= 2;
  }
}
