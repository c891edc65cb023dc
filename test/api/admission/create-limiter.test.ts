import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let service: StandInService;
beforeAll(async () => {
  const accounts = await testRegistry({ id: 'many', keys: ['many'] }, { id: 'few', keys: ['few'] });
  service = await StandInService.start({ accounts, timeoutMs: 30_000 });
});
afterAll(() => service?.stop());

const create = (key: string, seed: number) =>
  service.request('', 'POST', { prompt: 'a red circle', seed }, { authorization: `Bearer ${key}` });

it('a video that one account asks for does not wait for the four hundred that another asks for at that moment', async () => {
  const answers: Response[] = [];
  // None of them is done before all have come.
  process.kill(service.server.pid, 'SIGSTOP');
  const burst = Array.from({ length: 400 }, async (_, seed) => answers.push(await create('many', seed)));
  const accepted = () => answers.filter(({ status }) => status === 200).length;
  while (service.api.requests.length < 400) await sleep(1);
  process.kill(service.server.pid, 'SIGCONT');
  const before = accepted();
  expect((await create('few', 1)).status).toBe(200);
  expect(accepted() - before).toBeLessThan(50);
  await Promise.all(burst);
  // What would wait for long is told so at once, and when to come again.
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) {
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([answer.status, await answer.json()]).toMatchObject([429, { error: { code: 'rate_limit_exceeded' } }]);
  }
  await expect(create('many', 1)).resolves.toMatchObject({ status: 200 });
});
