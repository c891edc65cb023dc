/** `npm run models:check -- DIR`: verifies a model folder without a device. */
import { typedPath } from '../../platform/config/typed-path.ts';
import { assertNoSingleFile } from '../../platform/model/model-folder.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError } from '../../platform/config/user-error.ts';
import { checkModel } from './check.ts';

const USAGE = `Usage: npm run models:check -- DIR

Verifies that a model folder in diffusers' layout fits Mochi's graphs: configs, tokenizer, and every tensor's presence,
shape and type. Reads headers only and needs no GPU. Exit code 0 if it does, 1 with one line for each fault if not.`;

async function main(): Promise<number> {
  const [dir, ...more] = process.argv.slice(2);
  if (dir === undefined || dir.startsWith('-') || more.length > 0) throw new UserError(USAGE);
  await assertNoSingleFile(typedPath(dir));
  const faults = await checkModel(typedPath(dir));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(faults.length === 0 ? `${dir} fits.\n` : `${faults.length} faults.\n`);
  return faults.length === 0 ? 0 : 1;
}

await runProcess(main);
