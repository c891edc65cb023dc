import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Worker } from '@temporalio/worker';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { temporalEnv } from '../../temporal/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import { connectClient } from '../../temporal/connection.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { type CollectedSpan, startTraceCollector, type TraceCollector } from '../support/servers/trace-collector.ts';
import { LONG_SHAPE, WholeService } from '../../tools/harness/services/whole-service.ts';
import { silenceWorkers } from '../../tools/harness/services/worker-pool.ts';

const MARKER = `marker${randomBytes(8).toString('hex')}`;
/** Of the caller, as a W3C `traceparent` has it. */
const TRACE = randomBytes(16).toString('hex');
const SMALL = {
  prompt: `a red ${MARKER} moving right`,
  negative_prompt: MARKER,
  width: 64,
  height: 64,
  num_frames: 7,
  num_inference_steps: 5,
};

let collector: TraceCollector;
let kinora: WholeService;
let videoId: string;

beforeAll(async () => {
  collector = await startTraceCollector();
  kinora = await WholeService.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' });
  videoId = (await kinora.create(SMALL, { traceparent: `00-${TRACE}-${randomBytes(8).toString('hex')}-01` })).id;
  await kinora.completed(videoId);
});
afterAll(async () => {
  await kinora?.stop();
  await collector?.close();
});

async function spans(...names: string[]): Promise<CollectedSpan[]> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
    const found = names.map((name) => collector.spans.find((span) => span.traceId === TRACE && span.name === name));
    if (found.every((span) => span !== undefined)) return found;
  }
  throw new Error(`${names.join(', ')} are not all among ${collector.spans.map(({ name }) => name).join(', ')}`);
}

/** Names from a span up to the request of the caller. */
function pathOf(span: CollectedSpan): string[] {
  const parent = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent ? [...pathOf(parent), span.name] : [span.name];
}

describe('an operator who looks for where the time of a video went', () => {
  it('finds one trace, from the request through the workflow to the phases on the device', async () => {
    const workflow = ['POST /videos', 'StartWorkflow:generateVideo', 'RunWorkflow:generateVideo'];
    const generate = [...workflow, 'StartActivity:generate', 'RunActivity:generate'];
    const paths = [
      [...workflow, 'StartActivity:validate', 'RunActivity:validate'],
      [...generate, 'text encoding'],
      [...generate, 'denoising'],
      [...generate, 'decoding'],
      [...workflow, 'StartActivity:encode', 'RunActivity:encode'],
      [...workflow, 'StartActivity:upload', 'RunActivity:upload'],
    ];
    await spans(...new Set(paths.flat()));
    const leaves = await spans(...paths.map((path) => path.at(-1)!));
    expect(leaves.map(pathOf)).toEqual(paths);
    expect(leaves.map(({ service }) => service)).toEqual(
      ['cpu', 'gpu', 'gpu', 'gpu', 'cpu', 'cpu'].map((name) => `kinora-${name}-worker`),
    );
  });

  it('sees the phases one after the other, and every step', async () => {
    const [text, denoising, decoding] = await spans('text encoding', 'denoising', 'decoding');
    expect([denoising!.startTimeUnixNano, decoding!.startTimeUnixNano]).toEqual([
      text!.endTimeUnixNano,
      denoising!.endTimeUnixNano,
    ]);
    expect(JSON.stringify(denoising).match(/"kinora.step"/g)).toHaveLength(SMALL.num_inference_steps);
  });

  it('finds the trace of a line in the log', async () => {
    const lines = await kinora.log('gpu-worker', videoId);
    expect(lines.find(({ msg }) => msg === 'Generating')!['trace_id']).toBe(TRACE);
  });

  it('reads no prompt, and nothing of those who only look', async () => {
    expect(collector.text()).toContain(videoId);
    expect(collector.text()).not.toContain(MARKER);
    expect(collector.spans.filter(({ name }) => /^GET|Describe/.test(name))).toEqual([]);
  });

  it('may switch tracing off while videos are being made', async () => {
    const log = createLogger('test', 'silent');
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: kinora.temporalAddress });
    const client = await connectClient(config, { log });
    const history = await client.workflow.getHandle(videoId).fetchHistory();
    await client.connection.close();
    silenceWorkers();
    await Worker.runReplayHistory({ workflowBundle: { codePath: await workflowBundle(log) } }, history, videoId);
  });

  it('sees where a video was stopped', async () => {
    const { id } = await kinora.create({ ...SMALL, ...LONG_SHAPE });
    await kinora.until(id, ({ phase }) => phase === 'denoising');
    await kinora.cancel(id);
    const stopped = () => collector.spans.find(({ name, status }) => name === 'denoising' && status?.code === 2);
    // It ends later than what it is made of.
    const run = () => collector.spans.find(({ spanId }) => spanId === stopped()?.parentSpanId);
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end && !run(); await pause());
    expect(run()).toMatchObject({ name: 'RunActivity:generate' });
    expect(collector.text()).not.toContain(MARKER);
  });
});
