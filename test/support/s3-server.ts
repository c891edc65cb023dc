import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../storage/config.ts';
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

/** A real S3 server (versitygw) on a folder of its own, with one bucket. */
export async function startS3Server(): Promise<S3Server> {
  const program = await versitygw();
  const base = await mkdtemp(join(tmpdir(), 'kinora-s3-'));
  const folder = join(base, 'objects');
  const sidecar = join(base, 'sidecar');
  await Promise.all([mkdir(folder), mkdir(sidecar)]);
  const settings = {
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: 'kinora',
    S3_SECRET_ACCESS_KEY: 'kinora-secret',
    S3_FORCE_PATH_STYLE: true,
  };
  const [port = 0] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const server = spawn(
    program,
    `--port 127.0.0.1:${port} --keep-alive --quiet --health /healthz --region us-east-1 posix --sidecar`
      .split(' ')
      .concat(sidecar, folder),
    {
      env: { ROOT_ACCESS_KEY: settings.S3_ACCESS_KEY_ID, ROOT_SECRET_KEY: settings.S3_SECRET_ACCESS_KEY },
      stdio: 'ignore',
    },
  );
  for (let tries = 0; !(await isUp(`${endpoint}/healthz`)); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new Error(`${program} did not start`);
    await sleep(50);
  }
  const client = new S3Client({
    endpoint,
    region: settings.S3_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.S3_ACCESS_KEY_ID, secretAccessKey: settings.S3_SECRET_ACCESS_KEY },
  });
  const bucket = 'videos';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    settings: { ...settings, S3_ENDPOINT: endpoint },
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

async function isUp(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** From the cache, else built into it; the first build takes about three minutes. */
async function versitygw(): Promise<string> {
  const path = join(cacheFolder(), `versitygw-${VERSION}`, 'versitygw');
  try {
    await access(path);
  } catch {
    await goBuild({
      module: fileURLToPath(new URL('../../../test/support/versitygw/', import.meta.url)),
      package: 'github.com/versity/versitygw/cmd/versitygw',
      output: path,
      progress: (elapsedS) => process.stderr.write(`building the S3 server of the tests with Go, ${elapsedS} s\n`),
    });
  }
  return path;
}
