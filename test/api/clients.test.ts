/** Points 3 and 4 of conformance.test.ts: clients that are programs of their own, where the machine has them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failure } from '../../contract/failure.ts';
import { profileWithAiperf } from '../../tools/aiperf/aiperf.ts';
import { findPython } from '../support/needs/python.ts';
import { itWith } from '../support/needs/with-needs.ts';
import { StandInService } from '../support/services/stand-in-service.ts';

const python = await findPython();
/** AIPerf 0.13, as in docs/testing.md. */
const aiperf = process.env['AIPERF'];

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start();
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(() => service?.stop());

const POLL = `
import json, time
from openai import DefaultHttpxClient, OpenAI
looks = []
def look(request):
    if request.method == "GET":
        looks.append(time.monotonic())
client = OpenAI(http_client=DefaultHttpxClient(event_hooks={"request": [look]}))
for prompt in ["a red circle", "out of memory"]:
    looks.clear()
    video = client.videos.create_and_poll(prompt=prompt, extra_body={"seed": 7})
    waits = [after - before for before, after in zip(looks, looks[1:])]
    print(json.dumps({"status": video.status, "error": video.error and video.error.code, "waits": waits}))
`;

itWith('python')('3. Python: create_and_poll polls as told and ends on a failure without raising', async () => {
  service.workers.generate = async ({ spec }) => {
    if (spec.prompt === 'out of memory') throw failure('out_of_memory');
    await sleep(3000);
  };
  const output = await python!(POLL, { OPENAI_BASE_URL: `${service.api.url}/v1`, OPENAI_API_KEY: 'none' });
  const lines = output.trim().split('\n');
  const [made, failed] = lines.map((line) => JSON.parse(line) as { waits: number[] });
  expect(made).toMatchObject({ status: 'completed', error: null });
  expect(failed).toMatchObject({ status: 'failed', error: 'out_of_memory' });
  // Once a second unless it is told 2000 ms by the header.
  expect(made!.waits.length).toBeGreaterThan(0);
  expect(Math.min(...made!.waits)).toBeGreaterThan(1.9);
});

for (const download of [false, true]) {
  (aiperf ? it : it.skip)(
    `4. AIPerf: 20 requests, four at a time, ${download ? 'with' : 'without'} their content (skipped without AIPERF)`,
    async () => {
      service.workers.generate = () => sleep(300);
      const report = await profileWithAiperf(aiperf!, service.api.url, 'mochi-1-preview', download);
      expect(report.request_count.avg).toBe(20);
      expect(report.error_summary).toEqual([]);
    },
  );
}
