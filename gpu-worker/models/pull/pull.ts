import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteStream } from 'node:tty';
import { UserError } from '../../../platform/config/user-error.ts';
import { chooseFiles, type Variant } from './choose-files.ts';
import { isIntact, type HubFile, hubFileSchema } from './hub-file.ts';
import type { HubConfig } from './config.ts';
import { checkDiskSpace } from './disk-space.ts';
import { download, UNFINISHED, unfinishedBytes } from './download.ts';
import { Hub, type ListedFile } from './hub.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { bytesText, PullProgress } from './progress.ts';

/** More connections bring no more once one of them fills the link; large files are few. */
const CONNECTIONS = 4;

export interface PullOptions {
  /** `owner/name` */
  repository: string;
  /** Branch, tag or commit. @default the commit that the folder holds already, else `main` */
  revision: string | undefined;
  /** Folder to fill. */
  dir: string;
  variant: Variant;
  hub: HubConfig;
  out: WriteStream;
  /** Time without a byte after which a connection is given up. @default 60000 ms */
  stallMs?: number;
}

/**
 * Brings a model into a folder, or what is missing of it: files that are there with the right checksum stay.
 *
 * @throws UserError saying what to do about it
 */
export async function pull(options: PullOptions): Promise<Manifest> {
  const { dir, hub, out } = options;
  const before = await readManifest(dir);
  if (hub.HF_HUB_OFFLINE) return verifyOffline(options, before);

  await mkdir(dir, { recursive: true }).catch((error: Error) => {
    throw new UserError(`${dir} cannot be made: ${error.message}`);
  });
  const source = new Hub(hub);
  const manifest = await whatToPull(source, options, before);
  const { repository, commit, variant, files } = manifest;
  const total = sum(files);
  out.write(`${repository} at ${commit}, ${variant}: ${files.length} files, ${bytesText(total)}\n`);

  const missing = await missingFiles(dir, files, out);
  const started = (await Promise.all(missing.map((file) => unfinishedBytes(dir, file)))).reduce((a, b) => a + b, 0);
  await checkDiskSpace(dir, sum(missing) - started);
  if (before && before.commit !== commit) await removeOthers(dir, before.files, files);
  await writeManifest(dir, manifest);

  const progress = new PullProgress(out, total - sum(missing) + started, total);
  const events = { onBytes: progress.add, onTrouble: progress.say };
  const waiting = missing.toSorted((a, b) => b.size - a.size).values();
  const from = { hub: source, repository, commit, stallMs: options.stallMs };
  const connection = async () => {
    for (const file of waiting) await download(from, dir, file, events);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  await rm(join(dir, UNFINISHED), { recursive: true, force: true });
  progress.end();
  return manifest;
}

async function whatToPull(hub: Hub, options: PullOptions, before: Manifest | undefined): Promise<Manifest> {
  const { repository, dir, variant } = options;
  if (before && before.repository !== repository) {
    throw new UserError(`${dir} holds ${before.repository}: choose another folder with --to, or delete it.`);
  }
  const revision = options.revision ?? before?.revision ?? 'main';
  // A branch moves; a folder that was begun stays with what it began with, else it would end as a mixture.
  const commit = before?.revision === revision ? before.commit : await hub.commitOf(repository, revision);
  const listed = await hub.files(repository, commit);
  const files = chooseFiles(listed, variant).map((file) => checked(file, options.hub.HF_ENDPOINT));
  if (!files.some(({ path }) => path === 'model_index.json')) {
    throw new UserError(`${repository} at ${commit} has no model_index.json: it is no pipeline in diffusers' layout.`);
  }
  return { repository, revision, commit, variant, files };
}

/** @throws UserError for what would lead out of the folder, or can be no checksum: a hub or mirror is not trusted */
function checked(file: ListedFile, hub: string): HubFile {
  const parsed = hubFileSchema.safeParse(file);
  if (parsed.success) return parsed.data;
  const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
  throw new UserError(`${hub} is not to be trusted: of ${JSON.stringify(file.path)} ${path.join('.')} ${message}.`);
}

/** Deletes what another commit has brought and this one does not have: a shard too many would be taken for a part. */
async function removeOthers(dir: string, before: HubFile[], now: HubFile[]): Promise<void> {
  const wanted = new Set(now.map(({ path }) => path));
  const others = before.filter(({ path }) => !wanted.has(path));
  await Promise.all(others.map(({ path }) => rm(join(dir, path), { force: true })));
}

/** Those that are not there, or are not what they should be. */
async function missingFiles(dir: string, files: HubFile[], out: WriteStream): Promise<HubFile[]> {
  const there: HubFile[] = [];
  const missing: HubFile[] = [];
  for (const file of files) {
    const found = await stat(join(dir, file.path)).catch(() => undefined);
    (found?.size === file.size ? there : missing).push(file);
  }
  if (there.length === 0) return missing;
  out.write(`verifying ${bytesText(sum(there))} that are here already\n`);
  for (const file of there) {
    if (await isIntact(join(dir, file.path), file)) continue;
    out.write(`${file.path}: its checksum is wrong; fetched again\n`);
    missing.push(file);
  }
  return missing;
}

async function verifyOffline({ dir, out }: PullOptions, manifest: Manifest | undefined): Promise<Manifest> {
  if (!manifest) throw new UserError(`${dir} was not filled by a pull, and offline nothing can be fetched.`);
  const missing = await missingFiles(dir, manifest.files, out);
  if (missing.length > 0) {
    const names = missing.map(({ path }) => `  ${path}`).join('\n');
    throw new UserError(`${dir} lacks, and offline nothing can be fetched:\n${names}`);
  }
  return manifest;
}

const sum = (files: { size: number }[]) => files.reduce((total, { size }) => total + size, 0);
