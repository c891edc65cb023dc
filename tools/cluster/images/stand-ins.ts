import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Image, writeImage } from './image.ts';
import { COREDNS_IMAGE, PAUSE_IMAGE } from '../node/names.ts';
import type { Programs } from '../node/programs.ts';

const OVERLAY = new URL('../../../../k8s/overlays/local/', import.meta.url);

/**
 * Images of others that the node and the overlay `local` run, made of programs of this machine under the names that the
 * overlay has.
 *
 * @param folder is made, and filled with archives
 * @returns the archives
 */
export async function writeStandIns(folder: string, { coredns, temporal, versitygw }: Programs): Promise<string[]> {
  const images: Image[] = [
    { name: PAUSE_IMAGE, programs: { '/usr/bin/sleep': '/bin/sleep' }, entrypoint: ['/usr/bin/sleep', 'infinity'] },
    { name: COREDNS_IMAGE, programs: { '/usr/bin/coredns': coredns }, entrypoint: ['/usr/bin/coredns'] },
    {
      name: await imageOf('temporal.yaml'),
      programs: { '/usr/bin/temporal': temporal },
      entrypoint: ['/usr/bin/temporal'],
    },
    {
      name: await imageOf('s3.yaml'),
      programs: { '/bin/sh': '/bin/sh', '/bin/mkdir': '/bin/mkdir', '/usr/bin/versitygw': versitygw },
      entrypoint: ['/usr/bin/versitygw'],
    },
  ];
  await mkdir(folder, { recursive: true });
  return Promise.all(
    images.map(async (image, i) => {
      const archive = join(folder, `${i}.tar`);
      await writeImage(image, archive);
      return archive;
    }),
  );
}

async function imageOf(file: string): Promise<string> {
  return /image: (\S+)/.exec(await readFile(fileURLToPath(new URL(file, OVERLAY)), 'utf8'))![1]!;
}
