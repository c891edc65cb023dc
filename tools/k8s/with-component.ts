import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const K8S = fileURLToPath(new URL('../../../k8s/', import.meta.url));

/**
 * Calls `use` with a folder that holds an overlay with one component more, as an operator would have it.
 *
 * @param overlay name of a folder below overlays
 * @param component name of a folder below components
 */
export async function withComponent<T>(
  overlay: string,
  component: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'kinora-kustomize-'));
  // Kustomize takes no absolute paths.
  const to = (path: string) => relative(folder, join(K8S, path));
  const kustomization = { resources: [to(`overlays/${overlay}`)], components: [to(`components/${component}`)] };
  try {
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
