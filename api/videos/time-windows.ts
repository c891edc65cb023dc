import type { Temporal } from '../jobs/temporal.ts';
import { createdAtOf } from '../jobs/video-object.ts';
import { type Span, type VideoFilter, videoQuery, type VideoRow, videoRows } from './visibility.ts';

type Order = 'asc' | 'desc';

/** Rows that one look at Temporal should bring at most; more only where one second holds more. */
const MOST_ROWS = 200;
/** No video is older (September 2020), or from further in the future than clocks differ. */
const EPOCH = 1_600_000_000;
const AHEAD_S = 600;

/** A span of time with its videos, in no order. */
interface RowSpan {
  span: Span;
  rows: VideoRow[];
}

/** Which videos, and where to begin. */
export interface RowQuestion {
  filter: VideoFilter;
  order: Order;
  /** Begins with the second of this video. */
  after: string | null;
  /** `created_at` of a video up to which there were enough of them lately, unix seconds. */
  enoughUpTo: number | undefined;
}

/**
 * The videos of a filter in the exact order of `created_at`, one span of time with its rows, in no order, after the other.
 * The first span holds the second of the video `after`.
 *
 * Visibility on SQL cannot sort. So the time is walked in spans that hold at most {@link MOST_ROWS} videos, and the caller
 * sorts each: a page costs one list where all fits into one span, or where it is known how far the page goes. Else the spans
 * are found by counting.
 */
export async function* rowsInSpans(
  temporal: Temporal,
  { filter, order, after, enoughUpTo }: RowQuestion,
): AsyncGenerator<RowSpan, void, void> {
  const desc = order === 'desc';
  const now = Math.floor(Date.now() / 1000);
  const countIn = async (span: Span) =>
    (await temporal.call(({ workflow }) => workflow.count(videoQuery(filter, span)))).count;
  const rowsIn = (span: Span) => temporal.call((client) => videoRows(client, videoQuery(filter, span)));
  /** Null where there are more than {@link MOST_ROWS}. */
  const fewRowsIn = (span: Span) => temporal.call((client) => videoRows(client, videoQuery(filter, span), MOST_ROWS));

  /** @param count of its videos, about: some may have come or gone since */
  async function* walk(span: Span, count: number): AsyncGenerator<RowSpan, void, void> {
    if (count <= MOST_ROWS || span.to - span.from === 1) {
      yield { span, rows: await rowsIn(span) };
      return;
    }
    const middle = middleOf(span, now);
    const [old, recent] = divided(span, middle);
    const [first, second] = desc ? [recent, old] : [old, recent];
    const inFirst = await countIn(first);
    if (inFirst === 0) yield { span: first, rows: [] };
    else yield* walk(first, inFirst);
    yield* walk(second, count - inFirst);
  }

  let whole: Span = { from: EPOCH, to: now + AHEAD_S };
  // The second of the last one shown may hold more.
  if (after !== null && desc) whole = { ...whole, to: Math.min(whole.to, createdAtOf(after) + 1) };
  if (after !== null && !desc) whole = { ...whole, from: Math.max(whole.from, createdAtOf(after)) };
  if (whole.from >= whole.to) return;
  const [old, recent] = divided(whole, likelyEnd(whole, order, enoughUpTo));
  const [first, rest] = desc ? [recent, old] : [old, recent];
  const rows = await fewRowsIn(first);
  if (rows === null) yield* walk(whole, await countIn(whole));
  else {
    yield { span: first, rows };
    if (rest.from < rest.to) yield* walk(rest, await countIn(rest));
  }
}

/** Where to divide the whole: all of it comes first where nothing is known of it. */
function likelyEnd({ from, to }: Span, order: Order, enoughUpTo: number | undefined): number {
  if (enoughUpTo === undefined) return order === 'desc' ? from : to;
  const end = order === 'desc' ? enoughUpTo : enoughUpTo + 1;
  return Math.min(to, Math.max(from, end));
}

const divided = ({ from, to }: Span, at: number): [Span, Span] => [
  { from, to: at },
  { from: at, to },
];

/** Where a span is divided: the middle by the order of magnitude of its age, for most of what there is is new. */
function middleOf({ from, to }: Span, now: number): number {
  const age = (time: number) => Math.max(1, now - time);
  const middle = now - Math.round(Math.sqrt(age(from) * age(to)));
  return middle > from && middle < to ? middle : Math.floor((from + to) / 2);
}
