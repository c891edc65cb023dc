import { setTimeout as sleep } from 'node:timers/promises';
import { Canary } from '../canary/canary.ts';
import { goldens } from '../canary/golden.ts';
import type { ComposeService } from './compose-service.ts';

/** What the project builds of compose.yaml. */
const OURS = ['api', 'cpu-worker', 'gpu-worker'];
const VIDEO_S = 300;
const POLL_MS = 300;
/** So long that a worker can be stopped in the middle, and short enough to be waited for. */
const LONG = { prompt: 'a blue square moving up on a black background', num_inference_steps: 200, seed: 3 };
const STOP_AT_STEP = 20;
const USER = '1000:1000';

/** Our own containers can write nothing but what they are given, as a user without a name. */
export async function checkHardening(service: ComposeService): Promise<void> {
  for (const name of OURS) {
    const { readOnly, user } = await service.container(name);
    if (!readOnly || user !== USER) throw new Error(`${name} runs as ${user}, read-only: ${readOnly}`);
    const program = `
      const fs = require('node:fs');
      try { fs.writeFileSync('/app/x', ''); } catch ({ code }) { console.log(code, process.getuid(), process.getgid()); }`;
    const said = (await service.exec(name, 'node', '-e', program)).trim();
    if (said !== 'EROFS 1000 1000') throw new Error(`${name} could write to its own files, or is not ${USER}: ${said}`);
  }
}

/** The page is there, a video comes out and looks as it should, and can be shared. @returns what to tell people */
export async function checkVideo(service: ComposeService): Promise<string> {
  const api = await service.address('api', 8080);
  const page = await fetch(api);
  if (!page.ok || !page.headers.get('content-type')?.startsWith('text/html')) {
    throw new Error(`the page is answered with ${page.status}`);
  }
  const canary = new Canary({ url: api, secondsEach: VIDEO_S });
  await canary.begin();
  const [golden] = await goldens();
  const { fault, seconds } = await canary.try(golden!.request, golden!);
  if (fault !== null) throw new Error(`the video is not as it should be: ${fault}`);
  return `a video after ${seconds.toFixed(1)} s, and it looks as it should`;
}

/** Stops the GPU worker in the middle of a video, and starts it again. @returns what to tell people */
export async function checkHandOver(service: ComposeService): Promise<string> {
  const api = await service.address('api', 8080);
  const { id } = await ask<Video>(`${api}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(LONG),
  });
  const reached = await untilVideo(api, id, ({ step }) => (step ?? 0) >= STOP_AT_STEP);
  const seconds = await service.stop('gpu-worker');
  const { exitCode } = await service.container('gpu-worker');
  if (exitCode !== 0) throw new Error(`gpu-worker was stopped at step ${reached.step} and ended with ${exitCode}`);
  await service.start('gpu-worker');
  await untilVideo(api, id, ({ status }) => status === 'completed');
  const share = await ask<{ path: string }>(`${api}/v1/videos/${id}/share`, { method: 'POST' });
  const shown = await fetch(`${api}${share.path}`);
  if (!shown.ok) throw new Error(`a share link is answered with ${shown.status}`);

  const lines = (await service.log('gpu-worker')).split('\n').filter((line) => line.includes(id));
  const of = (message: string, field: string) =>
    lines
      .map((line) => JSON.parse(line) as Record<string, string | number>)
      .filter(({ msg }) => msg === message)
      .map((entry) => entry[field]);
  const handedOver = of('Handed over', 'checkpointStep');
  const from = of('Generating', 'resumedFromStep');
  if (handedOver.length !== 1 || from.length !== 2 || from[1] !== handedOver[0]) {
    throw new Error(`handed over at steps ${handedOver.join(', ')}, begun at ${from.join(', ')}:\n${lines.join('\n')}`);
  }
  return `gpu-worker stopped at step ${handedOver[0]} of ${LONG.num_inference_steps} within ${seconds.toFixed(1)} s, and the video went on from there`;
}

/** Prometheus reads every process, and knows the alerts. */
export async function checkPrometheus(service: ComposeService): Promise<void> {
  const prometheus = await service.address('prometheus', 9090);
  for (const end = Date.now() + 60_000; ; await sleep(1_000)) {
    const { data } = await ask<{ data: { activeTargets: Scraped[] } }>(`${prometheus}/api/v1/targets`);
    const down = data.activeTargets.filter(({ health }) => health !== 'up');
    if (data.activeTargets.length > 0 && down.length === 0) break;
    if (Date.now() < end) continue;
    throw new Error(
      `Prometheus does not read ${down.map(({ scrapeUrl, lastError }) => `${scrapeUrl}: ${lastError}`).join('; ')}`,
    );
  }
  const { data } = await ask<{ data: { groups: object[] } }>(`${prometheus}/api/v1/rules`);
  if (data.groups.length === 0) throw new Error('Prometheus knows no alerts');
}

/** Every container ends by itself when it is told to. @returns what to tell people */
export async function checkStop(service: ComposeService): Promise<string> {
  const took: string[] = [];
  for (const name of OURS.toReversed()) {
    const seconds = await service.stop(name);
    const { exitCode } = await service.container(name);
    if (exitCode !== 0) throw new Error(`${name} was stopped, and ended with ${exitCode}`);
    took.push(`${name} ${seconds.toFixed(1)} s`);
  }
  return `stopped: ${took.join(', ')}`;
}

interface Video {
  id: string;
  status: string;
  step: number | null;
  error: { message: string } | null;
}
interface Scraped {
  health: string;
  scrapeUrl: string;
  lastError: string;
}

async function untilVideo(api: string, id: string, holds: (video: Video) => boolean): Promise<Video> {
  for (const end = Date.now() + VIDEO_S * 1000; ; await sleep(POLL_MS)) {
    const video = await ask<Video>(`${api}/v1/videos/${id}`);
    if (holds(video)) return video;
    if (video.status === 'failed') throw new Error(`${id} failed: ${video.error?.message}`);
    if (Date.now() > end) throw new Error(`${id} is ${video.status} at step ${video.step} after ${VIDEO_S} s`);
  }
}

async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
