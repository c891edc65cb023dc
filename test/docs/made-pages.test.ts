import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { docComments } from '../../tools/documents/doc-comments.ts';
import { madePages } from '../../tools/documents/pages.ts';
import { PROCESSES, settingsBySection } from '../../tools/documents/settings.ts';

describe('an operator who sets up a process', () => {
  it('finds in docs/ what the code has, as `npm run docs` writes it', async () => {
    for (const { is, wanted } of await madePages()) expect(is).toBe(wanted);
  });

  it('finds every variable that a process reads, and under the process that reads it', async () => {
    const page = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const listed = new Set([...page.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, name]) => name));
    const taken = Object.values(PROCESSES).flatMap(({ shape }) => Object.keys(shape));
    expect(taken.filter((name) => !listed.has(name))).toEqual([]);
    const sections = (await settingsBySection()).flatMap(({ settings }) => settings);
    const processes = (name: string) => sections.filter((one) => one.name === name).map((one) => one.processes);
    expect(processes('SHUTDOWN_GRACE')).toEqual([['CPU worker'], ['GPU worker']]);
    expect(processes('ARTEFACTS_URL')).toEqual([['API', 'CPU worker'], ['`npm start`']]);
  });

  it('reads the comment right above a setting, and no other', () => {
    const source = `
      /** Of the file. */
      const env = z.object({
        /**
         * Two
         * lines. @default the other's
         * @unit s
         */
        FIRST: z.string(),
        SECOND: z.string(),
      });`;
    expect([...docComments('a.ts', source)]).toEqual([
      ['FIRST', { text: 'Two lines.', default: "the other's", unit: 's' }],
    ]);
  });
});
