import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const LOGGER = new URL('../../platform/log/logger.js', import.meta.url).href;

it('a process ends although nobody reads its log any more, and leaves nothing running behind', async () => {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { createLogger } from '${LOGGER}';
       const log = createLogger('test', 'info');
       process.once('disconnect', () => {
         for (let line = 1; line <= 3; line++) log.info('The last words, line %d', line);
         process.exit(7);
       });
       log.info('Begun');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const ended = once(child, 'exit');
  try {
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    child.disconnect();
    const late = AbortSignal.timeout(20_000);
    const code = await Promise.race([
      ended.then(() => child.exitCode),
      once(late, 'abort').then(() => 'still running'),
    ]);
    expect(code).toBe(7);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});

/** What a process logs for two prompts, and once more for the first. */
async function logged(settings: object): Promise<string[]> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { createLogger } from '${LOGGER}';
       const log = createLogger('test', 'info', ${JSON.stringify(settings)});
       for (const prompt of ['a red circle', 'a blue square', 'a red circle']) log.info({ prompt });`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = (await text(child.stdout)).trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt);
}

it('who reads the log sees which prompts were the same, but cannot find one out by trying', async () => {
  const [first, other, again] = await logged({});
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect(createHash('sha256').update('a red circle').digest('hex')).not.toContain(first);
  const settings = { LOG_PROMPTS_SECRET: 'the same in every process' };
  const ours = await logged(settings);
  expect(ours[0]).not.toBe(first);
  expect(await logged(settings)).toEqual(ours);
  expect(await logged({ ...settings, LOG_PROMPTS: 'none' })).toEqual(Array(3).fill('(not logged)'));
});
