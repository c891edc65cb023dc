/**
 * Workers of an API under load, in a process of their own: the real workflow, and GPUs that are stand-ins, which report a
 * step as often as an H100 comes a step of Mochi further, or rather more, and never finish.
 */
import { NativeConnection } from '@temporalio/worker';
import { HEARTBEAT_INTERVAL_MS } from '../../gpu-worker/generate/heartbeat.ts';
import { LocalStore } from '../../storage/local.ts';
import { StandInWorkers, untilCancelled } from '../harness/services/stand-in-workers.ts';
import { silenceWorkers } from '../harness/services/worker-pool.ts';

/** What is in the making at the same time. */
const GPUS = 8;

silenceWorkers();
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
// Nothing is ever finished.
const workers = new StandInWorkers(connection, new LocalStore('/nowhere'));
let step = 0;
workers.generate = (_input, beat) =>
  untilCancelled(() => beat({ phase: 'denoising', step: step++ % 60, steps: 64 }), HEARTBEAT_INTERVAL_MS.first);
await workers.startCpuWorker();
await workers.startGpuWorker(GPUS);
process.stdout.write(`${JSON.stringify({ msg: 'Workers started' })}\n`);
