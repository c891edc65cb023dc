/** Makes the workflow bundles ahead of time, for an image whose files cannot be written to. */
import { workflowBundle } from './bundle.ts';
import { createLogger } from './logger.ts';
import { runProcess } from './process.ts';

await runProcess(async () => {
  const log = createLogger('build', 'warn');
  for (const encrypted of [false, true]) process.stdout.write(`${await workflowBundle(log, { encrypted })}\n`);
  return 0;
});
