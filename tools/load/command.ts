/**
 * `npm run load [-- --url http://localhost:8080 --videos 50 --hz 10 --seconds 30 --burst 200]`: loads a service of its own, or
 * the one at `--url`, prints what came of it, and fails where anything was lost, doubled or broken, or looks took too long.
 */
import { parseArgs } from 'node:util';
import { type Load, loadApi, type LoadReport } from './load.ts';
import { startLoadedService } from './loaded-service.ts';

/** What 99 of 100 looks at a video may take. */
const P99_MS = 50;

const option = (otherwise: number) => ({ type: 'string', default: String(otherwise) }) as const;
const { url, ...numbers } = parseArgs({
  options: { url: { type: 'string' }, videos: option(50), hz: option(10), seconds: option(30), burst: option(200) },
}).values;
const load = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])) as never as Load;

const service = url === undefined ? await startLoadedService() : { url, stop: () => Promise.resolve() };
let report: LoadReport;
try {
  report = await loadApi(service.url, load);
} finally {
  await service.stop();
}
process.stdout.write(`${JSON.stringify({ load, ...report }, null, 2)}\n`);
const broken = Object.keys(report.statuses).filter((status) => !['200', '429', '503'].includes(status));
const holds = broken.length === 0 && report.lost === 0 && report.doubled === 0 && report.looksMs.p99 < P99_MS;
process.exitCode = holds ? 0 : 1;
