/**
 * `npm run check:cluster`: one node of real Kubernetes on this machine, the overlay `local` on it, and what happens to
 * clusters: restarts, lost pods, a drained node, new versions and their rollback, each while videos are made.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { withUsage } from '../../platform/config/user-error.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { Engine } from '../images/engine/engine.ts';
import { buildTargets, saveTargets } from '../images/targets.ts';
import { projectArchives } from './images/archives.ts';
import { writeStandIns } from './images/stand-ins.ts';
import { removeCgroups } from './node/cgroups.ts';
import { nodePrograms } from './node/programs.ts';
import { runInside } from './namespaces.ts';
import { checkRequirements } from './requirements.ts';
import type { Settings } from './settings.ts';

const USAGE = `Usage: npm run check:cluster -- [--images FOLDER] [--only NAMES] [--videos N] [--keep]

  --images FOLDER  archives of kinora-api:dev, kinora-cpu-worker:dev and kinora-gpu-worker-on-cpu:dev, as
                   \`npm run check:images -- --save FOLDER\` writes them (default: builds them first)
  --only NAMES     only disturbances whose names match, as a regular expression
  --videos N       in flight with each (default 20)
  --keep           leaves the node's logs in their folder, and says where that is`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { keep, only, videos, images } = argumentsOf(process.argv.slice(2));
  await checkRequirements();
  const programs = await nodePrograms(say);
  const folder = await mkdtemp(join(tmpdir(), 'kinora-cluster-'));
  const cgroup = `/${basename(folder)}`;
  try {
    const archives = await projectArchives(images ?? (await builtArchives(join(folder, 'archives'))));
    const standIns = await writeStandIns(join(folder, 'images'), programs);
    const settings: Settings = { folder, cgroup, programs, images: [...standIns, ...archives], only, videos };
    const file = join(folder, 'settings.json');
    await writeFile(file, JSON.stringify(settings));
    return await runInside(file);
  } finally {
    await removeCgroups(cgroup);
    if (keep) say(`The node's folder is ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the folder, with the images of the project as it is */
async function builtArchives(into: string): Promise<string> {
  const engine = await Engine.start(new AbortController().signal);
  try {
    await buildTargets(engine, say);
    await saveTargets(engine, into);
    return into;
  } finally {
    await engine.stop();
  }
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const options = {
      images: { type: 'string' },
      only: { type: 'string', default: '' },
      videos: { type: 'string', default: '20' },
      keep: { type: 'boolean', default: false },
    } as const;
    const { images, only, videos, keep } = parseArgs({ args, options }).values;
    if (!(Number.isInteger(Number(videos)) && Number(videos) > 0)) throw new Error('--videos takes a whole number');
    const archives = images === undefined ? null : resolve(process.env['INIT_CWD'] ?? '.', images);
    return { keep, only, videos: Number(videos), images: archives };
  });
}

await runProcess(main);
