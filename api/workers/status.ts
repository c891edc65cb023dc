import { z } from 'zod';
import { type WorkerStatus, workerStatusSchema } from '../../contract/worker-status.ts';

/** A worker. Values that it does not report are null. */
const workerSchema = workerStatusSchema
  .omit({ ready: true, completed: true, failed: true })
  .extend({
    id: z.string().meta({ example: 'gpu-worker 4711@host' }),
    object: z.literal('worker'),
    host: z.string().nullable(),
    pid: z.int().nullable(),
    task_queue: z.string(),
    last_seen_at: z
      .int()
      .meta({ description: 'When it last polled for work or reported its status, in Unix seconds.' }),
    ready: z.boolean().nullable().meta({ description: 'Accepts work.' }),
    completed: z.int().nullable().meta({ description: 'Completed attempts since its start.' }),
    failed: z.int().nullable().meta({ description: 'Failed attempts since its start.' }),
  })
  .meta({ id: 'Worker' });

export type WorkerObject = z.infer<typeof workerSchema>;

export const workerListSchema = z
  .strictObject({ object: z.literal('list'), data: z.array(workerSchema) })
  .meta({ id: 'WorkerList' });

/** What came of asking a worker: its answer; `gone` where nothing listens any more; null where it is unknown. */
export type StatusAnswer = WorkerStatus | 'gone' | null;

/** A worker answers in milliseconds; one that does not must not hold others up. */
const TIMEOUT_MS = 1_000;
/** A status takes a kilobyte or two. */
const MOST_BYTES = 65_536;

/** @param url `http://address:port` of its health port */
export async function fetchStatus(url: string): Promise<StatusAnswer> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${url}/status`, { signal, redirect: 'error' });
    if (!response.ok || response.body === null) return null;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      if ((bytes += chunk.length) > MOST_BYTES) return null;
    }
    const parsed = workerStatusSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return code === 'ECONNREFUSED' ? 'gone' : null;
  }
}
