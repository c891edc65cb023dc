import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { scrape } from '../../support/client/scrape.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const ACCOUNTS = Array.from({ length: 1_000 }, (_, i) => ({ id: `customer-${i}`, keys: [`key-of-${i}`] }));

let service: StandInService;

beforeAll(async () => {
  service = await StandInService.start({ accounts: await testRegistry(...ACCOUNTS) });
  service.workers.generate = () => sleep(200);
  await service.workers.startCpuWorker();
});
afterAll(() => service?.stop());

const as = (account: number) => ({ authorization: `Bearer key-of-${account}` });
const metrics = () => scrape(`${service.api.url}/metrics`);

async function create(account: number, prompt = 'a red circle'): Promise<string> {
  const response = await service.request('', 'POST', { prompt }, as(account));
  return ((await response.json()) as Video).id;
}

async function finished(account: number, id: string): Promise<void> {
  for (let status = ''; status !== 'completed'; await sleep(100)) {
    ({ status } = (await (await service.request(`/${id}`, 'GET', undefined, as(account))).json()) as Video);
  }
}

type Series = Map<string, number>;

/** What is told once it is as wanted, or after half a minute. */
async function toldOnce(wanted: (series: Series) => boolean, between: () => Promise<void> = () => sleep(200)) {
  for (const end = Date.now() + PATIENCE_MS; ; await between()) {
    const { series } = await metrics();
    if (wanted(series) || Date.now() > end) return series;
  }
}

it('an operator sees how long the line is and how old, and how well the times of jobs were foretold', async () => {
  const first = await create(0);
  const waiting = await toldOnce((series) => series.get('kinora_queue_oldest_seconds{class="short"}')! > 1);
  expect(waiting.get('kinora_queue_jobs{class="short"}')).toBe(1);
  expect(waiting.get('kinora_queue_jobs{class="long"}')).toBe(0);
  expect(waiting.get('kinora_queue_oldest_seconds{class="short"}')).toBeGreaterThan(1);
  await service.workers.startGpuWorker();
  await finished(0, first);
  // What the first one took is known a moment later; only then are the times of others foretold.
  const another = async () => await finished(0, await create(0));
  const after = await toldOnce((series) => series.get('kinora_estimate_error_ratio_count')! > 0, another);
  expect(after.get('kinora_estimate_error_ratio_count')).toBeGreaterThan(0);
  expect(after.get('kinora_estimate_seconds_total{kind="actual"}')).toBeGreaterThan(0.1);
  const empty = await toldOnce((series) => series.get('kinora_queue_jobs{class="short"}') === 0);
  expect(empty.get('kinora_queue_jobs{class="short"}')).toBe(0);
});

it('a thousand accounts make no more series than one', async () => {
  const visit = async (account: number) => {
    const { status } = await service.request(`?metadata=${account}`, 'POST', { prompt: '' }, as(account));
    expect(status).toBe(400);
    if (account % 20 === 0) await fetch(`${service.api.url}/v1/customers/${account}`, { headers: as(account) });
  };
  await visit(0);
  const one = await metrics();
  for (let account = 0; account < 1_000; account += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => visit(account + i)));
  }
  await Promise.all(
    [1, 2, 3, 4, 5].map(async (account) => finished(account, await create(account, `wish ${account}`))),
  );
  const thousand = await metrics();
  const unheardOf = [...thousand.series.keys()].filter((name) => !one.series.has(name));
  expect(unheardOf).toEqual([]);
  expect(thousand.series.size).toBeLessThan(300);
  expect([...thousand.series.keys()].join('\n')).not.toMatch(/customer|key-of|wish|video_/);
});
