import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../../storage/config.ts';
import { s3Client } from '../../../storage/s3-client.ts';
import { probe } from '../../../platform/http/probe.ts';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { goBuild } from '../../../platform/fetch/go-build.ts';
import { freePorts } from '../../../platform/http/ports.ts';

// Each process would say once that the SDK's next versions want Node 22.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const VERSION = '1.8.0';

export interface S3Server {
  settings: Required<S3Settings>;
  bucket: string;
  /** For what the store does not offer. */
  client: S3Client;
  /** Settings of a user who may do nothing but this with the bucket; the same user whenever it is called. */
  allowing(permissions: readonly string[]): Promise<Required<S3Settings>>;
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
  const users = join(base, 'users');
  await Promise.all([folder, sidecar, users].map((path) => mkdir(path)));
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = {
    S3_ENDPOINT: endpoint,
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: 'kinora',
    S3_SECRET_ACCESS_KEY: 'kinora-secret',
    S3_FORCE_PATH_STYLE: true,
  };
  const args = `--port 127.0.0.1:${port} --keep-alive --quiet --health /healthz --region us-east-1 --iam-dir`;
  const env = {
    ...process.env,
    ROOT_ACCESS_KEY: settings.S3_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: settings.S3_SECRET_ACCESS_KEY,
  };
  const launch = async () => {
    const server = spawn(program, [...args.split(' '), users, 'posix', '--sidecar', sidecar, folder], {
      env,
      stdio: 'ignore',
    });
    for (let tries = 0; !(await probe(`${endpoint}/healthz`)); tries++) {
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

/** A real S3 server (versitygw) on a folder of its own, with one bucket. */
export async function startS3Server(): Promise<S3Server> {
  const base = await mkdtemp(join(tmpdir(), 'kinora-s3-'));
  const [port = 0] = await freePorts(1);
  const { settings, folder, launch } = await s3Program(base, port);
  const server = await launch();
  const client = s3Client(settings);
  const bucket = 'videos';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    settings,
    bucket,
    client,
    folder,
    allowing: (permissions) => allow(client, settings, bucket, permissions),
    stop: async () => {
      client.destroy();
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** The user is made at the first call. */
async function allow(
  client: S3Client,
  settings: S3Program['settings'],
  bucket: string,
  permissions: readonly string[],
): Promise<Required<S3Settings>> {
  const user = { S3_ACCESS_KEY_ID: 'limited', S3_SECRET_ACCESS_KEY: 'limited-secret' };
  const { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_ENDPOINT, S3_REGION } = settings;
  const admin = `admin --access ${S3_ACCESS_KEY_ID} --secret ${S3_SECRET_ACCESS_KEY} --endpoint-url ${S3_ENDPOINT}`;
  const made = `--region ${S3_REGION} create-user --access ${user.S3_ACCESS_KEY_ID} --secret ${user.S3_SECRET_ACCESS_KEY}`;
  await promisify(execFile)(await versitygw(), `${admin} ${made} --role user`.split(' ')).catch((error: Error) => {
    if (!/exists/i.test(error.message)) throw error;
  });
  const Statement = {
    Effect: 'Allow',
    Principal: [user.S3_ACCESS_KEY_ID],
    Action: permissions,
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  return { ...settings, ...user };
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
      module: fileURLToPath(new URL('../../../../tools/harness/servers/versitygw/', import.meta.url)),
      package: 'github.com/versity/versitygw/cmd/versitygw',
      output: path,
      progress: (howFar) => tell(`building the S3 server of the tests with Go, ${howFar}`),
    });
  }
  return path;
}
