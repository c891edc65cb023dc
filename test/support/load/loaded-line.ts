/**
 * Workers of an API under load, in a process of their own: the real workflow, and GPUs that are stand-ins, which report a
 * step every 50 ms and never finish. They have machines of their own elsewhere, so here they come after what is loaded.
 */
import { setPriority } from 'node:os';
import { NativeConnection } from '@temporalio/worker';
import { LocalStore } from '../../../storage/local.ts';
import { silenceWorkers, StandInLine, untilCancelled } from '../stand-in-line.ts';

/** What is in the making at the same time. */
const GPUS = 8;

setPriority(10);
silenceWorkers();
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
// Nothing is ever finished.
const line = new StandInLine(connection, new LocalStore('/nowhere'));
let step = 0;
line.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: step++ % 60, steps: 64 }));
await line.startCpuWorker();
await line.startGpuWorker(GPUS);
process.stdout.write(`${JSON.stringify({ msg: 'Workers started' })}\n`);
