import { randomUUID } from 'node:crypto';
import { readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { FAILURE_CONVERTER } from './encryption/payload-encryption.ts';
import type { Logger } from '../platform/log/logger.ts';
import { temporalLogger } from './sdk-logger.ts';

const require = createRequire(import.meta.url);
const TRACING = '@temporalio/interceptors-opentelemetry/lib/workflow-interceptors.js';
const WORKFLOWS = new URL('../workflows/', import.meta.url);
const CONTRACT = new URL('../contract/', import.meta.url);

/** Optional features of the workflow code. */
export interface BundleVariant {
  /** Their failures can be encrypted. @default false */
  encrypted?: boolean;
  /** They make spans. @default false */
  traced?: boolean;
}

/** Every combination. */
export const BUNDLE_VARIANTS: readonly Required<BundleVariant>[] = [false, true].flatMap((encrypted) =>
  [false, true].map((traced) => ({ encrypted, traced })),
);

/**
 * The workflow code in one file, as the CPU worker loads it (`workflowBundle: { codePath }`). Made when the workflows or
 * the SDK changed since, which takes about two seconds; else the one that is there.
 *
 * @returns its path.
 */
export async function workflowBundle(log: Logger, variant: BundleVariant = {}): Promise<string> {
  const { encrypted = false, traced = false } = variant;
  const name = `workflow-bundle${encrypted ? '-encrypted' : ''}${traced ? '-traced' : ''}.js`;
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const { version } = require('@temporalio/worker/package.json') as { version: string };
  const mark = `// @temporalio ${version}\n`;
  if (await isCurrent(path, mark)) return path;
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('index.js', WORKFLOWS)),
    ...(encrypted && { failureConverterPath: FAILURE_CONVERTER }),
    ...(traced && { workflowInterceptorModules: [require.resolve(TRACING)] }),
    logger: temporalLogger(log.child({}, { level: 'warn' })),
  });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, mark + code);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

async function isCurrent(bundle: string, mark: string): Promise<boolean> {
  try {
    const made = (await stat(bundle)).mtimeMs;
    const folders = [WORKFLOWS, CONTRACT].map(async (folder) => {
      const sources = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
      return await Promise.all(sources.map(async (name) => (await stat(new URL(name, folder))).mtimeMs));
    });
    const changed = (await Promise.all(folders)).flat();
    return changed.every((at) => at <= made) && (await readFile(bundle, 'utf8')).startsWith(mark);
  } catch {
    return false;
  }
}
