import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../storage/config.ts';
import { answersOk } from '../../temporal/answers-ok.ts';
import { cacheFolder } from '../../temporal/cache.ts';
import { goBuild } from '../../temporal/go-build.ts';
import { freePorts } from '../../temporal/ports.ts';

// Each process would say once that the SDK's next versions want Node 22.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const VERSION = '1.8.0';

export interface S3Server {
  settings: Required<S3Settings>;
  bucket: string;
  /** For what the store does not offer. */
  client: S3Client;
  /** Folder of the server's objects, with what it keeps of unfinished uploads. */
  folder: string;
  stop(): Promise<void>;
}

/** How the S3 server of the tests is started, and how it is reached. */
export interface S3Program {
  settings: Required<S3Settings>;
  /** Folder of the server's objects, with what it keeps of unfinished uploads. */
  folder: string;
  /** Starts it, also again after its end, and waits until it answers. */
  launch: () => Promise<ChildProcess>;
}

/** @param base empty folder; everything that the server keeps is in it */
export async function s3Program(base: string, port: number): Promise<S3Program> {
  const program = await versitygw();
  const folder = join(base, 'objects');
  const sidecar = join(base, 'sidecar');
  await Promise.all([mkdir(folder), mkdir(sidecar)]);
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = {
    S3_ENDPOINT: endpoint,
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: 'kinora',
    S3_SECRET_ACCESS_KEY: 'kinora-secret',
    S3_FORCE_PATH_STYLE: true,
  };
  const args = `--port 127.0.0.1:${port} --keep-alive --quiet --health /healthz --region us-east-1 posix --sidecar`;
  const env = {
    ...process.env,
    ROOT_ACCESS_KEY: settings.S3_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: settings.S3_SECRET_ACCESS_KEY,
  };
  const launch = async () => {
    const server = spawn(program, [...args.split(' '), sidecar, folder], { env, stdio: 'ignore' });
    for (let tries = 0; !(await answersOk(`${endpoint}/healthz`)); tries++) {
      if (tries > 200 || server.exitCode !== null) {
        server.kill('SIGKILL');
        throw new Error(`${program} did not start`);
      }
      await sleep(50);
    }
    return server;
  };
  return { settings, folder, launch };
}

/** A client for what the store does not offer. */
export function s3Client({ settings }: Pick<S3Program, 'settings'>): S3Client {
  return new S3Client({
    endpoint: settings.S3_ENDPOINT,
    region: settings.S3_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.S3_ACCESS_KEY_ID, secretAccessKey: settings.S3_SECRET_ACCESS_KEY },
  });
}

/** A real S3 server (versitygw) on a folder of its own, with one bucket. */
export async function startS3Server(): Promise<S3Server> {
  const base = await mkdtemp(join(tmpdir(), 'kinora-s3-'));
  const [port = 0] = await freePorts(1);
  const { settings, folder, launch } = await s3Program(base, port);
  const server = await launch();
  const client = s3Client({ settings });
  const bucket = 'videos';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    settings,
    bucket,
    client,
    folder,
    stop: async () => {
      client.destroy();
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      await rm(base, { recursive: true, force: true });
    },
  };
}

/**
 * The S3 server of the tests: the cached one, else built into the cache by Go.
 *
 * @param tell is given what people should read while it is built
 * @returns its path. @throws Error with what is wrong
 */
export async function versitygw(
  tell: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<string> {
  const path = join(cacheFolder(), `versitygw-${VERSION}`, 'versitygw');
  try {
    await access(path);
  } catch {
    await goBuild({
      module: fileURLToPath(new URL('../../../test/support/versitygw/', import.meta.url)),
      package: 'github.com/versity/versitygw/cmd/versitygw',
      output: path,
      progress: (howFar) => tell(`building the S3 server of the tests with Go, ${howFar}`),
    });
  }
  return path;
}
