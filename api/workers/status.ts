import { type WorkerStatus, workerStatusSchema } from '../../contract/worker-status.ts';

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
