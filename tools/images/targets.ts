import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../harness/yaml.ts';
import { parseDockerfile } from './dockerfile.ts';
import type { Engine } from './engine/engine.ts';
import { provideImages } from './stand-ins/stand-ins.ts';

/** The project. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The targets of the Dockerfile that are images of their own. */
export const TARGETS = ['api', 'cpu-worker', 'gpu-worker', 'gpu-worker-on-cpu'] as const;
export type Target = (typeof TARGETS)[number];

/** The name under which compose.yaml has a target. */
export const imageOf = (target: Target) => `kinora-${target}:dev`;

export interface BuiltImage {
  image: string;
  /** As the engine counts it, with its base. */
  bytes: number;
  /** What it took; the first has what all share. */
  seconds: number;
}

/** Images that the Dockerfile begins with. */
export async function baseImages(): Promise<string[]> {
  const stages = parseDockerfile(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
  const names = new Set(stages.map(({ name }) => name));
  return [...new Set(stages.map(({ base }) => base).filter((base) => !names.has(base)))];
}

/** Images that compose.yaml does not build. */
export async function serverImages(): Promise<string[]> {
  const { services } = parseYaml<{ services: Record<string, { image: string; build?: object }> }>(
    await readFile(join(ROOT, 'compose.yaml'), 'utf8'),
  );
  const all = Object.values(services);
  const built = new Set(all.flatMap(({ image, build }) => (build ? image : [])));
  return [...new Set(all.map(({ image }) => image).filter((image) => !built.has(image)))];
}

/**
 * Builds the Dockerfile's targets, as `docker build` does it for everybody. What they begin with is made first where it cannot
 * be fetched.
 *
 * @param tell is given what people should read
 */
export async function buildTargets(engine: Engine, tell: (line: string) => void): Promise<BuiltImage[]> {
  await provideImages(engine, await baseImages(), tell);
  const built: BuiltImage[] = [];
  for (const target of TARGETS) {
    const image = imageOf(target);
    const begin = performance.now();
    // An engine of our own has no bridge.
    const network = engine.own ? ['--network', 'host'] : [];
    await engine.docker(['build', ...network, '--progress', 'plain', '--target', target, '--tag', image, ROOT]);
    const seconds = (performance.now() - begin) / 1000;
    const bytes = Number(await engine.docker(['image', 'inspect', '--format', '{{.Size}}', image]));
    built.push({ image, bytes, seconds });
    tell(`${image}: ${Math.round(bytes / 1e6)} MB, built in ${seconds.toFixed(0)} s`);
  }
  return built;
}

/** Writes the images into a folder, one archive each, as `docker load` and containerd read them. */
export async function saveTargets(engine: Engine, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const target of TARGETS) {
    await engine.docker(['save', '--output', join(folder, `kinora-${target}.tar`), imageOf(target)]);
  }
}
