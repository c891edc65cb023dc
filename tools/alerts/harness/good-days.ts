import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A time before now in which a video was completed every ten minutes, in seconds. */
export interface GoodDays {
  from: number;
  until: number;
}

const EVERY_S = 600;

/**
 * Gives a Prometheus that is not started yet a past: what fails in an hour is held against days, which no check can
 * wait for.
 *
 * @param data its folder @param pace how much faster time goes
 */
export async function rememberGoodDays(
  promtool: string,
  data: string,
  { from, until }: GoodDays,
  pace: number,
): Promise<void> {
  const series = 'kinora_videos_ended_total{outcome="completed",code="none",class="short",instance="before"}';
  const lines = ['# TYPE kinora_videos_ended counter'];
  const now = Date.now() / 1000;
  for (let ago = from, count = 0; ago >= until; ago -= EVERY_S, count++) {
    lines.push(`${series} ${count} ${(now - ago / pace).toFixed(3)}`);
  }
  const file = join(data, '..', 'past.txt');
  await writeFile(file, [...lines, '# EOF', ''].join('\n'));
  await promisify(execFile)(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, data]);
}
