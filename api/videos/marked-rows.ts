import type { Temporal } from '../jobs/temporal.ts';
import { createdAtOf } from '../jobs/video-object.ts';
import type { WindowRows } from './time-windows.ts';
import { type VideoFilter, videoQuery, videoRows } from './visibility.ts';

/** Videos that one search of Temporal's names. */
const MOST_IDS = 200;

/**
 * Those of certain videos that a filter finds, and that Temporal lists, some after the other.
 *
 * @param ids in the order of the list
 * @param lost told of those that Temporal does not list, where the filter asks for all videos of the account
 */
export async function* rowsOfVideos(
  temporal: Temporal,
  filter: VideoFilter,
  ids: readonly string[],
  lost: (ids: string[]) => void,
): AsyncGenerator<WindowRows, void, void> {
  const { accountId: _, ...narrower } = filter;
  const isNarrow = Object.values(narrower).some((value) => value !== undefined && value.length > 0);
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const some = ids.slice(at, at + MOST_IDS);
    const among = `WorkflowId IN (${some.map((id) => `"${id}"`).join(', ')})`;
    const times = [createdAtOf(some[0]!), createdAtOf(some.at(-1)!)];
    const window = { from: Math.min(...times), to: Math.max(...times) + 1 };
    const { rows } = await temporal.call((client) => videoRows(client, `${videoQuery(client, filter)} AND ${among}`));
    if (!isNarrow && rows.length < some.length) {
      const listed = new Set(rows.map(({ videoId }) => videoId));
      lost(some.filter((id) => !listed.has(id)));
    }
    yield { window, rows, among: new Set(some) };
  }
}
