/** `npm run demo -- "prompt"`: starts the service on free ports, makes one video, writes it into the current folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { readConfig } from '../platform/config/config.ts';
import { PortInUseError, freePorts } from '../platform/http/ports.ts';
import { runProcess } from '../platform/process/run-process.ts';
import { type LocalConfig, localEnv } from './config.ts';
import { typedPath } from '../platform/config/typed-path.ts';
import { ProgressLine } from './progress-line.ts';
import { type Service, startService } from './service.ts';
import { type StopSignal, stopSignal } from './stop-signal.ts';
import { type Video, VideoClient } from './video-client.ts';
import { saveUnderFreeName, slugOf } from './video-file.ts';

const EXAMPLE = 'a red circle moving left on a white background';

/** Of this process so far, in which packages were installed and sources compiled too where that was missing. */
const SET_UP_S = process.uptime();

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const prompt = process.argv.slice(2).join(' ').trim() || EXAMPLE;
  const stop = stopSignal();
  const dataDir = await mkdtemp(join(tmpdir(), 'kinora-demo-'));
  let keepData = false;
  let made = false;
  try {
    say(`Prompt: ${prompt}`);
    say('Starting Temporal, the API and both workers …');
    const service = await startOnFreePorts(dataDir, stop);
    if (service === null) return EXIT_INTERRUPTED;
    stop.onSecond(() => service.kill());
    try {
      say('Until the video is there:');
      say(`  API           ${service.apiUrl}/v1/videos\n  Temporal UI   ${service.uiUrl}\n  Data          ${dataDir}`);
      const video = await makeVideo(service, prompt, stop);
      if (video === null) return EXIT_INTERRUPTED;
      if (video.status === 'failed') {
        keepData = true;
        say(`The video failed (${video.error?.code}): ${video.error?.message}\nLogs: ${join(dataDir, 'logs')}`);
        return 1;
      }
      const path = await saveUnderFreeName(typedPath('.'), `${slugOf(prompt)}-seed-${video.seed}`, (file) =>
        new VideoClient(service.apiUrl).download(video.id, file),
      );
      say(`\nWrote ${relative(typedPath('.'), path)}: ${video.size} pixels, ${video.seconds} s, seed ${video.seed}.`);
      say(`  File          ${path}`);
      const ofIt = SET_UP_S < 3 ? '' : `, ${Math.round(SET_UP_S)} s of it to install and compile`;
      say(`The whole took ${Math.round(process.uptime())} s${ofIt}.`);
      made = true;
      return 0;
    } catch (error) {
      keepData = true;
      say(`Logs: ${join(dataDir, 'logs')}`);
      throw error;
    } finally {
      say('Stopping …');
      await service.stop();
    }
  } finally {
    if (!keepData) await rm(dataDir, { recursive: true, force: true });
    if (made) sayWhatNext();
  }
}

function sayWhatNext(): void {
  const { MODEL_DIR } = localEnv.pick({ MODEL_DIR: true }).parse(process.env);
  say('The service has ended, and what it kept is deleted. `npm start` starts one that stays:');
  say('  its page at http://localhost:8080, its API at http://localhost:8080/v1/videos.');
  if (basename(MODEL_DIR) !== 'mochi-tiny') return;
  say(
    'This was mochi-tiny, a small model that knows moving shapes in a few colours and nothing else. The big one, Mochi 1:',
  );
  say('  `npm run models:pull -- genmo/mochi-1-preview`, then docs/gpus.md.');
}

/** As a shell says it of a command that was ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

/** Null where Ctrl-C came first. */
async function startOnFreePorts(dataDir: string, stop: StopSignal): Promise<Service | null> {
  for (let attempt = 1; ; attempt++) {
    const [api, temporal, ui] = await freePorts(3);
    const config: LocalConfig = readConfig(localEnv.omit({ SCRATCH_URL: true, ARTEFACTS_URL: true }), {
      ...process.env,
      API_HOST: '127.0.0.1',
      // It has one user.
      API_KEYS_FILE: '',
      API_PORT: String(api),
      API_STANDBY: 'false',
      TEMPORAL_PORT: String(temporal),
      TEMPORAL_UI_PORT: String(ui),
      DATA_DIR: dataDir,
    });
    try {
      return await startService(config, say, stop.signal);
    } catch (error) {
      if (stop.signal.aborted) return null;
      // Another process was faster.
      if (!(error instanceof PortInUseError) || attempt === 3) throw error;
    }
  }
}

/** The finished or failed video; null where Ctrl-C came first, and the job was cancelled. */
async function makeVideo(service: Service, prompt: string, stop: StopSignal): Promise<Video | null> {
  const interrupted = stop.first.then(() => null);
  if ((await Promise.race([service.ready.then(() => 'ready'), interrupted])) === null) return null;
  const client = new VideoClient(service.apiUrl);
  const { id } = await client.create(prompt);
  const line = new ProgressLine(process.stdout);
  try {
    return await Promise.race([client.finished(id, (video) => line.show(video), stop.signal), service.failed]);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    line.end();
    say('Cancelling the video …');
    await client.cancel(id);
    return null;
  } finally {
    line.end();
  }
}

await runProcess(main);
