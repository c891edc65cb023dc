/** Makes the workflow bundles ahead of time, for an image whose files cannot be written to. */
import { BUNDLE_VARIANTS, workflowBundle } from './bundle.ts';
import { createLogger } from '../platform/log/logger.ts';
import { runProcess } from '../platform/process/run-process.ts';

await runProcess(async () => {
  const log = createLogger('build', 'warn');
  for (const variant of BUNDLE_VARIANTS) process.stdout.write(`${await workflowBundle(log, variant)}\n`);
  return 0;
});
