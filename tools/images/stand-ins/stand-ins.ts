import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import type { Engine } from '../engine/engine.ts';
import { BASE, makeBase } from './debian.ts';
import { cuda, node, python } from './languages.ts';
import type { Recipe } from './recipe.ts';
import { postgres, prometheus, temporalAdminTools, temporalServer, versitygw } from './servers.ts';

/** How an image is made of packages where no registry of images can be reached, by its name without the tag. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  node,
  python,
  'nvidia/cuda': cuda,
  postgres,
  'prom/prometheus': prometheus,
  'temporalio/server': temporalServer,
  'temporalio/admin-tools': temporalAdminTools,
  'versity/versitygw': versitygw,
};

/** Images that have no stand-in, and why. */
export const WITHOUT: Readonly<Record<string, string>> = {
  'grafana/grafana': 'no package has Grafana',
  'temporalio/ui': 'nothing depends on it',
};

/** Docker Hub, which answers a request without a token with 401. */
const REGISTRY = 'https://registry-1.docker.io/v2/';
const REGISTRY_MS = 10_000;
/** Says of a stand-in what it was made by. */
const LABEL = 'kinora.stand-in';

/**
 * Sees to the images that others are built upon or run beside: the registry's where it can be reached, else stand-ins of the
 * same names. Those are made in an engine of our own only, since in another one they would be taken for the real ones.
 *
 * @returns those that cannot be had
 */
export async function provideImages(
  engine: Engine,
  images: readonly string[],
  tell: (line: string) => void,
): Promise<string[]> {
  if (!engine.own || (await registryAnswers())) {
    for (const image of images) if (!(await engine.has(image))) await engine.docker(['pull', '--quiet', image]);
    return [];
  }
  tell('No registry of images can be reached: packages stand in for its images.');
  await makeBase(engine, tell);
  const recipes = await keyOf(engine);
  const without: string[] = [];
  for (const image of images) {
    const [name = '', tag = ''] = image.split(':');
    const recipe = RECIPES[name];
    // A stand-in that begins with another one has its label, too.
    const key = `${image} ${recipes}`;
    if (recipe === undefined) {
      tell(`${image} is left out: ${WITHOUT[name] ?? 'it has no stand-in'}.`);
      without.push(image);
    } else if ((await labelOf(engine, image)) !== key) {
      await make(engine, image, key, (context) => recipe(tag, context, { tell, signal: engine.signal }));
      tell(`${image} has a stand-in.`);
    }
  }
  return without;
}

async function make(engine: Engine, image: string, key: string, fill: (context: string) => Promise<string>) {
  const folder = join(cacheFolder(), 'stand-ins');
  await mkdir(folder, { recursive: true });
  const context = await mkdtemp(join(folder, 'context-'));
  try {
    const input = await fill(context);
    const args = ['--quiet', '--network', 'host', '--label', `${LABEL}=${key}`, '--tag', image, '--file', '-', context];
    await engine.docker(['build', ...args], { input });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Another one whenever the recipes, or what they begin with, have changed. */
async function keyOf(engine: Engine): Promise<string> {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).toSorted();
  const hash = createHash('sha256').update(await engine.docker(['image', 'inspect', '--format', '{{.Id}}', BASE]));
  for (const name of files) hash.update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

const labelOf = (engine: Engine, image: string) =>
  engine.docker(['image', 'inspect', '--format', `{{index .Config.Labels "${LABEL}"}}`, image]).then(
    (text) => text.trim(),
    () => null,
  );

const registryAnswers = () =>
  fetch(REGISTRY, { signal: AbortSignal.timeout(REGISTRY_MS) }).then(
    ({ status }) => status === 401 || status === 200,
    () => false,
  );
