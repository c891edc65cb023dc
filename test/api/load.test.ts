import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadApi } from '../../tools/load/load.ts';
import { type LoadedService, startLoadedService } from '../../tools/load/loaded-service.ts';

let service: LoadedService;
beforeAll(async () => {
  service = await startLoadedService(0);
});
afterAll(() => service?.stop());

/** What clients that come again when they are told to may hear. */
const brokenOf = (statuses: Record<string, number>) =>
  Object.keys(statuses).filter((status) => status !== '200' && status !== '503');

/** `npm run load` does both at once, and for longer. */
describe('many at once', () => {
  it('submit: every request becomes one video, and no other, also of those who are told to come again', async () => {
    const report = await loadApi(service.url, { videos: 0, hz: 10, seconds: 1, burst: 200 });
    process.stdout.write(`200 at once: ${JSON.stringify(report.statuses)}\n`);
    expect(brokenOf(report.statuses)).toEqual([]);
    expect(report).toMatchObject({ submitted: 200, lost: 0, doubled: 0 });
  });

  it('look ten times a second: each is answered', async () => {
    const { statuses, looksMs, idleMs } = await loadApi(service.url, { videos: 50, hz: 10, seconds: 5, burst: 0 });
    process.stdout.write(`50 videos at 10 Hz: ${JSON.stringify({ statuses, looksMs, idleMs })}\n`);
    expect(brokenOf(statuses)).toEqual([]);
    // 50 looks at each video, and twice as many at what costs nothing.
    expect(statuses['200']).toBe(50 * 50 + 2 * 50);
  });
});
