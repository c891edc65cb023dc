/** `npm run models:pull -- OWNER/NAME`: brings a model's weights into a folder. */
import { parseArgs } from 'node:util';
import { readConfig } from '../../platform/config/config.ts';
import { typedPath } from '../../platform/config/typed-path.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { withUsage } from '../../platform/config/user-error.ts';
import { checkModel } from './check.ts';
import { VARIANTS, type Variant } from './pull/choose-files.ts';
import { hubEnv } from './pull/config.ts';
import { pull } from './pull/pull.ts';

const USAGE = `Usage: npm run models:pull -- OWNER/NAME [--to DIR] [--revision REVISION] [--variant bf16|float32|all] [--offline]

Fetches a model in diffusers' layout, e.g. genmo/mochi-1-preview, into DIR (default: models/NAME), verifies every
checksum, and then that the folder fits Mochi's graphs. What is there already stays; a broken pull goes on where it was.

  --revision   branch, tag or commit; the folder keeps the commit that it is the first time (default: main)
  --variant    precision of the weights (default: bf16, what GPUs compute in; float32 for the CPU)
  --offline    fetches nothing, verifies what an earlier pull left (also: HF_HUB_OFFLINE=1)

HF_ENDPOINT names a mirror, HF_TOKEN a token for repositories that are not public.`;

async function main(): Promise<number> {
  const { repository, to, revision, variant, offline } = argumentsOf(process.argv.slice(2));
  const hub = readConfig(hubEnv);
  const dir = typedPath(to ?? `models/${repository.split('/')[1]}`);
  await pull({
    repository,
    revision,
    dir,
    variant,
    hub: { ...hub, HF_HUB_OFFLINE: hub.HF_HUB_OFFLINE || offline },
    out: process.stdout,
  });
  const faults = await checkModel(dir);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(faults.length === 0 ? `Complete: MODEL_DIR=${dir}\n` : `${dir} is not usable; see above.\n`);
  return faults.length === 0 ? 0 : 1;
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        revision: { type: 'string' },
        variant: { type: 'string', default: 'bf16' },
        offline: { type: 'boolean', default: false },
      },
    });
    const [repository = ''] = positionals;
    if (positionals.length !== 1 || !/^\w[\w.-]*\/\w[\w.-]*$/.test(repository)) throw new Error('Name one repository.');
    if (!VARIANTS.some((name) => name === values.variant)) throw new Error(`Unknown variant ${values.variant}.`);
    return { ...values, repository, variant: values.variant as Variant };
  });
}

await runProcess(main);
