import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const LOGGER = new URL('../../temporal/logger.js', import.meta.url).href;

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
