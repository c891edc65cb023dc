/**
 * `npm run check:images`: builds the images and runs compose.yaml on a container engine, or, where none can be had, carries
 * the Dockerfile out without one. `--save FOLDER` writes the images there; `--dry` uses no engine.
 */
import { parseArgs } from 'node:util';
import { stopSignal } from '../../local/stop-signal.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError, withUsage } from '../../platform/config/user-error.ts';
import { ComposeService } from './compose-service.ts';
import { dryRun } from './dry-run.ts';
import { Engine, NoEngineError } from './engine/engine.ts';
import { lintDockerfile } from './hadolint.ts';
import { checkImages } from './image-checks.ts';
import { checkHandOver, checkHardening, checkPrometheus, checkStop, checkVideo } from './service-checks.ts';
import { provideImages } from './stand-ins/stand-ins.ts';
import { buildTargets, ROOT, saveTargets, serverImages } from './targets.ts';

const USAGE = `Usage: npm run check:images -- [--dry] [--save FOLDER]

Builds the images, and runs compose.yaml with them: on the engine that DOCKER_HOST names, else, for root on Linux, on one
of its own, else, with --dry or where none can be had, without an engine, which shows less.

  --dry          uses no engine
  --save FOLDER  writes the images into it, an archive each`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { dry, save } = argumentsOf(process.argv.slice(2));
  await lint();
  if (dry) {
    await dryRun(say);
    return 0;
  }
  const { signal } = stopSignal();
  let engine: Engine;
  try {
    engine = await Engine.start(signal);
  } catch (error) {
    if (!(error instanceof NoEngineError)) throw error;
    say(`There is no container engine: ${error.message}.\nThe Dockerfile is carried out without one.`);
    await dryRun(say);
    return 0;
  }
  try {
    await buildTargets(engine, say);
    await checkImages(engine, say);
    if (save !== undefined) await saveTargets(engine, save);
    await checkService(engine);
    return 0;
  } finally {
    await engine.stop();
  }
}

async function lint(): Promise<void> {
  const { objections, reason } = await lintDockerfile(ROOT);
  if (objections === null) say(`The Dockerfile was not linted: hadolint could not be had (${reason}).`);
  else if (objections.length > 0) throw new UserError(objections.join('\n'));
}

async function checkService(engine: Engine): Promise<void> {
  const without = await provideImages(engine, await serverImages(), say);
  const service = await ComposeService.open(engine, without, say);
  try {
    const begin = performance.now();
    await service.up();
    say(`compose.yaml: ${service.services.join(', ')} are up after ${seconds(begin)} s`);
    await checkHardening(service);
    say(await checkVideo(service));
    say(await checkHandOver(service));
    await checkPrometheus(service);
    // What was made once is not made again.
    await service.up();
    say(await checkVideo(service));
    say(await checkStop(service));
  } finally {
    await service.close(engine.afterwards);
  }
}

const seconds = (begin: number) => ((performance.now() - begin) / 1000).toFixed(0);

function argumentsOf(args: string[]): { dry: boolean; save: string | undefined } {
  return withUsage(USAGE, () => {
    const options = { dry: { type: 'boolean', default: false }, save: { type: 'string' } } as const;
    const { dry, save } = parseArgs({ args, options }).values;
    return { dry, save };
  });
}

await runProcess(main);
