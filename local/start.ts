/** `npm start`: the whole service on this machine, until Ctrl-C. */
import { basename } from 'node:path';
import { readConfig } from '../platform/config/config.ts';
import { runProcess } from '../platform/process/run-process.ts';
import { standardOutput } from '../platform/log/standard-output.ts';
import { localEnv } from './config.ts';
import { startService } from './service.ts';
import { stopSignal } from './stop-signal.ts';

async function main(): Promise<number> {
  const stop = stopSignal();
  const config = readConfig(localEnv);
  const output = standardOutput((count) => `(${count} lines that could not be written are lost.)`);
  const say = (line: string) => output.write(`${line}\n`);
  say('Starting Temporal, the API and both workers …');
  // Nothing that is under way then is waited for: what it has started ends with this process.
  stop.onSecond(() => process.exit(1));
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
