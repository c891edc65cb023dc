import type { Temporal } from '../jobs/temporal.ts';
import { createdAtOf } from '../jobs/video-object.ts';
import { type TimeWindow, type VideoFilter, videoQuery, type VideoRow, videoRows } from './visibility.ts';

type Order = 'asc' | 'desc';

/** Rows that one list of Temporal's should bring at most; more only where one second holds more. */
const MOST_ROWS = 200;
/** Videos beyond a page that a guessed window holds: some of them may not be shown. */
const SPARE = 5;
/** No video is older (September 2020), or from further in the future than clocks differ. */
const EPOCH = 1_600_000_000;
const AHEAD_S = 600;

/** A window of time with its videos, in no order. */
export interface WindowRows {
  window: TimeWindow;
  rows: VideoRow[];
  /** The only videos that are asked for. @default all of the window */
  among?: ReadonlySet<string>;
}

/** Which videos, and where to begin. */
export interface RowQuery {
  filter: VideoFilter;
  order: Order;
  /** Videos that a page shows. */
  limit: number;
  /** Begins with the second of this video. */
  after: string | null;
  /** `created_at` of a video up to which there were enough of them lately, unix seconds. */
  enoughUpTo: number | undefined;
}

/**
 * The videos of a filter in the exact order of `created_at`, one window of time with its rows, in no order, after the other.
 * The first window holds the second of the video `after`.
 *
 * Visibility on SQL cannot sort by it. So the time is walked in windows, and the caller sorts each: a page costs one list where
 * it is known how far the page goes. Else the newest videos are found among those that ended last, which SQL finds at once, and
 * any others by counting. Where it has to search a window for words, one list or count costs as much as that of all time.
 */
export async function* rowsInTimeWindows(
  temporal: Temporal,
  { filter, order, limit, after, enoughUpTo }: RowQuery,
): AsyncGenerator<WindowRows, void, void> {
  const desc = order === 'desc';
  const now = Math.floor(Date.now() / 1000);
  /** A row costs far more than a count does. */
  const most = Math.min(MOST_ROWS, 2 * limit + 50);
  const countIn = async (window: TimeWindow) =>
    (await temporal.call((client) => client.workflow.count(videoQuery(client, filter, window)))).count;
  const rowsIn = (window: TimeWindow | undefined, atMost?: number) =>
    temporal.call((client) => videoRows(client, videoQuery(client, filter, window), atMost));

  async function* walk(window: TimeWindow): AsyncGenerator<WindowRows, void, void> {
    yield* walkCounted(window, await countIn(window));
  }

  /** @param count of its videos, about: some may have come or gone since */
  async function* walkCounted(window: TimeWindow, count: number): AsyncGenerator<WindowRows, void, void> {
    if (count === 0) {
      yield { window, rows: [] };
    } else if (count <= most || window.to - window.from === 1) {
      yield { window, rows: (await rowsIn(window)).rows };
    } else {
      const [old, recent] = divided(window, middleOf(window, now));
      const [first, second] = desc ? [recent, old] : [old, recent];
      const inFirst = await countIn(first);
      yield* walkCounted(first, inFirst);
      yield* walkCounted(second, Math.max(1, count - inFirst));
    }
  }

  /** The newest of those that ended last are the newest of all, unless a count finds others among them. */
  async function* walkFromLastEnded(): AsyncGenerator<WindowRows, void, void> {
    const { rows, more } = await rowsIn(after === null ? undefined : whole, most);
    if (!more) {
      yield { window: whole, rows };
      return;
    }
    const times = rows.map(({ videoId }) => createdAtOf(videoId)).toSorted((a, b) => b - a);
    const [old, recent] = divided(whole, times[Math.min(limit + SPARE, times.length - 1)] ?? whole.from);
    const among = rows.filter(({ videoId }) => createdAtOf(videoId) >= recent.from);
    const count = await countIn(recent);
    if (count === among.reduce((sum, { runs }) => sum + runs, 0)) yield { window: recent, rows: among };
    else yield* walkCounted(recent, count);
    if (old.from < old.to) yield* walk(old);
  }

  let whole: TimeWindow = { from: EPOCH, to: now + AHEAD_S };
  // The second of the last one shown may hold more.
  if (after !== null && desc) whole = { ...whole, to: Math.min(whole.to, createdAtOf(after) + 1) };
  if (after !== null && !desc) whole = { ...whole, from: Math.max(whole.from, createdAtOf(after)) };
  if (whole.from >= whole.to) return;
  if (enoughUpTo !== undefined) {
    const [old, recent] = divided(whole, likelyEnd(whole, order, enoughUpTo));
    const [first, rest] = desc ? [recent, old] : [old, recent];
    const { rows, more } = await rowsIn(first, MOST_ROWS);
    if (!more) {
      yield { window: first, rows };
      if (rest.from < rest.to) yield* walk(rest);
      return;
    }
  }
  yield* desc ? walkFromLastEnded() : walk(whole);
}

/** Where to divide the whole: about where a page ends. */
function likelyEnd({ from, to }: TimeWindow, order: Order, enoughUpTo: number): number {
  const end = order === 'desc' ? enoughUpTo : enoughUpTo + 1;
  return Math.min(to, Math.max(from, end));
}

const divided = ({ from, to }: TimeWindow, at: number): [TimeWindow, TimeWindow] => [
  { from, to: at },
  { from: at, to },
];

/** Where a window is divided: the middle by the order of magnitude of its age, for most of what there is is new. */
function middleOf({ from, to }: TimeWindow, now: number): number {
  const age = (time: number) => Math.max(1, now - time);
  const middle = now - Math.round(Math.sqrt(age(from) * age(to)));
  return middle > from && middle < to ? middle : Math.floor((from + to) / 2);
}
