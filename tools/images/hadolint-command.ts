/** What `npm run lint` does with the Dockerfile; without hadolint it says so, and refuses nothing. */
import { runProcess } from '../../platform/process/run-process.ts';
import { lintDockerfile } from './hadolint.ts';
import { ROOT } from './targets.ts';

await runProcess(async () => {
  const { objections, reason } = await lintDockerfile(ROOT);
  const lines = objections ?? [`The Dockerfile was not linted: hadolint could not be had (${reason}).`];
  for (const line of lines) process.stdout.write(`${line}\n`);
  return objections === null || objections.length === 0 ? 0 : 1;
});
