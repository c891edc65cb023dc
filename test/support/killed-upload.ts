import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { S3Settings } from '../../storage/config.ts';
import { openStore } from '../../storage/open.ts';

interface Upload {
  url: string;
  settings: S3Settings;
  key: string;
  /** How much is uploaded before the process is killed; the upload itself never ends. */
  megabytes: number;
}

/**
 * Starts an upload in a process of its own and kills that with SIGKILL while the bytes are on their way.
 *
 * @param begun resolves once the store has what the test is about @default some of the bytes have been taken
 */
export async function killedUpload(upload: Upload, begun?: () => Promise<void>): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(upload)], { execArgv: [], env: process.env });
  await Promise.race([once(child, 'message').then(begun), failed(child)]);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number];
  throw new Error(`the uploading process ended by itself with ${code}`);
}

async function uploadForEver({ url, settings, key, megabytes }: Upload): Promise<void> {
  const store = await openStore(url, settings);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let sent = 0; ; sent++) {
      if (sent === megabytes) {
        // Let the store do with these what it will.
        await sleep(500);
        process.send?.('under way');
        await sleep(60_000);
      }
      yield Buffer.alloc(1024 * 1024, 'x');
    }
  }
  await store.put(key, Readable.from(chunks()));
}

const [, program, argument] = process.argv;
if (program === fileURLToPath(import.meta.url) && argument) await uploadForEver(JSON.parse(argument) as Upload);
