/** `npm run check:aiperf`: NVIDIA's load generator against the whole service as `npm start` runs it, with mochi-tiny. */
import { join } from 'node:path';
import { MOCHI_TINY } from '../harness/model/model-folder.ts';
import { pythonVenv } from '../harness/python-venv.ts';
import { WholeService } from '../harness/services/whole-service.ts';
import { profileWithAiperf } from './aiperf.ts';

const VERSION = '0.13.0';

const programs = await pythonVenv(`aiperf-${VERSION}`, (pip) => {
  process.stderr.write('Installing AIPerf, once …\n');
  return pip(`aiperf==${VERSION}`);
});
const kinora = await WholeService.start({ MODEL_DIR: MOCHI_TINY });
try {
  for (const download of [false, true]) {
    const report = await profileWithAiperf(join(programs, 'aiperf'), kinora.service.apiUrl, 'mochi-tiny', download);
    const { request_count: requests, request_latency: latency, error_summary: errors } = report;
    process.stdout.write(
      `${requests.avg} of 20 requests at concurrency 4 ${download ? 'with' : 'without'} their content: ` +
        `${(latency.p50 / 1000).toFixed(1)} s each (p99 ${(latency.p99 / 1000).toFixed(1)} s), ${errors.length} errors\n`,
    );
    if (requests.avg !== 20 || errors.length > 0) {
      process.stdout.write(`${JSON.stringify(errors, null, 2)}\n`);
      process.exitCode = 1;
    }
  }
} finally {
  await kinora.stop();
}
