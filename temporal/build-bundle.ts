/** Makes the workflow bundle ahead of time, for an image whose files cannot be written to. */
import { workflowBundle } from './bundle.ts';
import { createLogger } from './logger.ts';
import { runProcess } from './process.ts';

await runProcess(async () => {
  process.stdout.write(`${await workflowBundle(createLogger('build', 'warn'))}\n`);
  return 0;
});
