import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const PROCESS = new URL('../../platform/process/run-process.js', import.meta.url).href;

it('a command goes on with its work when what it says is read no more, as in `npm start | head`', async () => {
  const program = `
    import { runProcess } from '${PROCESS}';
    await runProcess(async () => {
      for (let i = 0; i < 40; i++) {
        process.stdout.write('a word\\n');
        process.stderr.write('a word\\n');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return 7;
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([7, null]);
});
