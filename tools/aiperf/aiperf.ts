import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MOCHI_TINY } from '../harness/model/model-folder.ts';

const run = promisify(execFile);

/** What NVIDIA's load generator writes of a run, as far as it is read here. Times in ms. */
export interface AiperfReport {
  request_count: { avg: number };
  request_latency: { p50: number; p99: number };
  error_summary: unknown[];
}

/**
 * Has AIPerf 0.13 ask an API for 20 videos, four at a time, and poll each until it has ended.
 *
 * @param aiperf path of the program
 * @param url `http://host:port`
 * @param model as in `GET /v1/models`
 * @param download fetches the finished videos too
 */
export async function profileWithAiperf(
  aiperf: string,
  url: string,
  model: string,
  download: boolean,
): Promise<AiperfReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-aiperf-'));
  try {
    const words = `profile --model ${model} --endpoint-type video_generation --url ${url}
      --request-count 20 --concurrency 4 --synthetic-input-tokens-mean 12 --tokenizer ${MOCHI_TINY}/tokenizer
      --extra-inputs seed:7 --extra-inputs num_inference_steps:4 --artifact-dir ${folder} --ui none`;
    const args = [...words.split(/\s+/), ...(download ? ['--download-video-content'] : [])];
    // It leaves files in the system's folder for such.
    await run(aiperf, args, { env: { ...process.env, TMPDIR: folder } });
    return JSON.parse(await readFile(join(folder, 'profile_export_aiperf.json'), 'utf8')) as AiperfReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
