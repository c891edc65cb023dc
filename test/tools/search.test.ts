import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureSearches, searchesAmong } from '../../tools/search/measure.ts';
import { prompts as promptsOf, vocabulary } from '../../tools/search/prompts.ts';
import { startSearchedService } from '../../tools/search/searched-service.ts';

/** `npm run check:search` does the same among 10,000, and looks at the times. */
describe('searches among hundreds of finished videos', () => {
  it('are answered as if each prompt had been looked at', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-search-'));
    const words = vocabulary();
    const prompts = [...promptsOf(words, 300)];
    const service = await startSearchedService(folder, prompts);
    try {
      const { wrong, times } = await measureSearches(service.url, prompts, searchesAmong(words, 4));
      process.stdout.write(`searches, ms: ${JSON.stringify(times)}\n`);
      expect(wrong).toEqual([]);
    } finally {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
