/**
 * `npm run check:search [-- --videos 10000 --each 25]`: fills a service with finished videos, searches it, prints how long that
 * took, and fails where a search was answered wrongly or its 95th percentile is above 300 ms.
 */
import { parseArgs } from 'node:util';
import { inFolder } from '../harness/in-folder.ts';
import { measureSearches, searchesAmong } from './measure.ts';
import { prompts as promptsOf, vocabulary } from './prompts.ts';
import { startSearchedService } from './searched-service.ts';

/** What 19 of 20 searches of each kind may take. */
const P95_MS = 300;

const { videos, each } = parseArgs({
  options: { videos: { type: 'string', default: '10000' }, each: { type: 'string', default: '25' } },
}).values;

process.exitCode = await inFolder('kinora-search-', false, async (folder, say) => {
  const words = vocabulary();
  const prompts = [...promptsOf(words, Number(videos))];
  const startedAt = performance.now();
  const service = await startSearchedService(folder, prompts);
  try {
    say(`${videos} videos are there after ${Math.round((performance.now() - startedAt) / 1000)} s.`);
    const { times, wrong } = await measureSearches(service.url, prompts, searchesAmong(words, Number(each)));
    for (const [kind, { p50, p95, max }] of Object.entries(times)) {
      say(`${kind.padEnd(46)} p50 ${p50} ms, p95 ${p95} ms, max ${max} ms`);
    }
    for (const search of wrong) say(`Wrong: ${search}`);
    return wrong.length === 0 && Object.values(times).every(({ p95 }) => p95 <= P95_MS);
  } finally {
    await service.stop();
  }
});
