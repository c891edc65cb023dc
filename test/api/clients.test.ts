/** Points 3 and 4 of conformance.test.ts: clients that are programs of their own, where the machine has them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { failure } from '../../temporal/failures.ts';
import { profileWithAiperf } from '../support/aiperf/aiperf.ts';
import { findPython } from '../support/python.ts';
import { StandInService } from '../support/stand-in-service.ts';

const python = await findPython();
/** AIPerf 0.13, as in CONTRIBUTING.md. */
const aiperf = process.env['AIPERF'];

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start();
  await service.line.startCpuWorker();
  await service.line.startGpuWorker();
});
afterAll(() => service?.stop());

const POLL = `
import json
from openai import OpenAI
client = OpenAI()
for prompt in ["a red circle", "out of memory"]:
    video = client.videos.create_and_poll(prompt=prompt, extra_body={"seed": 7})
    print(json.dumps({"id": video.id, "status": video.status, "error": video.error and video.error.code}))
`;

(python ? it : it.skip)(
  '3. Python: create_and_poll polls as told and ends on a failure without raising (skipped without Python)',
  async () => {
    service.line.generate = async ({ spec }) => {
      if (spec.prompt === 'out of memory') throw failure('out_of_memory');
      await sleep(4500);
    };
    const startedAt = performance.now();
    const output = await python!(POLL, { OPENAI_BASE_URL: `${service.api.url}/v1`, OPENAI_API_KEY: 'none' });
    const seconds = (performance.now() - startedAt) / 1000;
    const [made, failed] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string });
    expect(made).toMatchObject({ status: 'completed', error: null });
    expect(failed).toMatchObject({ status: 'failed', error: 'out_of_memory' });
    // Once a second unless it is told 2000 ms by the header.
    const looks = service.api.requests.filter((request) => request === `GET /v1/videos/${made!.id}`);
    expect(looks.length).toBeGreaterThan(1);
    expect(looks.length).toBeLessThanOrEqual(seconds / 2 + 1);
  },
);

for (const download of [false, true]) {
  (aiperf ? it : it.skip)(
    `4. AIPerf: 20 requests, four at a time, ${download ? 'with' : 'without'} their content (skipped without AIPERF)`,
    async () => {
      service.line.generate = () => sleep(300);
      const report = await profileWithAiperf(aiperf!, service.api.url, 'mochi-1-preview', download);
      expect(report.request_count.avg).toBe(20);
      expect(report.error_summary).toEqual([]);
    },
  );
}
