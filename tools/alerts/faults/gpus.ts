import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Fault } from '../harness/fault.ts';
import type { AlertHarness } from '../harness/harness.ts';

/**
 * A folder with a program `nvidia-smi` that says what a GPU of such a temperature would. Nobody can heat a GPU for a
 * check, least of all where there is none.
 */
async function nvidiaSmi(harness: AlertHarness, celsius: number): Promise<string> {
  const folder = join(harness.stack.folder, 'bin');
  await mkdir(folder, { recursive: true });
  const says = `0, NVIDIA H100 80GB HBM3, 97, 70000, 81559, ${celsius}`;
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  return folder;
}

/** A model folder that nothing comes out of, as on a network file system that hangs. */
async function hangingFolder(harness: AlertHarness): Promise<string> {
  const folder = join(harness.stack.folder, 'hanging-model');
  await mkdir(folder, { recursive: true });
  await promisify(execFile)('mkfifo', ['-m', '600', join(folder, 'profile.json')]).catch(() => {});
  return folder;
}

/** A second GPU worker that is not well. */
export const GPU_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraGpuHot',
    what: "a second GPU worker's nvidia-smi (a stand-in) says 91 °C while its weights load",
    begin: async (harness) =>
      harness.startSpareWorker({
        MODEL_DIR: await hangingFolder(harness),
        DEVICES: 'cuda:0',
        PATH: [await nvidiaSmi(harness, 91), process.env['PATH']].join(delimiter),
      }),
  },
  {
    alert: 'KinoraGpuWorkerNotReady',
    what: 'the weights of a second GPU worker are on a file system that hangs',
    pace: { hours: 300, minutes: 300, seconds: 60 },
    begin: async (harness) => harness.startSpareWorker({ MODEL_DIR: await hangingFolder(harness) }),
  },
];
