import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runStep } from '../../tools/nightly/step.ts';
import { nightlySteps } from '../../tools/nightly/steps.ts';

const root = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

describe('the nightly checks', () => {
  it('call scripts that there are, and docs/testing.md says how long each may take', async () => {
    const { scripts } = JSON.parse(await readFile(root('package.json'), 'utf8')) as { scripts: Record<string, string> };
    const page = await readFile(root('docs/testing.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `npm run ([\w:]+)[^|]*\|[^|]*\| +(\d+) min +\|$/gm)];
    const documented = new Map(rows.map(([, name, minutes]) => [name, Number(minutes)]));
    for (const { name, command, budgetMinutes } of nightlySteps(1)) {
      expect(Object.keys(scripts)).toContain(command[3]);
      expect([name, documented.get(name)]).toEqual([name, budgetMinutes]);
    }
  });

  it('go on after one that fails, and end one that takes too long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-nightly-test-'));
    try {
      const run = async (name: string, code: string, budgetMinutes: number) => {
        const step = { name, command: [process.execPath, '-e', code], budgetMinutes };
        const { outcome, logFile } = await runStep(step, join(folder, name), 500);
        return [outcome, (await readFile(logFile, 'utf8')).trim()];
      };
      expect(await run('good', 'console.log("fine")', 1)).toEqual(['passed', 'fine']);
      expect(await run('bad', 'console.error("broken"); process.exit(3)', 1)).toEqual(['failed', 'broken']);
      const absent = { name: 'absent', command: [join(folder, 'no-program')], budgetMinutes: 1 };
      const { outcome, logFile } = await runStep(absent, join(folder, 'absent'), 500);
      expect([outcome, await readFile(logFile, 'utf8')]).toEqual(['failed', expect.stringContaining('ENOENT')]);
      const deaf = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
      expect(await run('endless', deaf, 0.02)).toEqual(['over budget', '']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
