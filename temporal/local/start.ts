/** `npm start`: the whole service on this machine, until Ctrl-C. */
import { basename } from 'node:path';
import { readConfig } from '../config.ts';
import { runProcess } from '../process.ts';
import { localEnv } from './config.ts';
import { startService } from './service.ts';
import { stopSignal } from './stop-signal.ts';

async function main(): Promise<number> {
  const config = readConfig(localEnv);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const stop = stopSignal();
  say('Starting Temporal, the API and both workers …');
  const service = await startService(config, say, stop.signal).catch((error: unknown) => {
    if (stop.signal.aborted) return null;
    throw error;
  });
  if (service === null) return 0;
  stop.onSecond(() => service.kill());
  try {
    const outcome = await Promise.race([service.ready.then(() => 'ready'), stop.first]);
    if (outcome === 'ready') {
      say(
        [
          '',
          'Kinora is up.',
          `  Page          ${service.apiUrl}`,
          `  API           ${service.apiUrl}/v1/videos`,
          `  Temporal UI   ${service.uiUrl}`,
          `  Model         ${basename(config.MODEL_DIR)} (${config.MODEL_DIR})`,
          `  Data          ${config.DATA_DIR}  (videos in artefacts/, logs in logs/)`,
          '',
          'Ask for a video:',
          `  curl ${service.apiUrl}/v1/videos -H 'content-type: application/json' \\`,
          `    -d '{"prompt": "a red circle moving left on a white background"}'`,
          '',
          'Ctrl-C stops everything.',
        ].join('\n'),
      );
    }
    await Promise.race([service.failed, stop.first]);
    say('Stopping …');
    return 0;
  } finally {
    await service.stop();
    say('Stopped.');
  }
}

await runProcess(main);
